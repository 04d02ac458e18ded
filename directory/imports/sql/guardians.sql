-- Responsible persons: differences of links, then their profile and schools, which follow from the
-- links that there will be. Only children who are present give a right. Whoever leaves, or had left,
-- keeps what they had: it is looked at again on the day they come back.
--
-- makes   add_link: links to add
-- makes   del_link: links to delete
-- makes   foreign_link: links of pupils with guardians of whom this delivery does not speak
-- makes   future_link: links that these guardians will have
-- makes   g_affiliation: schools of these guardians
-- makes   guardian: guardians to look at
-- makes   moved_pupil: pupils whose schools change: those of their guardians follow
-- makes   p_guardian: these guardians, and whether one of their links is legal
-- makes   upd_link: links to change
-- reads   back, covered, directory_affiliation, directory_person, directory_record,
--         directory_responsibility, elsewhere, gone_school, leaving, p_person, partly, stranded,
--         w_affiliation, w_link, woken
-- changes p_person, w_affiliation

-- step: Responsables
-- Of a pupil who is in both degrees, each degree removes the links with its own guardians.
CREATE UNLOGGED TABLE staging.foreign_link AS
SELECT x.id FROM directory_responsibility x
JOIN staging.elsewhere e ON e.person_id = x.pupil_id
LEFT JOIN directory_record r ON r.person_id = x.guardian_id AND r.degree = %(degree)s
 AND r.authority_id = %(authority)s AND r.category = {Category.GUARDIAN}
WHERE e.is_same_degree OR r.id IS NULL;

CREATE UNLOGGED TABLE staging.del_link AS
SELECT x.id, x.guardian_id, x.pupil_id FROM directory_responsibility x
JOIN staging.p_person p
  ON p.person_id = x.pupil_id AND p.category = {Category.PUPIL} AND NOT p.is_new
WHERE x.source = {Source.FEED}
  AND NOT EXISTS (SELECT 1 FROM staging.foreign_link f WHERE f.id = x.id)
  AND NOT EXISTS (
    SELECT 1 FROM staging.w_link w
    WHERE w.pupil_id = x.pupil_id AND w.guardian_id = x.guardian_id);

CREATE UNLOGGED TABLE staging.upd_link AS
SELECT x.id, w.guardian_id, w.pupil_id, w.delivered_relationship, w.delivered_level,
       w.relationship, w.level, w.is_legal, w.is_financial, w.is_contact, w.is_payer, w.is_home
FROM directory_responsibility x JOIN staging.w_link w
  ON w.pupil_id = x.pupil_id AND w.guardian_id = x.guardian_id
WHERE x.source = {Source.FEED} AND (
    x.delivered_relationship, x.delivered_level, x.relationship, x.level, x.is_legal,
    x.is_financial, x.is_contact, x.is_payer, x.is_home) IS DISTINCT FROM (
    w.delivered_relationship, w.delivered_level, w.relationship, w.level, w.is_legal,
    w.is_financial, w.is_contact, w.is_payer, w.is_home);

-- A given name that comes or goes: the right follows, though no pupil's object changed.
INSERT INTO staging.upd_link
SELECT x.id, x.guardian_id, x.pupil_id, x.delivered_relationship, x.delivered_level,
       x.relationship, x.level, {has_legal_level} AND n.has_given_name,
       x.is_financial, x.is_contact, x.is_payer, x.is_home
FROM directory_responsibility x JOIN (
    SELECT p.person_id, p.has_given_name FROM staging.p_person p
    JOIN directory_person d ON d.id = p.person_id
    WHERE p.category = {Category.GUARDIAN} AND NOT p.is_new
      AND (d.given_name <> '') <> p.has_given_name) n ON n.person_id = x.guardian_id
WHERE x.source = {Source.FEED} AND x.is_legal <> ({has_legal_level} AND n.has_given_name)
  AND NOT EXISTS (SELECT 1 FROM staging.w_link w
                  WHERE w.pupil_id = x.pupil_id AND w.guardian_id = x.guardian_id)
  AND NOT EXISTS (SELECT 1 FROM staging.del_link d WHERE d.id = x.id);

CREATE UNLOGGED TABLE staging.add_link AS
SELECT w.rid, w.guardian_id, w.pupil_id, w.delivered_relationship, w.delivered_level,
       w.relationship, w.level, w.is_legal, w.is_financial, w.is_contact, w.is_payer, w.is_home
FROM staging.w_link w WHERE NOT EXISTS (
    SELECT 1 FROM directory_responsibility x
    WHERE x.pupil_id = w.pupil_id AND x.guardian_id = w.guardian_id);

CREATE UNLOGGED TABLE staging.moved_pupil AS
SELECT p.person_id FROM staging.p_person p JOIN staging.w_affiliation w
  ON w.person_id = p.person_id
WHERE p.category = {Category.PUPIL} AND NOT p.is_new AND NOT EXISTS (
    SELECT 1 FROM directory_affiliation x
    WHERE x.person_id = w.person_id AND x.school_id = w.school_id)
UNION SELECT p.person_id FROM staging.p_person p JOIN directory_affiliation x
  ON x.person_id = p.person_id AND x.source = {Source.FEED}
WHERE p.category = {Category.PUPIL} AND NOT p.is_new AND NOT EXISTS (
    SELECT 1 FROM staging.w_affiliation w
    WHERE w.person_id = x.person_id AND w.school_id = x.school_id)
UNION SELECT person_id FROM staging.partly
UNION SELECT person_id FROM staging.woken
WHERE kind = {WaitingKind.AFFILIATION} AND category = {Category.PUPIL}
UNION SELECT person_id FROM staging.stranded WHERE profile = {Profile.PUPIL};

CREATE UNLOGGED TABLE staging.guardian AS
SELECT DISTINCT person_id FROM (
    SELECT person_id FROM staging.p_person WHERE category = {Category.GUARDIAN}
    UNION ALL SELECT guardian_id FROM staging.add_link
    UNION ALL SELECT guardian_id FROM staging.upd_link
    UNION ALL SELECT guardian_id FROM staging.del_link
    UNION ALL SELECT x.guardian_id FROM directory_responsibility x
        JOIN staging.moved_pupil m ON m.person_id = x.pupil_id
    UNION ALL SELECT x.guardian_id FROM directory_responsibility x
        JOIN staging.leaving l ON l.person_id = x.pupil_id
    UNION ALL SELECT x.guardian_id FROM directory_responsibility x
        JOIN staging.back b ON b.person_id = x.pupil_id
    UNION ALL SELECT r.person_id FROM staging.back b JOIN directory_record r
        ON r.person_id = b.person_id AND r.category = {Category.GUARDIAN}) g
WHERE NOT EXISTS (SELECT 1 FROM staging.leaving l WHERE l.person_id = g.person_id)
  AND NOT EXISTS (SELECT 1 FROM directory_person p
                  WHERE p.id = g.person_id AND p.left_at IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM staging.back b WHERE b.person_id = p.id));

CREATE UNIQUE INDEX ON staging.guardian (person_id);

ANALYZE staging.guardian;

CREATE UNLOGGED TABLE staging.future_link AS
SELECT a.guardian_id, a.pupil_id, a.is_legal FROM staging.add_link a
UNION ALL SELECT k.guardian_id, k.pupil_id, k.is_legal FROM (
    SELECT u.guardian_id, u.pupil_id, u.is_legal FROM staging.upd_link u
    UNION ALL SELECT x.guardian_id, x.pupil_id, x.is_legal FROM directory_responsibility x
    JOIN staging.guardian g ON g.person_id = x.guardian_id
    WHERE NOT EXISTS (SELECT 1 FROM staging.upd_link u WHERE u.id = x.id)
      AND NOT EXISTS (SELECT 1 FROM staging.del_link d WHERE d.id = x.id)) k
JOIN directory_person p ON p.id = k.pupil_id
WHERE NOT EXISTS (SELECT 1 FROM staging.leaving l WHERE l.person_id = k.pupil_id)
  AND (p.left_at IS NULL
       OR EXISTS (SELECT 1 FROM staging.back b WHERE b.person_id = k.pupil_id));

ANALYZE staging.future_link;

CREATE UNLOGGED TABLE staging.p_guardian AS
SELECT g.person_id, coalesce(bool_or(f.is_legal), false) AS is_legal
FROM staging.guardian g LEFT JOIN staging.future_link f ON f.guardian_id = g.person_id
GROUP BY g.person_id;

CREATE UNIQUE INDEX ON staging.p_guardian (person_id);

ANALYZE staging.p_guardian;

CREATE UNLOGGED TABLE staging.g_affiliation AS
SELECT person_id, school_id,
       CASE WHEN bool_or(is_legal) THEN {Profile.GUARDIAN} ELSE {Profile.CONTACT} END AS profile
FROM (
    SELECT f.guardian_id AS person_id, w.school_id, f.is_legal
    FROM staging.future_link f JOIN staging.w_affiliation w
      ON w.person_id = f.pupil_id AND w.profile = {Profile.PUPIL}
    UNION ALL
    SELECT f.guardian_id, x.school_id, f.is_legal
    FROM staging.future_link f JOIN directory_affiliation x
      ON x.person_id = f.pupil_id AND x.profile = {Profile.PUPIL}
    WHERE NOT EXISTS (SELECT 1 FROM staging.p_person p WHERE p.person_id = f.pupil_id)
      AND NOT EXISTS (SELECT 1 FROM staging.gone_school k WHERE k.school_id = x.school_id)
      AND NOT EXISTS (SELECT 1 FROM staging.partly q JOIN staging.covered c
          ON c.school_id = x.school_id WHERE q.person_id = f.pupil_id)
) a GROUP BY person_id, school_id;

INSERT INTO staging.w_affiliation
SELECT 0, person_id, school_id, profile, '', '', '', '' FROM staging.g_affiliation;

UPDATE staging.p_person p SET
       profile = CASE WHEN g.is_legal THEN {Profile.GUARDIAN} ELSE {Profile.CONTACT} END,
       main_school_id = a.school_id
FROM staging.p_guardian g LEFT JOIN (SELECT person_id, min(school_id) AS school_id
     FROM staging.g_affiliation GROUP BY person_id) a ON a.person_id = g.person_id
WHERE g.person_id = p.person_id AND p.category = {Category.GUARDIAN}
  AND (g.is_legal OR a.school_id IS NOT NULL);

ANALYZE staging.w_affiliation;
