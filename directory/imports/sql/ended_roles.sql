-- Roles given by hand that end with the place they were given for (decision 0026).
--
-- makes   ended_role: roles that end, and why
-- makes   removed_affiliation: schools that persons leave
-- reads   add_affiliation, covered, del_affiliation, directory_affiliation, directory_group,
--         directory_rolegrant, leaving, partly

-- step: Rôles donnés à la main
CREATE UNLOGGED TABLE staging.removed_affiliation AS
SELECT a.id, a.person_id, a.school_id FROM directory_affiliation a
JOIN staging.del_affiliation d ON d.id = a.id
UNION
SELECT a.id, a.person_id, a.school_id FROM directory_affiliation a
JOIN staging.partly p ON p.person_id = a.person_id
JOIN staging.covered c ON c.school_id = a.school_id WHERE a.source = {Source.FEED};

CREATE INDEX ON staging.removed_affiliation (person_id);

ANALYZE staging.removed_affiliation;

CREATE UNLOGGED TABLE staging.ended_role AS
SELECT r.id, {RoleEnd.LEFT} AS reason
FROM directory_rolegrant r LEFT JOIN directory_group g ON g.id = r.group_id
WHERE r.source = {Source.MANUAL} AND r.withdrawn_at IS NULL
  AND coalesce(r.school_id, g.school_id) IS NOT NULL
  AND r.person_id IN (SELECT person_id FROM staging.leaving)
UNION
SELECT r.id, {RoleEnd.MOVED}
FROM directory_rolegrant r LEFT JOIN directory_group g ON g.id = r.group_id
WHERE r.source = {Source.MANUAL} AND r.withdrawn_at IS NULL
  AND EXISTS (
    SELECT 1 FROM staging.removed_affiliation x
    WHERE x.person_id = r.person_id AND x.school_id = coalesce(r.school_id, g.school_id))
  AND NOT EXISTS (
    SELECT 1 FROM directory_affiliation a
    WHERE a.person_id = r.person_id AND a.school_id = coalesce(r.school_id, g.school_id)
      AND NOT EXISTS (SELECT 1 FROM staging.removed_affiliation x WHERE x.id = a.id))
  AND NOT EXISTS (
    SELECT 1 FROM staging.add_affiliation n
    WHERE n.person_id = r.person_id AND n.school_id = coalesce(r.school_id, g.school_id));
