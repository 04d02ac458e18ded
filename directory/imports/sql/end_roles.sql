-- In the transaction, after links and classes have changed: roles given by hand end.
--
-- reads   directory_group, directory_person, directory_rolegrant, directory_school, ended_role,
--         p_school
-- changes directory_rolegrant

-- query: of_persons
UPDATE directory_rolegrant x SET withdrawn_at = now() FROM (
    SELECT r.id, e.reason, r.role, p.uuid, s.uai
    FROM directory_rolegrant r JOIN staging.ended_role e ON e.id = r.id
    JOIN directory_person p ON p.id = r.person_id
    LEFT JOIN directory_group g ON g.id = r.group_id
    JOIN directory_school s ON s.id = coalesce(r.school_id, g.school_id)
    WHERE r.withdrawn_at IS NULL ORDER BY r.id FOR UPDATE OF r) y
WHERE x.id = y.id RETURNING y.reason, y.role, y.uai, y.uuid;

-- query: of_classes
UPDATE directory_rolegrant x SET withdrawn_at = now() FROM (
    SELECT r.id, r.role, p.uuid, s.uai
    FROM directory_rolegrant r JOIN directory_group g ON g.id = r.group_id AND NOT g.is_present
    JOIN directory_person p ON p.id = r.person_id
    JOIN directory_school s ON s.id = coalesce(r.school_id, g.school_id)
    WHERE r.source = {Source.MANUAL} AND r.withdrawn_at IS NULL
      AND g.school_id IN (SELECT school_id FROM staging.p_school)
    ORDER BY r.id FOR UPDATE OF r) y
WHERE x.id = y.id RETURNING {RoleEnd.CLASS_CLOSED}, y.role, y.uai, y.uuid;
