-- The objects of the delivery beside the records of the directory; of several with one id the
-- first stands, in a delta the last.
--
-- makes   cand: one row for each object to look at, duplicates out, with its record if there is one
-- makes   deleted: objects that a delta deletes
-- makes   doubled: ids delivered several times, with the place of the one that stands
-- reads   directory_record, in_delete, in_mef, in_person, in_structure, in_subject, unchanged
-- changes in_anomaly, unchanged

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

INSERT INTO staging.in_anomaly (rid, severity, code, external_id, category, message)
SELECT rid, {AnomalySeverity.WARNING}, {AnomalyCode.UNKNOWN_DELETED}, external_id, category,
       'Suppression d’un objet inconnu : sans effet.'
FROM staging.deleted WHERE record_id IS NULL
UNION ALL
SELECT rid, {AnomalySeverity.INFO}, {AnomalyCode.NOMENCLATURE_KEPT}, external_id, category,
       'Suppression dans une nomenclature : le libellé est gardé pour ceux qui le citent.'
FROM staging.deleted
WHERE record_id IS NOT NULL AND category IN ({Category.MEF}, {Category.SUBJECT});
