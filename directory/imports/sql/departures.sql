-- Who leaves, who leaves one school only, who comes back.
--
-- Somebody of a delivered category whose record is absent leaves only if their school is covered:
-- it has classes or pupils in this set, or had in the last one applied of the same level. Somebody
-- absent who also belongs to a school that is not covered leaves the covered ones only: their
-- record stays present, so that the other school's delivery can end it.
--
-- Run before the differences of links: parents of somebody who leaves a school follow at once.
--
-- makes   back: persons who had left and return
-- makes   covered: schools about which the delivery speaks, now or the last time
-- makes   dropped: records that disappear while another one of the same person stays
-- makes   gone: records that are absent though their category was delivered
-- makes   leaving: persons who leave
-- makes   open_school: schools with classes or pupils in this delivery
-- makes   partly: persons who leave the covered schools and stay in another one
-- makes   present_again: unchanged records that were absent the last time
-- makes   rejected_key: ids of objects that were set aside: they say nothing about who left
-- makes   stranded: schools of present persons that no structure describes any more
-- reads   cand, deleted, directory_affiliation, directory_group, directory_person,
--         directory_record, directory_responsibility, directory_school, gone_school, in_anomaly,
--         listed, multi, p_person, unchanged, w_affiliation
-- changes in_anomaly

-- step: Départs
CREATE UNLOGGED TABLE staging.rejected_key AS
SELECT DISTINCT category, external_id FROM staging.in_anomaly
WHERE severity = {AnomalySeverity.REJECTED} AND external_id <> '';

CREATE UNLOGGED TABLE staging.covered AS
SELECT school_id FROM staging.listed WHERE kind = {GroupKind.CLASS}
UNION SELECT r.school_id FROM staging.unchanged u JOIN directory_record r ON r.id = u.record_id
      WHERE u.category = {Category.STRUCTURE} AND EXISTS (
          SELECT 1 FROM directory_group g WHERE g.school_id = r.school_id
          AND g.kind = {GroupKind.CLASS} AND g.is_present AND g.source = {Source.FEED})
UNION SELECT school_id FROM staging.w_affiliation WHERE profile = {Profile.PUPIL};

INSERT INTO staging.covered SELECT s.id FROM directory_school s CROSS JOIN LATERAL (
    SELECT 1 FROM directory_affiliation a
    JOIN directory_record r ON r.person_id = a.person_id AND r.category = {Category.PUPIL}
    WHERE a.school_id = s.id AND a.profile = {Profile.PUPIL}
      AND (SELECT true FROM staging.unchanged u WHERE u.record_id = r.id LIMIT 1)
    LIMIT 1) pupil
WHERE NOT EXISTS (SELECT 1 FROM staging.covered c WHERE c.school_id = s.id)
  AND NOT EXISTS (SELECT 1 FROM staging.gone_school g WHERE g.school_id = s.id);

CREATE UNLOGGED TABLE staging.open_school AS SELECT school_id FROM staging.covered;

INSERT INTO staging.covered SELECT id FROM directory_school s
WHERE s.uai = ANY(%(covered_before)s) AND s.authority_id = %(authority)s
  AND NOT EXISTS (SELECT 1 FROM staging.covered c WHERE c.school_id = s.id);

CREATE UNLOGGED TABLE staging.gone AS
SELECT r.id AS record_id, r.person_id, r.category FROM directory_record r
WHERE r.authority_id = %(authority)s AND r.degree = %(degree)s
  AND NOT %(is_delta)s AND r.is_present AND r.person_id IS NOT NULL
  AND r.category = ANY(%(delivered)s) AND r.project IN ('', %(project)s)
  AND NOT EXISTS (SELECT 1 FROM staging.unchanged u WHERE u.record_id = r.id)
  AND NOT EXISTS (SELECT 1 FROM staging.cand c WHERE c.record_id = r.id)
  AND NOT EXISTS (SELECT 1 FROM staging.rejected_key k
                  WHERE k.category = r.category AND k.external_id = r.external_id)
UNION ALL SELECT record_id, person_id, category FROM staging.deleted
WHERE person_id IS NOT NULL AND was_present;

CREATE UNLOGGED TABLE staging.partly AS
SELECT DISTINCT g.record_id, g.person_id FROM staging.gone g
JOIN directory_affiliation a ON a.person_id = g.person_id
WHERE a.source = {Source.FEED} AND NOT %(is_delta)s
  AND NOT EXISTS (SELECT 1 FROM staging.covered c WHERE c.school_id = a.school_id)
  AND NOT EXISTS (SELECT 1 FROM staging.multi m JOIN staging.p_person p
                  ON p.person_id = m.person_id WHERE m.person_id = g.person_id);

CREATE UNLOGGED TABLE staging.leaving AS
SELECT DISTINCT g.person_id, g.category, p.main_school_id FROM staging.gone g
JOIN directory_person p ON p.id = g.person_id
WHERE p.left_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM staging.partly x WHERE x.person_id = g.person_id)
  AND (%(is_delta)s OR %(scope)s = '' OR EXISTS (
        SELECT 1 FROM directory_affiliation a JOIN staging.covered c USING (school_id)
        WHERE a.person_id = g.person_id))
  AND NOT EXISTS (SELECT 1 FROM directory_record o WHERE o.person_id = g.person_id
                  AND o.is_present
                  AND NOT EXISTS (SELECT 1 FROM staging.gone h WHERE h.record_id = o.id));

CREATE INDEX ON staging.leaving (person_id);

ANALYZE staging.leaving;

DELETE FROM staging.partly p WHERE EXISTS (SELECT 1 FROM staging.gone g
    WHERE g.person_id = p.person_id AND g.category = {Category.GUARDIAN}) OR NOT EXISTS (
    SELECT 1 FROM directory_affiliation a JOIN staging.covered c ON c.school_id = a.school_id
    WHERE a.person_id = p.person_id AND a.source = {Source.FEED});

CREATE UNLOGGED TABLE staging.dropped AS
SELECT g.record_id FROM staging.gone g JOIN staging.multi m ON m.person_id = g.person_id
WHERE (%(is_delta)s OR %(scope)s = '' AND EXISTS (
          SELECT 1 FROM staging.p_person p WHERE p.person_id = g.person_id))
  AND NOT EXISTS (SELECT 1 FROM staging.leaving l WHERE l.person_id = g.person_id)
UNION
-- Whoever is still in the other degree stays, by that record alone.
SELECT g.record_id FROM staging.gone g JOIN staging.multi m ON m.person_id = g.person_id
JOIN directory_record o ON o.person_id = g.person_id AND o.is_present AND o.degree <> %(degree)s
WHERE NOT EXISTS (SELECT 1 FROM staging.leaving l WHERE l.person_id = g.person_id);

CREATE UNLOGGED TABLE staging.back AS
SELECT DISTINCT r.person_id FROM directory_record r
JOIN directory_person p ON p.id = r.person_id
WHERE p.left_at IS NOT NULL AND (
    r.id IN (SELECT record_id FROM staging.unchanged)
    OR r.id IN (SELECT record_id FROM staging.cand))
UNION SELECT c.person_id FROM staging.cand c
JOIN directory_person p ON p.id = c.person_id
WHERE c.record_id IS NULL AND p.left_at IS NOT NULL;

CREATE UNLOGGED TABLE staging.present_again AS
SELECT record_id FROM staging.unchanged WHERE was_absent;

-- What cites a structure that is no longer described is read again when the structure comes back.
CREATE UNLOGGED TABLE staging.stranded AS
SELECT a.id AS affiliation_id, a.person_id, a.profile FROM directory_affiliation a
JOIN staging.gone_school g ON g.school_id = a.school_id
JOIN directory_person p ON p.id = a.person_id AND p.left_at IS NULL
WHERE a.source = {Source.FEED}
  AND NOT EXISTS (SELECT 1 FROM staging.leaving l WHERE l.person_id = a.person_id);

INSERT INTO staging.in_anomaly (rid, severity, code, external_id, category, message)
SELECT d.rid, {AnomalySeverity.WARNING}, {AnomalyCode.CITED_GUARDIAN_LEFT}, d.external_id,
       d.category, 'Responsable supprimé, que des élèves présents citent encore : son accès est fermé, '
       || 'le lien reste tel que livré.'
FROM staging.deleted d WHERE d.category = {Category.GUARDIAN} AND EXISTS (
    SELECT 1 FROM directory_responsibility x
    JOIN directory_person p ON p.id = x.pupil_id AND p.left_at IS NULL
    WHERE x.guardian_id = d.person_id AND x.source = {Source.FEED}
      AND NOT EXISTS (SELECT 1 FROM staging.leaving l WHERE l.person_id = x.pupil_id));
