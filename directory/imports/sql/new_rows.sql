-- In the transaction: schools, classes, groups and nomenclatures that are new.
--
-- reads   cand, directory_mef, in_mef, in_structure, p_group, p_school, p_subject
-- changes directory_group, directory_mef, directory_school, directory_subject

-- step: Création des établissements; counter: schools_created
INSERT INTO directory_school (id, uuid, authority_id, uai, name, kind_label, kind_code,
    sector, siret, street, post_box, postal_code, town, phone, fax, email,
    functional_refs, slug, search_key, is_active, is_active_by_hand, created_at)
SELECT p.school_id, gen_random_uuid(), %(authority)s, i.uai, i.name, i.kind_label,
    i.kind_code, i.sector, i.siret, i.street, i.post_box, i.postal_code, i.town, i.phone,
    i.fax, i.email, i.functional_refs,
    left(trim(both '-' from
        regexp_replace(lower(i.search_slug), '[^a-z0-9]+', '-', 'g')), 71)
        || '-' || lower(i.uai),
    i.search_key, false, false, now()
FROM staging.p_school p JOIN (SELECT *, replace(search_key, lower(uai), '') AS search_slug
    FROM staging.in_structure) i ON i.rid = p.rid
WHERE p.is_new AND p.nth = 1 ORDER BY p.school_id;

-- step: Création des classes et groupes; counter: groups_created
INSERT INTO directory_group (id, uuid, school_id, kind, code, feed_id, label, sort_key, mef_codes,
    class_codes, source, is_described, is_present)
SELECT group_id, gen_random_uuid(), school_id, kind,
    CASE feed_id WHEN '' THEN code ELSE '#' || feed_id END, feed_id, label, sort_key, mef_codes,
    class_codes, {Source.FEED}, is_listed, true
FROM staging.p_group WHERE is_new ORDER BY group_id;

-- step: Création des matières; counter: subjects_created
INSERT INTO directory_subject (id, authority_id, code, label, parent_code)
SELECT subject_id, %(authority)s, code, label, parent_code FROM staging.p_subject
WHERE is_new ORDER BY subject_id;

-- step: Création des formations
INSERT INTO directory_mef (authority_id, code, label, stat_code)
SELECT %(authority)s, i.external_id, i.label, i.stat_code
FROM staging.in_mef i JOIN staging.cand c ON c.rid = i.rid
WHERE NOT EXISTS (SELECT 1 FROM directory_mef x
                  WHERE x.authority_id = %(authority)s AND x.code = i.external_id)
ORDER BY i.external_id;
