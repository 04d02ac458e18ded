-- The objects of the delivery beside the records of the directory; of several with one id the
-- first stands, in a delta the last.
--
-- makes   cand: one row for each object to look at, duplicates out, with its record if there is one
-- makes   deleted: objects that a delta deletes
-- makes   doubled: ids delivered several times, with the place of the one that stands
-- makes   same_person: objects of persons whom the other degree knows
-- reads   directory_person, directory_record, in_delete, in_mef, in_person, in_structure,
--         in_subject, multi, unchanged
-- changes in_anomaly, multi, unchanged

-- step: Recherche des doublons
CREATE UNLOGGED TABLE staging.cand AS
SELECT i.rid, i.category, i.external_id, i.checksum, r.id AS record_id,
       r.person_id, r.school_id, coalesce(r.is_present, true) AS was_present, i.is_delete
FROM (SELECT rid, category, external_id, checksum, false AS is_delete FROM staging.in_person
      UNION ALL SELECT rid, {Category.STRUCTURE}, external_id, checksum, false FROM staging.in_structure
      UNION ALL SELECT rid, {Category.SUBJECT}, external_id, checksum, false FROM staging.in_subject
      UNION ALL SELECT rid, {Category.MEF}, external_id, checksum, false FROM staging.in_mef
      UNION ALL SELECT rid, category, external_id, ''::bytea, true FROM staging.in_delete) i
LEFT JOIN directory_record r
  ON r.authority_id = %(authority)s AND r.degree = %(degree)s
 AND r.category = i.category AND r.external_id = i.external_id;

ANALYZE staging.cand;

-- Unchanged objects are known by the number of their record; few others need comparing.
CREATE UNLOGGED TABLE staging.doubled AS
SELECT category, external_id,
       CASE WHEN %(is_delta)s THEN max(rid) ELSE min(rid) END AS stands_rid FROM (
    SELECT rid, category, external_id FROM staging.cand
    UNION ALL SELECT u.rid, u.category, u.external_id FROM staging.unchanged u
    WHERE u.record_id IN (SELECT record_id FROM staging.unchanged
                          GROUP BY record_id HAVING count(*) > 1)
       OR u.record_id IN (SELECT record_id FROM staging.cand)) k
GROUP BY category, external_id HAVING count(*) > 1;

-- step: Recherche des doublons; counter: duplicates
INSERT INTO staging.in_anomaly (rid, severity, code, external_id, category, message)
SELECT k.rid, {AnomalySeverity.REJECTED}, {AnomalyCode.DUPLICATE_ID}, k.external_id, k.category,
       'Identifiant déjà livré plus haut dans le même envoi : le premier objet est retenu.'
FROM staging.doubled d JOIN (
    SELECT rid, category, external_id FROM staging.cand
    UNION ALL SELECT rid, category, external_id FROM staging.unchanged) k
  ON k.category = d.category AND k.external_id = d.external_id AND k.rid <> d.stands_rid
WHERE NOT %(is_delta)s;

DELETE FROM staging.cand c USING staging.doubled d
WHERE c.category = d.category AND c.external_id = d.external_id AND c.rid <> d.stands_rid;

DELETE FROM staging.unchanged c USING staging.doubled d
WHERE c.category = d.category AND c.external_id = d.external_id AND c.rid <> d.stands_rid;

CREATE UNIQUE INDEX ON staging.cand (rid);

CREATE UNLOGGED TABLE staging.deleted AS
SELECT rid, category, external_id, record_id, person_id, school_id, was_present
FROM staging.cand WHERE is_delete;

DELETE FROM staging.cand WHERE is_delete;

-- step: Recherche des mêmes personnes
-- Somebody of the other degree of the same authority: an agent by id and names, a pupil who goes up
-- by INE and birth date. Anything less is for a human.
CREATE UNLOGGED TABLE staging.same_person AS
SELECT rid, min(person_id) AS person_id FROM (
    SELECT c.rid, x.id AS person_id FROM staging.cand c
    JOIN staging.in_person i ON i.rid = c.rid
    JOIN directory_record r ON r.authority_id = %(authority)s AND r.degree <> %(degree)s
     AND r.category = c.category AND r.external_id = c.external_id
    JOIN directory_person x ON x.id = r.person_id AND x.sort_key = i.sort_key
    WHERE c.category = {Category.STAFF} AND c.record_id IS NULL
      AND (x.birth_date IS NULL OR i.birth_date IS NULL OR x.birth_date = i.birth_date)
    UNION ALL
    SELECT c.rid, x.id FROM staging.cand c
    JOIN staging.in_person i ON i.rid = c.rid AND i.ine <> ''
    JOIN directory_person x ON x.ine = i.ine AND x.birth_date = i.birth_date
    JOIN directory_record r ON r.person_id = x.id AND r.authority_id = %(authority)s
     AND r.degree <> %(degree)s AND r.category = c.category
    WHERE c.category = {Category.PUPIL} AND c.record_id IS NULL) found
WHERE NOT EXISTS (SELECT 1 FROM directory_record o WHERE o.person_id = found.person_id
                  AND o.authority_id = %(authority)s AND o.degree = %(degree)s)
GROUP BY rid HAVING count(DISTINCT person_id) = 1;

DELETE FROM staging.same_person s USING (
    SELECT person_id FROM staging.same_person GROUP BY person_id HAVING count(*) > 1) d
WHERE d.person_id = s.person_id;

UPDATE staging.cand c SET person_id = s.person_id FROM staging.same_person s WHERE s.rid = c.rid;

INSERT INTO staging.multi SELECT s.person_id FROM staging.same_person s
WHERE NOT EXISTS (SELECT 1 FROM staging.multi m WHERE m.person_id = s.person_id);

INSERT INTO staging.in_anomaly (rid, severity, code, external_id, category, message)
SELECT DISTINCT ON (c.rid) c.rid, {AnomalySeverity.WARNING}, {AnomalyCode.OTHER_NAMES_SAME_ID},
       c.external_id, c.category,
       'Cet identifiant désigne quelqu’un d’autre dans l’autre degré : deux personnes, à vérifier.'
FROM staging.cand c JOIN directory_record r
  ON r.authority_id = %(authority)s AND r.degree <> %(degree)s
 AND r.category = c.category AND r.external_id = c.external_id
WHERE c.category = {Category.STAFF} AND c.person_id IS NULL;

-- step: Recherche des doublons
INSERT INTO staging.in_anomaly (rid, severity, code, external_id, category, message)
SELECT rid, {AnomalySeverity.WARNING}, {AnomalyCode.UNKNOWN_DELETED}, external_id, category,
       'Suppression d’un objet inconnu : sans effet.'
FROM staging.deleted WHERE record_id IS NULL
UNION ALL
SELECT rid, {AnomalySeverity.INFO}, {AnomalyCode.NOMENCLATURE_KEPT}, external_id, category,
       'Suppression dans une nomenclature : le libellé est gardé pour ceux qui le citent.'
FROM staging.deleted
WHERE record_id IS NOT NULL AND category IN ({Category.MEF}, {Category.SUBJECT});
