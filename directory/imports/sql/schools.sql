-- Structures and their schools: by record, else by UAI.
--
-- makes   gone_reference: the id by which people cite a school that is gone
-- makes   gone_school: schools that no structure describes any more
-- makes   gone_structure: structures that this feed described and no longer does
-- makes   p_school: structures of the delivery, with their school (new or known)
-- makes   ref_school: every structure id that the directory will know, with its school
-- reads   cand, deleted, directory_record, directory_school, in_affiliation, in_anomaly,
--         in_structure, unchanged
-- changes cand, in_anomaly

-- step: Établissements
CREATE UNLOGGED TABLE staging.p_school AS
SELECT DISTINCT ON (s.rid) s.rid, c.external_id, s.uai,
       coalesce(c.school_id, known.id) AS school_id,
       false AS is_new, known.id IS NOT NULL AND known.authority_id <> %(authority)s
            AND c.school_id IS NULL AS is_foreign,
       row_number() OVER (PARTITION BY coalesce(c.school_id::text, s.uai) ORDER BY s.rid)
            AS nth
FROM staging.in_structure s JOIN staging.cand c ON c.rid = s.rid
LEFT JOIN directory_school known ON known.uai = s.uai
ORDER BY s.rid;

INSERT INTO staging.in_anomaly (rid, severity, code, external_id, category, message)
SELECT rid, {AnomalySeverity.REJECTED}, {AnomalyCode.FOREIGN_SCHOOL}, external_id,
       {Category.STRUCTURE},
       'L’établissement ' || uai || ' est déjà alimenté par une autre autorité : écarté.'
FROM staging.p_school WHERE is_foreign;

-- Whoever is of such a school alone stays out too: without it they would belong to nobody.
INSERT INTO staging.in_anomaly (rid, severity, code, external_id, category, message)
SELECT c.rid, {AnomalySeverity.REJECTED}, {AnomalyCode.FOREIGN_SCHOOL}, c.external_id, c.category,
       'Personne d’un établissement alimenté par une autre autorité : écartée avec lui.'
FROM staging.cand c WHERE c.person_id IS NULL AND EXISTS (
    SELECT 1 FROM staging.in_affiliation a JOIN staging.p_school p
      ON p.is_foreign AND p.external_id = a.ref WHERE a.rid = c.rid)
  AND NOT EXISTS (
    SELECT 1 FROM staging.in_affiliation a LEFT JOIN staging.p_school p
      ON p.is_foreign AND p.external_id = a.ref WHERE a.rid = c.rid AND p.rid IS NULL);

DELETE FROM staging.cand c USING staging.in_anomaly f
WHERE f.rid = c.rid AND f.code = {AnomalyCode.FOREIGN_SCHOOL} AND c.category <> {Category.STRUCTURE};

DELETE FROM staging.p_school WHERE is_foreign;

INSERT INTO staging.in_anomaly (rid, severity, code, external_id, category, message)
SELECT p.rid, {AnomalySeverity.WARNING}, {AnomalyCode.UAI_DIFFERS}, p.external_id,
       {Category.STRUCTURE},
       'UAI ' || p.uai || ' au lieu de ' || x.uai || ' connue pour cet établissement : '
       || 'l’UAI connue est gardée, demandez à un exploitant.'
FROM staging.p_school p JOIN directory_school x ON x.id = p.school_id
WHERE x.uai <> p.uai;

UPDATE staging.p_school p SET is_new = true, school_id = n.id FROM (
    SELECT uai, nextval('directory_school_id_seq') AS id
    FROM staging.p_school WHERE school_id IS NULL GROUP BY uai) n
WHERE n.uai = p.uai AND p.school_id IS NULL;

UPDATE staging.p_school p SET nth = n.nth FROM (
    SELECT rid, row_number() OVER (PARTITION BY school_id ORDER BY rid) AS nth
    FROM staging.p_school) n WHERE n.rid = p.rid;

-- A structure that this feed described and no longer does: what cites it resolves no more.
CREATE UNLOGGED TABLE staging.gone_structure AS
SELECT r.id AS record_id, r.school_id FROM directory_record r
WHERE r.authority_id = %(authority)s AND r.degree = %(degree)s
  AND r.category = {Category.STRUCTURE} AND r.school_id IS NOT NULL AND r.is_present
  AND NOT %(is_delta)s AND %(scope)s = '' AND r.project IN ('', %(project)s)
  AND NOT EXISTS (SELECT 1 FROM staging.unchanged u WHERE u.record_id = r.id)
  AND NOT EXISTS (SELECT 1 FROM staging.cand c WHERE c.record_id = r.id)
  AND NOT EXISTS (SELECT 1 FROM staging.in_anomaly f
      WHERE f.severity = {AnomalySeverity.REJECTED}
        AND f.category = r.category AND f.external_id = r.external_id)
UNION ALL SELECT record_id, school_id FROM staging.deleted
WHERE category = {Category.STRUCTURE} AND school_id IS NOT NULL AND was_present;

CREATE UNLOGGED TABLE staging.gone_school AS
SELECT DISTINCT g.school_id FROM staging.gone_structure g
WHERE NOT EXISTS (SELECT 1 FROM staging.p_school p WHERE p.school_id = g.school_id)
  AND NOT EXISTS (SELECT 1 FROM directory_record r
      WHERE r.school_id = g.school_id AND r.is_present
        AND NOT EXISTS (SELECT 1 FROM staging.gone_structure h WHERE h.record_id = r.id))
  AND NOT EXISTS (SELECT 1 FROM staging.unchanged u JOIN directory_record r ON r.id = u.record_id
      WHERE u.category = {Category.STRUCTURE} AND r.school_id = g.school_id);

CREATE UNLOGGED TABLE staging.gone_reference AS
SELECT DISTINCT ON (g.school_id) g.school_id, r.external_id FROM staging.gone_structure g
JOIN staging.gone_school k ON k.school_id = g.school_id
JOIN directory_record r ON r.id = g.record_id ORDER BY g.school_id, r.id DESC;

CREATE UNLOGGED TABLE staging.ref_school AS
SELECT external_id AS ref, school_id FROM staging.p_school
UNION
SELECT r.external_id, r.school_id FROM directory_record r
WHERE r.authority_id = %(authority)s AND r.degree = %(degree)s
  AND r.category = {Category.STRUCTURE} AND r.school_id IS NOT NULL
  AND (r.is_present OR EXISTS (SELECT 1 FROM staging.unchanged u WHERE u.record_id = r.id))
  AND NOT EXISTS (SELECT 1 FROM staging.gone_structure g WHERE g.record_id = r.id)
  AND NOT EXISTS (SELECT 1 FROM staging.p_school p WHERE p.external_id = r.external_id);

CREATE UNIQUE INDEX ON staging.ref_school (ref);

ANALYZE staging.ref_school;
