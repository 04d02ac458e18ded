-- In the transaction: persons and records that are new.
--
-- The academies of a person are what the triggers of the database would write afterwards, row by
-- row; they find nothing to add. The checksum of an object with an anomaly is empty, so that it is
-- read and reported again; anomalies that depend on more than the object do not count.
--
-- reads   account_wanted, add_affiliation, cand, directory_school, in_anomaly, in_person, p_person,
--         p_school, w_affiliation
-- changes directory_person, directory_record

-- step: Création des personnes; counter: persons_created
INSERT INTO directory_person (id, uuid, profile, {person_columns}, main_school_id, login,
    access_state, source, left_at, created_at, academies)
SELECT p.person_id, p.person_uuid, p.profile, {person_columns:i}, p.main_school_id,
    coalesce(a.login, ''), coalesce(a.access_state, ''), {Source.FEED}, NULL, now(),
    coalesce(h.academies, '')
FROM staging.p_person p JOIN staging.in_person i ON i.rid = p.rid
LEFT JOIN staging.account_wanted a ON a.person_id = p.person_id
LEFT JOIN (
    SELECT w.person_id, CASE WHEN min(s.authority_id) = max(s.authority_id)
        THEN '@' || min(s.authority_id) || ' '
        ELSE (SELECT string_agg(DISTINCT '@' || t.authority_id || ' ', '')
              FROM staging.w_affiliation v JOIN directory_school t ON t.id = v.school_id
              WHERE v.person_id = w.person_id) END AS academies
    FROM staging.add_affiliation w JOIN directory_school s ON s.id = w.school_id
    GROUP BY w.person_id
) h ON h.person_id = p.person_id
WHERE p.is_new;

-- step: Création des objets du flux
INSERT INTO directory_record (authority_id, degree, category, external_id, person_id,
    school_id, project, checksum, is_present)
SELECT %(authority)s, %(degree)s, category, external_id, person_id, NULL, %(project)s,
    CASE WHEN EXISTS (
        SELECT 1 FROM staging.in_anomaly f WHERE f.rid = p.rid
          AND f.code NOT IN ({AnomalyCode.GROUP_NOT_LISTED}, {AnomalyCode.DUPLICATE_ID}))
    THEN ''::bytea ELSE p.checksum END, true
FROM staging.p_person p WHERE record_id IS NULL ORDER BY person_id;

INSERT INTO directory_record (authority_id, degree, category, external_id, person_id,
    school_id, project, checksum, is_present)
SELECT %(authority)s, %(degree)s, c.category, c.external_id, NULL, p.school_id, %(project)s,
    CASE WHEN EXISTS (
        SELECT 1 FROM staging.in_anomaly f WHERE f.rid = c.rid
          AND f.code NOT IN ({AnomalyCode.GROUP_NOT_LISTED}, {AnomalyCode.DUPLICATE_ID}))
    THEN ''::bytea ELSE c.checksum END, true
FROM staging.cand c LEFT JOIN staging.p_school p ON p.rid = c.rid
WHERE c.record_id IS NULL
  AND (p.school_id IS NOT NULL OR c.category IN ({Category.SUBJECT}, {Category.MEF}))
ORDER BY c.rid;
