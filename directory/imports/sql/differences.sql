-- Rows to add to and to delete from the link tables, for the persons of the delivery.
--
-- makes   add_affiliation: schools of persons to add
-- makes   add_membership: classes and groups of persons to add
-- makes   add_teaching: subjects taught to add
-- makes   del_affiliation: schools of persons to delete
-- makes   del_membership: classes and groups of persons to delete
-- makes   del_teaching: subjects taught to delete
-- makes   foreign_place: schools where people of both degrees are by the other one
-- makes   gone_group: classes and groups of schools that are gone
-- makes   gone_member: persons who were in them
-- reads   covered, directory_affiliation, directory_group, directory_membership, directory_person,
--         directory_teaching, elsewhere, gone_school, guardian, leaving, multi, p_person, stranded,
--         w_affiliation, w_membership, w_teaching

-- step: Différences
CREATE UNLOGGED TABLE staging.add_affiliation AS
SELECT w.* FROM staging.w_affiliation w
WHERE NOT EXISTS (
    SELECT 1 FROM directory_affiliation x
    WHERE x.person_id = w.person_id AND x.school_id = w.school_id AND x.profile = w.profile
      AND x.function_code = w.function_code AND x.post_code = w.post_code);

-- What records of pupils and staff made: the delivery must speak of all their records of this
-- degree; of people of both degrees it may say what they leave in the schools that it covers. What
-- guardians have they have through their children.
CREATE UNLOGGED TABLE staging.foreign_place AS
SELECT DISTINCT e.person_id, a.school_id FROM staging.elsewhere e
JOIN directory_affiliation a ON a.person_id = e.person_id
LEFT JOIN staging.covered c ON c.school_id = a.school_id
WHERE NOT e.is_same_degree AND c.school_id IS NULL;

CREATE UNLOGGED TABLE staging.del_affiliation AS
SELECT x.id, x.person_id FROM directory_affiliation x
WHERE x.source = {Source.FEED}
  AND (CASE WHEN x.profile IN ({Profile.GUARDIAN}, {Profile.CONTACT}) THEN x.person_id IN (
                SELECT person_id FROM staging.p_person WHERE NOT is_new
                UNION SELECT person_id FROM staging.guardian)
            ELSE x.person_id IN (
                SELECT person_id FROM staging.p_person
                WHERE NOT is_new AND category <> {Category.GUARDIAN}
                UNION SELECT p.person_id FROM staging.p_person p
                JOIN staging.multi m USING (person_id)
                EXCEPT SELECT person_id FROM staging.elsewhere WHERE is_same_degree)
                OR x.id IN (SELECT affiliation_id FROM staging.stranded) END)
  AND NOT EXISTS (
    SELECT 1 FROM staging.w_affiliation w
    WHERE w.person_id = x.person_id AND w.school_id = x.school_id AND w.profile = x.profile
      AND w.function_code = x.function_code AND w.post_code = x.post_code)
  AND (x.profile IN ({Profile.GUARDIAN}, {Profile.CONTACT}) OR NOT EXISTS (
    SELECT 1 FROM staging.foreign_place f
    WHERE f.person_id = x.person_id AND f.school_id = x.school_id));

CREATE UNLOGGED TABLE staging.add_membership AS
SELECT w.* FROM staging.w_membership w
WHERE NOT EXISTS (
    SELECT 1 FROM directory_membership x
    WHERE x.person_id = w.person_id AND x.group_id = w.group_id AND x.role = w.role);

CREATE UNLOGGED TABLE staging.gone_group AS
SELECT g.id FROM directory_group g JOIN staging.gone_school k ON k.school_id = g.school_id;

CREATE UNLOGGED TABLE staging.gone_member AS
SELECT person_id FROM directory_membership WHERE group_id IN (SELECT id FROM staging.gone_group)
UNION SELECT person_id FROM directory_teaching WHERE group_id IN (SELECT id FROM staging.gone_group);

CREATE UNLOGGED TABLE staging.del_membership AS
SELECT x.id, x.person_id, x.group_id FROM directory_membership x
WHERE x.source = {Source.FEED} AND (x.person_id IN (
    SELECT person_id FROM staging.p_person WHERE NOT is_new AND category <> {Category.GUARDIAN}
    UNION SELECT p.person_id FROM staging.p_person p JOIN staging.multi m USING (person_id)
    EXCEPT SELECT person_id FROM staging.elsewhere WHERE is_same_degree)
  OR x.group_id IN (SELECT id FROM staging.gone_group)
    AND NOT EXISTS (SELECT 1 FROM staging.leaving l WHERE l.person_id = x.person_id)
    AND NOT EXISTS (SELECT 1 FROM directory_person p
                    WHERE p.id = x.person_id AND p.left_at IS NOT NULL))
  AND NOT EXISTS (
    SELECT 1 FROM staging.w_membership w
    WHERE w.person_id = x.person_id AND w.group_id = x.group_id AND w.role = x.role)
  AND NOT EXISTS (
    SELECT 1 FROM staging.foreign_place f JOIN directory_group g ON g.school_id = f.school_id
    WHERE f.person_id = x.person_id AND g.id = x.group_id);

CREATE UNLOGGED TABLE staging.add_teaching AS
SELECT w.* FROM staging.w_teaching w
WHERE NOT EXISTS (
    SELECT 1 FROM directory_teaching x
    WHERE x.person_id = w.person_id AND x.group_id = w.group_id
      AND x.subject_id = w.subject_id);

CREATE UNLOGGED TABLE staging.del_teaching AS
SELECT x.id, x.person_id FROM directory_teaching x
WHERE x.source = {Source.FEED} AND (x.person_id IN (
    SELECT person_id FROM staging.p_person WHERE NOT is_new AND category <> {Category.GUARDIAN}
    UNION SELECT p.person_id FROM staging.p_person p JOIN staging.multi m USING (person_id)
    EXCEPT SELECT person_id FROM staging.elsewhere WHERE is_same_degree)
  OR x.group_id IN (SELECT id FROM staging.gone_group)
    AND NOT EXISTS (SELECT 1 FROM staging.leaving l WHERE l.person_id = x.person_id)
    AND NOT EXISTS (SELECT 1 FROM directory_person p
                    WHERE p.id = x.person_id AND p.left_at IS NOT NULL))
  AND NOT EXISTS (
    SELECT 1 FROM staging.w_teaching w
    WHERE w.person_id = x.person_id AND w.group_id = x.group_id
      AND w.subject_id = x.subject_id)
  AND NOT EXISTS (
    SELECT 1 FROM staging.foreign_place f JOIN directory_group g ON g.school_id = f.school_id
    WHERE f.person_id = x.person_id AND g.id = x.group_id);
