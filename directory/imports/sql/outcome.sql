-- What changes in persons, and who has a right to an account.
--
-- makes   account_wanted: persons with a right to an account; accounts fills login and state
-- makes   changed: known persons in whom something counts as a change
-- makes   losing: who stays without access: guardians not responsible, others without school
-- makes   stranger: pupils who would be somebody else: other names and another date of birth
-- makes   touched: unchanged records of persons whom other objects change
-- makes   upd_guardian: known guardians whose profile alone changes
-- makes   upd_person: known persons whose columns differ, and whether that counts as a change
-- reads   add_affiliation, add_link, add_membership, del_affiliation, del_link, del_membership,
--         directory_affiliation, directory_person, directory_record, directory_responsibility,
--         elsewhere, in_person, leaving, multi, p_guardian, p_person, unchanged, upd_link,
--         w_affiliation, woken

-- step: Différences
-- Of several records of one person, the first category of the array says who they are.
CREATE UNLOGGED TABLE staging.upd_person AS
SELECT DISTINCT ON (p.person_id) p.person_id, p.rid, x.main_school_id AS old_school_id,
       ({counted_columns:x}) IS DISTINCT FROM ({counted_columns:i})
           OR x.profile <> p.profile OR x.main_school_id IS DISTINCT FROM p.main_school_id
           AS counts_as_change
FROM staging.p_person p JOIN staging.in_person i ON i.rid = p.rid
JOIN directory_person x ON x.id = p.person_id
WHERE NOT p.is_new AND x.source = {Source.FEED} AND (
    ({person_columns:x}) IS DISTINCT FROM ({person_columns:i})
    OR x.profile <> p.profile
    OR x.main_school_id IS DISTINCT FROM p.main_school_id)
  AND NOT (p.category = {Category.GUARDIAN} AND EXISTS (
      SELECT 1 FROM staging.elsewhere e WHERE e.person_id = p.person_id AND e.is_more))
  -- Of two degrees the second says who somebody is.
  AND NOT (%(degree)s = {Degree.FIRST} AND EXISTS (
      SELECT 1 FROM staging.elsewhere e WHERE e.person_id = p.person_id AND e.is_of_second))
  AND NOT (EXISTS (SELECT 1 FROM staging.multi m WHERE m.person_id = p.person_id)
      AND EXISTS (SELECT 1 FROM staging.p_person q WHERE q.person_id = p.person_id
          AND (array_position(ARRAY[{Category.STAFF}, {Category.PUPIL}, {Category.GUARDIAN}],
                              q.category), q.rid)
              < (array_position(ARRAY[{Category.STAFF}, {Category.PUPIL}, {Category.GUARDIAN}],
                                p.category), p.rid)))
ORDER BY p.person_id, p.rid;

CREATE UNLOGGED TABLE staging.upd_guardian AS
SELECT x.id AS person_id, g.is_legal FROM staging.p_guardian g
JOIN directory_person x ON x.id = g.person_id
WHERE x.source = {Source.FEED}
  AND x.profile <> CASE WHEN g.is_legal THEN {Profile.GUARDIAN} ELSE {Profile.CONTACT} END
  AND x.profile IN ({Profile.GUARDIAN}, {Profile.CONTACT})
  AND NOT EXISTS (SELECT 1 FROM staging.p_person p WHERE p.person_id = x.id);

CREATE UNLOGGED TABLE staging.changed AS
SELECT person_id FROM staging.upd_person WHERE counts_as_change
UNION SELECT a.person_id FROM staging.add_affiliation a
      WHERE EXISTS (SELECT 1 FROM staging.p_person p
                    WHERE p.person_id = a.person_id AND NOT p.is_new)
UNION SELECT person_id FROM staging.del_affiliation
UNION SELECT a.person_id FROM staging.add_membership a
      WHERE EXISTS (SELECT 1 FROM staging.p_person p
                    WHERE p.person_id = a.person_id AND NOT p.is_new)
UNION SELECT person_id FROM staging.del_membership
UNION SELECT a.pupil_id FROM staging.add_link a
      WHERE EXISTS (SELECT 1 FROM staging.p_person p
                    WHERE p.person_id = a.pupil_id AND NOT p.is_new)
UNION SELECT pupil_id FROM staging.del_link
UNION SELECT pupil_id FROM staging.upd_link
UNION SELECT person_id FROM staging.upd_guardian;

-- Record by record: nobody has counted how few persons have changed.
CREATE UNLOGGED TABLE staging.touched AS
SELECT r.id AS record_id, r.person_id, r.category FROM (
    SELECT person_id FROM staging.changed c
    WHERE NOT EXISTS (SELECT 1 FROM staging.p_person p WHERE p.person_id = c.person_id)
    OFFSET 0) c CROSS JOIN LATERAL (
    SELECT id, person_id, category FROM directory_record o
    WHERE o.person_id = c.person_id
      AND (SELECT true FROM staging.unchanged u WHERE u.record_id = o.id LIMIT 1)
    OFFSET 0) r;

CREATE UNLOGGED TABLE staging.stranger AS
SELECT x.id AS person_id, p.category, x.main_school_id
FROM staging.upd_person u
JOIN staging.p_person p ON p.rid = u.rid AND p.category = {Category.PUPIL}
JOIN staging.in_person i ON i.rid = u.rid JOIN directory_person x ON x.id = u.person_id
WHERE x.left_at IS NULL AND x.birth_date <> i.birth_date
  AND x.family_name <> i.family_name AND x.given_name <> i.given_name;

CREATE UNLOGGED TABLE staging.losing AS
SELECT * FROM staging.stranger
UNION
SELECT x.id AS person_id, {Category.GUARDIAN}::text AS category, x.main_school_id
FROM staging.p_guardian g JOIN directory_person x ON x.id = g.person_id
WHERE NOT g.is_legal AND x.profile = {Profile.GUARDIAN} AND x.source = {Source.FEED}
  AND x.left_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM staging.leaving l WHERE l.person_id = x.id)
  -- Who follows a child who leaves: the child is counted.
  AND NOT EXISTS (SELECT 1 FROM directory_responsibility k
                  JOIN staging.leaving l ON l.person_id = k.pupil_id
                  WHERE k.guardian_id = x.id AND k.is_legal)
UNION
SELECT x.id, CASE WHEN x.profile = {Profile.PUPIL} THEN {Category.PUPIL} ELSE {Category.STAFF} END,
    x.main_school_id
FROM (SELECT DISTINCT person_id FROM staging.del_affiliation) d
JOIN directory_person x ON x.id = d.person_id
WHERE x.source = {Source.FEED} AND x.left_at IS NULL
  AND x.profile NOT IN ({Profile.GUARDIAN}, {Profile.CONTACT})
  AND NOT EXISTS (SELECT 1 FROM staging.add_affiliation a WHERE a.person_id = x.id)
  AND NOT EXISTS (SELECT 1 FROM directory_affiliation a WHERE a.person_id = x.id
      AND NOT EXISTS (SELECT 1 FROM staging.del_affiliation e WHERE e.id = a.id));

-- step: Comptes à créer
CREATE UNLOGGED TABLE staging.account_wanted AS
SELECT DISTINCT ON (p.person_id) p.person_id, p.person_uuid, p.is_new, p.rid,
       i.login_base, p.category = {Category.STAFF} AS is_academic,
       ''::text AS login, ''::text AS access_state
FROM staging.p_person p JOIN staging.in_person i ON i.rid = p.rid
WHERE (p.category <> {Category.GUARDIAN} OR p.profile = {Profile.GUARDIAN})
  AND EXISTS (SELECT 1 FROM staging.w_affiliation a WHERE a.person_id = p.person_id)
ORDER BY p.person_id, p.rid;

INSERT INTO staging.account_wanted
SELECT x.id, x.uuid, false, 0, '', false, '', '' FROM staging.p_guardian g
JOIN directory_person x ON x.id = g.person_id
WHERE g.is_legal AND NOT EXISTS (SELECT 1 FROM staging.p_person p WHERE p.person_id = x.id)
  AND EXISTS (SELECT 1 FROM staging.w_affiliation a WHERE a.person_id = x.id);

INSERT INTO staging.account_wanted
SELECT DISTINCT x.id, x.uuid, false, 0, '', k.category = {Category.STAFF}, '', ''
FROM staging.woken k JOIN directory_person x ON x.id = k.person_id
WHERE k.kind = {WaitingKind.AFFILIATION} AND k.category <> {Category.GUARDIAN}
  AND NOT EXISTS (SELECT 1 FROM staging.account_wanted w WHERE w.person_id = x.id);

CREATE UNIQUE INDEX ON staging.account_wanted (person_id);

ANALYZE staging.account_wanted;
