-- In the transaction: rows that exist, in the order of their number, so that two writers never lock
-- crosswise; links by difference.
--
-- reads   add_membership, back, cand, covered, del_affiliation, del_link, del_membership,
--         del_teaching, directory_affiliation, directory_group, directory_membership,
--         directory_person, directory_record, directory_school, directory_subject,
--         directory_teaching, dropped, g_affiliation, gone, gone_group, gone_member,
--         gone_reference, gone_school, gone_structure, in_anomaly, in_mef, in_person, in_structure,
--         kept_affiliation, kept_membership, kept_teaching, leaving, listed, not_found,
--         open_school, p_group, p_guardian, p_person, p_school, p_subject, partly, present_again,
--         removed_affiliation, replaced_waiting, stranded, unchanged, upd_guardian, upd_link,
--         upd_person, w_affiliation, woken
-- changes directory_affiliation, directory_group, directory_mef, directory_membership,
--         directory_person, directory_record, directory_responsibility, directory_rolegrant,
--         directory_school, directory_subject, directory_teaching, directory_waitingreference

-- step: Références en attente
DELETE FROM directory_waitingreference WHERE id IN (
    SELECT id FROM staging.replaced_waiting UNION SELECT id FROM staging.woken);

INSERT INTO directory_waitingreference (record_id, kind, ref, said)
SELECT r.id, n.kind, n.ref, n.said
FROM staging.not_found n JOIN staging.p_person p ON p.rid = n.rid
JOIN directory_record r ON r.authority_id = %(authority)s AND r.degree = %(degree)s
 AND r.category = p.category AND r.external_id = p.external_id;

-- step: Références en attente; needs known
-- What people had in a school that nobody describes any more waits for it to be described again.
INSERT INTO directory_waitingreference (record_id, kind, ref, said)
SELECT r.id, {WaitingKind.AFFILIATION}, g.external_id, to_jsonb(v)
FROM directory_affiliation a JOIN staging.gone_reference g ON g.school_id = a.school_id
CROSS JOIN LATERAL (SELECT a.profile, a.function_code, a.function_label, a.post_code,
                           a.post_label) v
JOIN directory_record r ON r.person_id = a.person_id AND r.category IN ({Category.PUPIL},
    {Category.STAFF}) AND r.authority_id = %(authority)s AND r.degree = %(degree)s
LEFT JOIN staging.cand c ON c.record_id = r.id
LEFT JOIN staging.kept_affiliation said ON said.affiliation_id = a.id
WHERE a.source = {Source.FEED} AND (c.rid IS NULL OR said.rid IS NOT NULL)
UNION ALL
SELECT r.id, {WaitingKind.MEMBERSHIP}, g.external_id, to_jsonb(v)
FROM directory_membership m JOIN directory_group k ON k.id = m.group_id
JOIN staging.gone_reference g ON g.school_id = k.school_id
CROSS JOIN LATERAL (SELECT k.kind, {feed_code:k} AS code, m.role,
    CASE k.feed_id WHEN '' THEN '' ELSE k.label END AS label, k.sort_key) v
JOIN directory_record r ON r.person_id = m.person_id AND r.category IN ({Category.PUPIL},
    {Category.STAFF}) AND r.authority_id = %(authority)s AND r.degree = %(degree)s
LEFT JOIN staging.cand c ON c.record_id = r.id
LEFT JOIN staging.kept_membership said ON said.membership_id = m.id
WHERE m.source = {Source.FEED} AND (c.rid IS NULL OR said.rid IS NOT NULL)
UNION ALL
SELECT r.id, {WaitingKind.TEACHING}, g.external_id, to_jsonb(v)
FROM directory_teaching t JOIN directory_group k ON k.id = t.group_id
JOIN directory_subject b ON b.id = t.subject_id
JOIN staging.gone_reference g ON g.school_id = k.school_id
CROSS JOIN LATERAL (SELECT k.kind, {feed_code:k} AS code, b.code AS subject) v
JOIN directory_record r ON r.person_id = t.person_id AND r.category = {Category.STAFF}
    AND r.authority_id = %(authority)s AND r.degree = %(degree)s
LEFT JOIN staging.cand c ON c.record_id = r.id
LEFT JOIN staging.kept_teaching said ON said.teaching_id = t.id
WHERE t.source = {Source.FEED} AND (c.rid IS NULL OR said.rid IS NOT NULL);

-- step: Retrait des liens disparus
DELETE FROM directory_responsibility x USING (SELECT id FROM staging.del_link ORDER BY id) d
WHERE x.id = d.id;

DELETE FROM directory_affiliation x USING (SELECT id FROM staging.del_affiliation ORDER BY id) d
WHERE x.id = d.id;

DELETE FROM directory_membership x USING (SELECT id FROM staging.del_membership ORDER BY id) d
WHERE x.id = d.id;

DELETE FROM directory_teaching x USING (SELECT id FROM staging.del_teaching ORDER BY id) d
WHERE x.id = d.id;

DELETE FROM directory_affiliation a USING staging.partly p, staging.covered c
WHERE a.person_id = p.person_id AND a.school_id = c.school_id AND a.source = {Source.FEED};

DELETE FROM directory_membership m USING staging.partly p, staging.covered c, directory_group g
WHERE m.person_id = p.person_id AND m.group_id = g.id AND g.school_id = c.school_id
  AND m.source = {Source.FEED};

DELETE FROM directory_teaching m USING staging.partly p, staging.covered c, directory_group g
WHERE m.person_id = p.person_id AND m.group_id = g.id AND g.school_id = c.school_id
  AND m.source = {Source.FEED};

-- Teachers attached by hand to classes of a school that they leave.
DELETE FROM directory_membership m USING directory_group g, (
    SELECT DISTINCT r.person_id, r.school_id FROM staging.removed_affiliation r
    WHERE NOT EXISTS (SELECT 1 FROM directory_affiliation a
        WHERE a.person_id = r.person_id AND a.school_id = r.school_id)) gone
WHERE m.person_id = gone.person_id AND g.id = m.group_id AND g.school_id = gone.school_id
  AND m.source = {Source.MANUAL} AND m.ends_on IS NOT NULL;

-- step: Rôles des chefs d’établissement; counter: heads_withdrawn
DELETE FROM directory_rolegrant r
WHERE r.source = {Source.FEED} AND r.role = {Role.SCHOOL_ADMINISTRATOR}
  AND r.withdrawn_at IS NULL AND r.person_id IN (
      SELECT person_id FROM staging.del_affiliation UNION SELECT person_id FROM staging.partly)
  AND NOT EXISTS (SELECT 1 FROM directory_affiliation a
    WHERE a.person_id = r.person_id AND a.school_id = r.school_id
      AND a.profile = {Profile.HEAD});

-- step: Mise à jour des établissements; counter: schools_updated
UPDATE directory_school x SET name = i.name, kind_label = i.kind_label,
    kind_code = i.kind_code, sector = i.sector, siret = i.siret, street = i.street,
    post_box = i.post_box, postal_code = i.postal_code, town = i.town, phone = i.phone,
    fax = i.fax, email = i.email, functional_refs = i.functional_refs,
    search_key = replace(i.search_key, lower(i.uai), lower(x.uai))
FROM staging.p_school p JOIN staging.in_structure i ON i.rid = p.rid
WHERE x.id = p.school_id AND NOT p.is_new AND p.nth = 1
  AND (x.name, x.kind_label, x.kind_code, x.sector, x.siret, x.street, x.post_box,
       x.postal_code, x.town, x.phone, x.fax, x.email, x.functional_refs, x.search_key)
      IS DISTINCT FROM
      (i.name, i.kind_label, i.kind_code, i.sector, i.siret, i.street, i.post_box,
       i.postal_code, i.town, i.phone, i.fax, i.email, i.functional_refs,
       replace(i.search_key, lower(i.uai), lower(x.uai)));

-- step: Mise à jour des établissements; counter: schools_opened
UPDATE directory_school x SET is_active = true
FROM staging.open_school o WHERE x.id = o.school_id AND NOT x.is_active;

-- step: Mise à jour des classes et groupes; counter: groups_updated
UPDATE directory_group x SET label = p.label, sort_key = p.sort_key,
    mef_codes = p.mef_codes, class_codes = p.class_codes, is_described = true, is_present = true
FROM staging.p_group p
WHERE x.id = p.group_id AND NOT p.is_new AND p.is_listed AND x.source = {Source.FEED}
  AND (x.label, x.sort_key, x.mef_codes::text[], x.class_codes::text[], x.is_described,
       x.is_present) IS DISTINCT FROM (p.label, p.sort_key, p.mef_codes, p.class_codes, true, true);

-- step: Mise à jour des classes et groupes; needs known
UPDATE directory_group x SET is_described = false
FROM (SELECT school_id FROM staging.p_school WHERE nth = 1 AND NOT is_new
      UNION SELECT school_id FROM staging.gone_school) p
WHERE x.school_id = p.school_id AND x.source = {Source.FEED} AND x.is_described
  AND NOT EXISTS (SELECT 1 FROM staging.listed l
      WHERE l.school_id = x.school_id AND l.kind = x.kind AND l.code = x.code);

-- step: Mise à jour des classes et groupes; counter: groups_closed; needs known
UPDATE directory_group x SET is_present = false
FROM (SELECT g.id FROM directory_group g JOIN staging.p_school p
          ON p.school_id = g.school_id AND p.nth = 1 AND NOT p.is_new
      UNION SELECT id FROM staging.gone_group
      UNION SELECT group_id FROM staging.del_membership
      UNION SELECT m.group_id FROM directory_membership m
          JOIN staging.leaving l ON l.person_id = m.person_id) c
WHERE x.id = c.id AND x.source = {Source.FEED} AND x.is_present AND NOT x.is_described
  AND NOT EXISTS (SELECT 1 FROM directory_membership m
      JOIN directory_person p ON p.id = m.person_id AND p.left_at IS NULL
      WHERE m.group_id = x.id AND m.source = {Source.FEED}
        AND NOT EXISTS (SELECT 1 FROM staging.leaving l WHERE l.person_id = m.person_id));

-- step: Mise à jour des classes et groupes; counter: groups_reopened
UPDATE directory_group x SET is_present = true FROM (
    SELECT group_id FROM staging.add_membership
    UNION SELECT m.group_id FROM staging.back b JOIN directory_membership m USING (person_id)
    ) g
WHERE x.id = g.group_id AND NOT x.is_present AND x.source = {Source.FEED};

-- step: Mise à jour des classes et groupes; counter: groups_renamed
UPDATE directory_group x SET label = p.label, sort_key = p.sort_key
FROM staging.p_group p
WHERE x.id = p.group_id AND NOT p.is_new AND p.is_named AND x.source = {Source.FEED}
  AND (x.label, x.sort_key) IS DISTINCT FROM (p.label, p.sort_key);

-- step: Mise à jour des classes et groupes
-- What people read as a class of the first degree is its label, with its id where two share it. Names
-- may change places: all that change are put aside first.
UPDATE directory_group x SET code = '#' || x.feed_id
FROM (SELECT g.id, CASE
          WHEN g.is_present AND NOT EXISTS (SELECT 1 FROM directory_group o
              WHERE o.school_id = g.school_id AND o.kind = g.kind AND o.feed_id = ''
                AND o.code = left(g.label, 40))
              AND count(*) FILTER (WHERE g.is_present) OVER (
                  PARTITION BY g.school_id, g.kind, left(g.label, 40)) = 1
          THEN left(g.label, 40)
          ELSE left(g.label, 37 - length(g.feed_id)) || ' (' || g.feed_id || ')' END AS code
      FROM directory_group g JOIN directory_school s ON s.id = g.school_id
      WHERE s.authority_id = %(authority)s AND g.feed_id <> '') n
WHERE x.id = n.id AND x.code <> n.code AND %(degree)s = {Degree.FIRST};

UPDATE directory_group x SET code = n.code
FROM (SELECT g.id, CASE
          WHEN g.is_present AND NOT EXISTS (SELECT 1 FROM directory_group o
              WHERE o.school_id = g.school_id AND o.kind = g.kind AND o.feed_id = ''
                AND o.code = left(g.label, 40))
              AND count(*) FILTER (WHERE g.is_present) OVER (
                  PARTITION BY g.school_id, g.kind, left(g.label, 40)) = 1
          THEN left(g.label, 40)
          ELSE left(g.label, 37 - length(g.feed_id)) || ' (' || g.feed_id || ')' END AS code
      FROM directory_group g JOIN directory_school s ON s.id = g.school_id
      WHERE s.authority_id = %(authority)s AND g.feed_id <> '') n
WHERE x.id = n.id AND x.code <> n.code AND %(degree)s = {Degree.FIRST};

-- step: Mise à jour des nomenclatures
UPDATE directory_subject x SET label = p.label, parent_code = p.parent_code
FROM staging.p_subject p
WHERE x.id = p.subject_id AND p.is_described AND NOT p.is_new
  AND (x.label, x.parent_code) IS DISTINCT FROM (p.label, p.parent_code);

UPDATE directory_mef x SET label = i.label, stat_code = i.stat_code
FROM staging.in_mef i JOIN staging.cand c ON c.rid = i.rid
WHERE x.authority_id = %(authority)s AND x.code = i.external_id
  AND (x.label, x.stat_code) IS DISTINCT FROM (i.label, i.stat_code);

-- step: Mise à jour des liens; needs known
UPDATE directory_responsibility x SET
    delivered_relationship = u.delivered_relationship, delivered_level = u.delivered_level,
    relationship = u.relationship, level = u.level,
    is_legal = u.is_legal, is_financial = u.is_financial, is_contact = u.is_contact,
    is_payer = u.is_payer, is_home = u.is_home
FROM (SELECT * FROM staging.upd_link ORDER BY id) u WHERE x.id = u.id;

-- step: Mise à jour des liens; needs known
UPDATE directory_affiliation x SET function_label = w.function_label,
    post_label = w.post_label
FROM staging.w_affiliation w
WHERE x.person_id = w.person_id AND x.school_id = w.school_id AND x.profile = w.profile
  AND x.function_code = w.function_code AND x.post_code = w.post_code
  AND x.source = {Source.FEED} AND w.rid > 0
  AND (x.function_label, x.post_label) IS DISTINCT FROM (w.function_label, w.post_label);

-- step: Mise à jour des personnes; needs known
UPDATE directory_person x SET ({person_columns}, profile, main_school_id) =
    ({person_columns:i}, i.new_profile, i.new_school_id)
FROM (SELECT i.*, p.person_id, p.profile AS new_profile, p.main_school_id AS new_school_id
      FROM staging.upd_person u JOIN staging.in_person i ON i.rid = u.rid
      JOIN staging.p_person p ON p.rid = u.rid ORDER BY p.person_id) i
WHERE x.id = i.person_id;

-- step: Mise à jour des personnes; needs known
UPDATE directory_person x SET profile = CASE WHEN u.is_legal THEN {Profile.GUARDIAN}
    ELSE {Profile.CONTACT} END
FROM (SELECT * FROM staging.upd_guardian ORDER BY person_id) u WHERE x.id = u.person_id;

-- step: Mise à jour des personnes; needs known
-- Parents follow their children, also those whose own record did not change.
UPDATE directory_person x SET main_school_id = a.school_id
FROM (SELECT person_id, min(school_id) AS school_id FROM staging.g_affiliation
      GROUP BY person_id ORDER BY person_id) a
WHERE x.id = a.person_id AND x.source = {Source.FEED}
  AND x.profile IN ({Profile.GUARDIAN}, {Profile.CONTACT})
  AND NOT EXISTS (SELECT 1 FROM staging.g_affiliation k
      WHERE k.person_id = x.id AND k.school_id = x.main_school_id);

-- step: Mise à jour des personnes; needs known
UPDATE directory_person x SET main_school_id = NULL
FROM (SELECT g.person_id FROM staging.p_guardian g
      WHERE NOT EXISTS (SELECT 1 FROM staging.g_affiliation k WHERE k.person_id = g.person_id)
      ORDER BY 1) g
WHERE x.id = g.person_id AND x.source = {Source.FEED} AND x.main_school_id IS NOT NULL
  AND x.profile IN ({Profile.GUARDIAN}, {Profile.CONTACT});

-- step: Mise à jour des personnes; needs known
UPDATE directory_person x SET main_school_id = a.school_id
FROM (SELECT s.person_id, min(f.school_id) AS school_id
      FROM (SELECT DISTINCT person_id FROM staging.stranded) s
      LEFT JOIN directory_affiliation f ON f.person_id = s.person_id
      GROUP BY s.person_id ORDER BY 1) a
WHERE x.id = a.person_id AND x.source = {Source.FEED}
  AND x.main_school_id IN (SELECT school_id FROM staging.gone_school);

-- step: Mise à jour des personnes; needs known
UPDATE directory_person x SET main_school_id = a.school_id
FROM (SELECT k.person_id, min(f.school_id) AS school_id
      FROM (SELECT DISTINCT person_id FROM staging.woken
            WHERE kind = {WaitingKind.AFFILIATION}) k
      JOIN directory_affiliation f ON f.person_id = k.person_id
      GROUP BY k.person_id ORDER BY 1) a
WHERE x.id = a.person_id AND x.source = {Source.FEED} AND x.main_school_id IS NULL;

-- step: Mise à jour des objets du flux; needs known
UPDATE directory_record SET is_present = false, checksum = ''::bytea
WHERE id IN (SELECT record_id FROM staging.gone_structure);

-- step: Mise à jour des objets du flux; needs known
-- Whatever cites a structure that is gone is read again each time, until it resolves.
UPDATE directory_record SET checksum = ''::bytea
WHERE checksum <> ''::bytea AND person_id IN (
    SELECT person_id FROM staging.stranded
    UNION SELECT a.person_id FROM directory_affiliation a
          JOIN staging.gone_school k ON k.school_id = a.school_id
    UNION SELECT person_id FROM staging.gone_member);

-- step: Mise à jour des objets du flux; needs known
UPDATE directory_record SET project = %(project)s
WHERE id IN (SELECT record_id FROM staging.unchanged WHERE is_of_another);

-- step: Mise à jour des objets du flux; counter: records_updated
UPDATE directory_record x SET checksum = c.checksum, is_present = true, project = %(project)s
FROM (SELECT c.record_id, CASE WHEN EXISTS (
              SELECT 1 FROM staging.in_anomaly f WHERE f.rid = c.rid
                AND f.code NOT IN ({AnomalyCode.GROUP_NOT_LISTED}, {AnomalyCode.DUPLICATE_ID}))
          THEN ''::bytea ELSE c.checksum END AS checksum
      FROM staging.cand c WHERE c.record_id IS NOT NULL ORDER BY c.record_id) c
WHERE x.id = c.record_id
  AND (x.checksum <> c.checksum OR NOT x.is_present OR x.project <> %(project)s);

-- step: Départs et retours
UPDATE directory_record x SET is_present = true FROM staging.present_again p
WHERE x.id = p.record_id;

UPDATE directory_record x SET is_present = g.is_elsewhere,
    checksum = CASE WHEN g.is_read_again THEN ''::bytea ELSE x.checksum END
FROM (SELECT record_id, false AS is_elsewhere, false AS is_read_again FROM staging.gone g
      JOIN staging.leaving l ON l.person_id = g.person_id
      UNION SELECT record_id, true, true FROM staging.partly
          WHERE record_id NOT IN (SELECT record_id FROM staging.dropped)
      UNION SELECT record_id, false, true FROM staging.dropped ORDER BY 1) g
WHERE x.id = g.record_id;

-- step: Départs et retours; counter: left
UPDATE directory_person x SET left_at = now()
FROM (SELECT person_id FROM staging.leaving ORDER BY person_id) l
WHERE x.id = l.person_id AND x.left_at IS NULL;

-- step: Départs et retours; counter: returned
UPDATE directory_person x SET left_at = NULL
FROM (SELECT person_id FROM staging.back ORDER BY person_id) b WHERE x.id = b.person_id;

-- step: Mise à jour des établissements; counter: schools_closed
UPDATE directory_school x SET is_active = false
FROM (SELECT school_id FROM staging.covered UNION SELECT school_id FROM staging.removed_affiliation
      UNION SELECT school_id FROM staging.p_school
      UNION SELECT a.school_id FROM directory_affiliation a
            JOIN staging.leaving l ON l.person_id = a.person_id) c
WHERE x.id = c.school_id AND x.is_active AND NOT x.is_active_by_hand
  AND NOT EXISTS (SELECT 1 FROM directory_group g WHERE g.school_id = x.id
      AND g.kind = {GroupKind.CLASS} AND g.is_described AND g.is_present
      AND g.source = {Source.FEED})
  AND NOT EXISTS (SELECT 1 FROM directory_affiliation a
      JOIN directory_person p ON p.id = a.person_id AND p.left_at IS NULL
      WHERE a.school_id = x.id AND a.profile = {Profile.PUPIL});
