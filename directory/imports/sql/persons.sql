-- Persons, with their number and UUID already drawn when they are new.
--
-- makes   elsewhere: those with a record of which this delivery does not speak: they lose nothing
-- makes   p_person: persons of the delivery: number, UUID, profile, main school, new or known
-- makes   ref_guardian: guardians that links may name, of the delivery or known
-- reads   cand, directory_person, directory_record, in_anomaly, in_kept, in_link, in_person, multi,
--         ref_school
-- changes in_anomaly

-- step: Personnes
CREATE UNLOGGED TABLE staging.p_person WITH (fillfactor = 70) AS
SELECT i.rid, c.category, c.external_id, c.checksum, c.record_id, c.was_present,
       coalesce(c.person_id, nextval('directory_person_id_seq')) AS person_id,
       CASE WHEN c.person_id IS NULL THEN gen_random_uuid() END AS person_uuid,
       c.person_id IS NULL AS is_new,
       i.profile, m.school_id AS main_school_id, i.given_name <> '' AS has_given_name
FROM (SELECT rid, profile, given_name, main_ref FROM staging.in_person ORDER BY rid) i
JOIN staging.cand c ON c.rid = i.rid
LEFT JOIN staging.ref_school m ON m.ref = i.main_ref;

CREATE UNIQUE INDEX ON staging.p_person (rid);

UPDATE staging.p_person p SET main_school_id = x.main_school_id
FROM staging.in_kept k, directory_person x
WHERE k.rid = p.rid AND k.what IN ({Kept.MAIN}, {Kept.FUNCTIONS}) AND NOT p.is_new AND x.id = p.person_id;

CREATE INDEX ON staging.p_person (person_id);

ANALYZE staging.p_person;

CREATE UNLOGGED TABLE staging.elsewhere AS
SELECT r.person_id, bool_or(r.category <> {Category.GUARDIAN}) AS is_more,
       bool_or(r.authority_id = %(authority)s AND r.degree = %(degree)s) AS is_same_degree,
       bool_or(r.degree = {Degree.SECOND} AND r.category <> {Category.GUARDIAN}) AS is_of_second
FROM directory_record r JOIN staging.multi m ON m.person_id = r.person_id
WHERE r.is_present AND NOT EXISTS (SELECT 1 FROM staging.cand c WHERE c.record_id = r.id)
  AND (%(is_delta)s OR NOT (r.authority_id = %(authority)s AND r.degree = %(degree)s)
       OR r.category <> ALL(%(delivered)s) OR %(scope)s <> ''
       OR r.project NOT IN ('', %(project)s)
       OR EXISTS (SELECT 1 FROM staging.in_anomaly f WHERE f.severity = {AnomalySeverity.REJECTED}
                  AND f.category = r.category AND f.external_id = r.external_id))
GROUP BY r.person_id;

CREATE UNLOGGED TABLE staging.ref_guardian AS
SELECT external_id, person_id, has_given_name FROM staging.p_person
WHERE category = {Category.GUARDIAN}
UNION ALL
SELECT r.external_id, r.person_id, p.given_name <> ''
FROM directory_record r JOIN directory_person p ON p.id = r.person_id
WHERE r.authority_id = %(authority)s AND r.degree = %(degree)s
  AND r.category = {Category.GUARDIAN}
  AND r.external_id IN (SELECT guardian FROM staging.in_link)
  AND NOT EXISTS (SELECT 1 FROM staging.cand c WHERE c.record_id = r.id);

CREATE INDEX ON staging.ref_guardian (external_id);

ANALYZE staging.ref_guardian;

-- step: Personnes
INSERT INTO staging.in_anomaly (rid, severity, code, external_id, category, message)
SELECT i.rid, {AnomalySeverity.WARNING}, {AnomalyCode.INE_TWICE}, p.external_id, p.category,
       'INE ' || i.ine || ' porté par deux élèves de cet envoi : l’un des deux est à corriger.'
FROM staging.in_person i JOIN staging.p_person p ON p.rid = i.rid
JOIN (SELECT ine FROM staging.in_person WHERE ine <> '' GROUP BY ine
      HAVING count(DISTINCT external_id) > 1) d ON d.ine = i.ine;

-- step: Personnes; needs known
-- « LIMIT 1 » asks the index for each pupil: joined, the many persons without INE spoil the
-- planner's count of matches, and every pupil met every other.
INSERT INTO staging.in_anomaly (rid, severity, code, external_id, category, message)
SELECT i.rid, {AnomalySeverity.WARNING}, {AnomalyCode.INE_TWICE}, p.external_id, p.category,
       'INE ' || i.ine || ' déjà porté par un autre élève de l’annuaire : l’un des deux est à '
       || 'corriger.'
FROM staging.in_person i JOIN staging.p_person p ON p.rid = i.rid
CROSS JOIN LATERAL (
    SELECT true FROM directory_person x
    WHERE x.ine = i.ine AND x.ine <> '' AND x.id <> p.person_id AND x.left_at IS NULL
      AND EXISTS (SELECT 1 FROM directory_record r
                  WHERE r.person_id = x.id AND r.authority_id = %(authority)s)
      AND NOT EXISTS (SELECT 1 FROM staging.p_person q WHERE q.person_id = x.id)
    LIMIT 1) another
WHERE i.ine <> '';
