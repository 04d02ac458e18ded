-- What the feed wants for the persons of the delivery: schools, classes, subjects, responsible
-- persons. An import adds and removes rows of the feed only, never what was added by hand.
--
-- makes   kept_affiliation: schools that objects of a delta do not name, and that stay
-- makes   kept_membership: classes and groups likewise
-- makes   kept_teaching: subjects taught likewise
-- makes   listed: classes and groups that structures describe
-- makes   p_group: classes and groups, with their number (new or known)
-- makes   p_subject: subjects, with their number (new or known)
-- makes   w_affiliation: wanted schools, with profile and function
-- makes   w_link: wanted links with responsible persons: facts, and the right that follows
-- makes   w_member: wanted classes and groups, by their code
-- makes   w_membership: wanted classes and groups, by their number
-- makes   w_teach: wanted subjects taught, by their code
-- makes   w_teaching: wanted subjects taught, by their number
-- reads   cand, directory_affiliation, directory_group, directory_membership, directory_person,
--         directory_responsibility, directory_subject, directory_teaching, gone_school,
--         in_affiliation, in_group, in_kept, in_link, in_membership, in_subject, in_teaching,
--         multi, not_found, p_person, p_school, ref_guardian, ref_school, woken
-- changes in_anomaly, p_person

-- step: Rattachements
CREATE UNLOGGED TABLE staging.w_affiliation AS
SELECT DISTINCT ON (p.person_id, rs.school_id, a.profile, a.function_code, a.post_code)
       p.rid, p.person_id, rs.school_id, a.profile, a.function_code, a.function_label,
       a.post_code, a.post_label
FROM staging.in_affiliation a JOIN staging.p_person p ON p.rid = a.rid
JOIN staging.ref_school rs ON rs.ref = a.ref
ORDER BY p.person_id, rs.school_id, a.profile, a.function_code, a.post_code, p.rid;

-- What an object of a delta does not name stays, but in a school that the same delta takes away.
CREATE UNLOGGED TABLE staging.kept_affiliation AS
SELECT DISTINCT a.id AS affiliation_id, p.rid, p.person_id, a.school_id, a.profile,
       a.function_code, a.function_label, a.post_code, a.post_label
FROM staging.in_kept k JOIN staging.p_person p ON p.rid = k.rid AND NOT p.is_new
JOIN directory_affiliation a ON a.person_id = p.person_id AND a.source = {Source.FEED}
WHERE p.category = {Category.STAFF}
      AND a.profile NOT IN ({Profile.PUPIL}, {Profile.GUARDIAN}, {Profile.CONTACT})
      AND (k.what = {Kept.FUNCTIONS} OR k.what = {Kept.HEAD} AND a.profile = {Profile.HEAD}
                                    AND a.post_code = '')
   OR p.category = {Category.PUPIL} AND a.profile = {Profile.PUPIL}
      AND (k.what = {Kept.MAIN} AND a.school_id = p.main_school_id OR EXISTS (
           SELECT 1 FROM directory_membership m JOIN directory_group g ON g.id = m.group_id
           WHERE m.person_id = p.person_id AND m.source = {Source.FEED}
             AND g.school_id = a.school_id AND k.what = 'member:' || g.kind));

INSERT INTO staging.w_affiliation
SELECT a.rid, a.person_id, a.school_id, a.profile, a.function_code, a.function_label,
       a.post_code, a.post_label
FROM staging.kept_affiliation a
WHERE NOT EXISTS (SELECT 1 FROM staging.gone_school k WHERE k.school_id = a.school_id)
  AND NOT EXISTS (SELECT 1 FROM staging.w_affiliation w WHERE w.person_id = a.person_id
      AND w.school_id = a.school_id AND w.profile = a.profile
      AND w.function_code = a.function_code AND w.post_code = a.post_code);

UPDATE staging.p_person SET main_school_id = NULL
WHERE main_school_id IN (SELECT school_id FROM staging.gone_school);

INSERT INTO staging.w_affiliation
SELECT DISTINCT ON (k.person_id, rs.school_id, v.profile, v.function_code, v.post_code)
       0, k.person_id, rs.school_id, v.profile, v.function_code, v.function_label,
       v.post_code, v.post_label
FROM staging.woken k JOIN staging.ref_school rs ON rs.ref = k.ref
CROSS JOIN LATERAL jsonb_to_record(k.said) AS v(profile text, function_code text,
    function_label text, post_code text, post_label text)
WHERE k.kind = {WaitingKind.AFFILIATION} AND NOT EXISTS (
    SELECT 1 FROM staging.w_affiliation w WHERE w.person_id = k.person_id
      AND w.school_id = rs.school_id AND w.profile = v.profile
      AND w.function_code = v.function_code AND w.post_code = v.post_code)
ORDER BY k.person_id, rs.school_id, v.profile, v.function_code, v.post_code, k.id;

CREATE INDEX ON staging.w_affiliation (person_id);

ANALYZE staging.w_affiliation;

INSERT INTO staging.in_anomaly (rid, severity, code, external_id, category, message)
SELECT DISTINCT n.rid, {AnomalySeverity.WARNING}, {AnomalyCode.UNKNOWN_SCHOOL}, p.external_id,
       p.category, 'Établissement ' || left(n.ref, 40)
       || ' absent du fichier des établissements : rattachement laissé de côté.'
FROM staging.not_found n JOIN staging.p_person p ON p.rid = n.rid
WHERE n.kind <> {WaitingKind.LINK};

UPDATE staging.p_person p SET main_school_id = w.school_id FROM (
    SELECT person_id, min(school_id) AS school_id FROM staging.w_affiliation
    GROUP BY person_id) w
WHERE p.main_school_id IS NULL AND w.person_id = p.person_id;

-- step: Classes et groupes
CREATE UNLOGGED TABLE staging.w_member AS
SELECT p.rid, p.person_id, p.external_id, p.category, rs.school_id, m.kind, m.code, m.role,
       m.label, m.sort_key
FROM staging.in_membership m JOIN staging.p_person p ON p.rid = m.rid
JOIN staging.ref_school rs ON rs.ref = m.ref;

CREATE UNLOGGED TABLE staging.w_teach AS
SELECT p.rid, p.person_id, rs.school_id, t.kind, t.code, t.subject
FROM staging.in_teaching t JOIN staging.p_person p ON p.rid = t.rid
JOIN staging.ref_school rs ON rs.ref = t.ref;

-- A class comes from its own attribute or from a subject taught there: both are known apart.
CREATE UNLOGGED TABLE staging.kept_membership AS
SELECT DISTINCT m.id AS membership_id, p.rid, p.person_id, p.external_id, p.category, g.school_id,
       g.kind, {feed_code:g} AS code, m.role, ''::text AS label, ''::text AS sort_key
FROM staging.in_kept k JOIN staging.p_person p ON p.rid = k.rid AND NOT p.is_new
JOIN directory_membership m ON m.person_id = p.person_id AND m.source = {Source.FEED}
JOIN directory_group g ON g.id = m.group_id
CROSS JOIN LATERAL (SELECT EXISTS (
    SELECT 1 FROM directory_teaching t WHERE t.person_id = m.person_id
      AND t.group_id = m.group_id AND t.source = {Source.FEED}) AS is_of_subject) s
WHERE k.what = {Kept.PRINCIPAL} AND m.role = {MembershipRole.MAIN_TEACHER}
   OR m.role <> {MembershipRole.MAIN_TEACHER}
      AND k.what = CASE WHEN is_of_subject THEN 'teaching:' ELSE 'member:' END || g.kind;

INSERT INTO staging.w_member
SELECT m.rid, m.person_id, m.external_id, m.category, m.school_id, m.kind, m.code, m.role, m.label,
       m.sort_key
FROM staging.kept_membership m
WHERE NOT EXISTS (SELECT 1 FROM staging.gone_school k WHERE k.school_id = m.school_id);

CREATE UNLOGGED TABLE staging.kept_teaching AS
SELECT DISTINCT t.id AS teaching_id, p.rid, p.person_id, g.school_id, g.kind,
       {feed_code:g} AS code, b.code AS subject
FROM staging.in_kept k JOIN staging.p_person p ON p.rid = k.rid AND NOT p.is_new
JOIN directory_teaching t ON t.person_id = p.person_id AND t.source = {Source.FEED}
JOIN directory_group g ON g.id = t.group_id AND k.what = 'teaching:' || g.kind
JOIN directory_subject b ON b.id = t.subject_id;

INSERT INTO staging.w_teach
SELECT t.rid, t.person_id, t.school_id, t.kind, t.code, t.subject FROM staging.kept_teaching t
WHERE NOT EXISTS (SELECT 1 FROM staging.gone_school k WHERE k.school_id = t.school_id);

INSERT INTO staging.w_member
SELECT 0, k.person_id, k.external_id, k.category, rs.school_id, v.kind, v.code, v.role,
       coalesce(v.label, ''), coalesce(v.sort_key, '')
FROM staging.woken k JOIN staging.ref_school rs ON rs.ref = k.ref
CROSS JOIN LATERAL jsonb_to_record(k.said) AS v(kind text, code text, role text,
    label text, sort_key text)
WHERE k.kind = {WaitingKind.MEMBERSHIP};

INSERT INTO staging.w_teach
SELECT 0, k.person_id, rs.school_id, v.kind, v.code, v.subject
FROM staging.woken k JOIN staging.ref_school rs ON rs.ref = k.ref
CROSS JOIN LATERAL jsonb_to_record(k.said) AS v(kind text, code text, subject text)
WHERE k.kind = {WaitingKind.TEACHING};

CREATE UNLOGGED TABLE staging.listed AS
SELECT DISTINCT ON (s.school_id, g.kind, g.code) s.school_id, g.kind, g.code, g.label,
       g.sort_key, g.mef_codes, g.class_codes
FROM staging.in_group g JOIN staging.p_school s ON s.rid = g.rid
ORDER BY s.school_id, g.kind, g.code, g.rid;

INSERT INTO staging.listed
SELECT g.school_id, g.kind, {feed_code:g}, g.label, g.sort_key, g.mef_codes::text[],
       g.class_codes::text[]
FROM staging.in_kept k JOIN staging.p_school s ON s.rid = k.rid
JOIN directory_group g ON g.school_id = s.school_id AND g.kind = k.what
WHERE g.is_described AND g.is_present AND g.source = {Source.FEED};

CREATE UNIQUE INDEX ON staging.listed (school_id, kind, code);

-- In the first degree the pupils say the label: of several for one id the last by name stands.
CREATE UNLOGGED TABLE staging.p_group AS
SELECT w.school_id, w.kind, w.code, coalesce(l.label, w.said[2], '') AS label,
       coalesce(l.sort_key, w.said[1], lower(w.code)) AS sort_key,
       CASE WHEN %(degree)s = {Degree.FIRST} THEN w.code ELSE '' END AS feed_id,
       l.code IS NULL AND w.said IS NOT NULL AS is_named,
       coalesce(l.mef_codes, '{}') AS mef_codes,
       coalesce(l.class_codes, '{}') AS class_codes,
       l.code IS NOT NULL AS is_listed, g.id IS NULL AS is_new,
       coalesce(g.id, nextval('directory_group_id_seq')) AS group_id
FROM (SELECT school_id, kind, code,
             max(ARRAY[sort_key, label]) FILTER (WHERE label <> '') AS said
      FROM (SELECT school_id, kind, code, '' AS sort_key, '' AS label FROM staging.listed
            UNION ALL SELECT school_id, kind, code, sort_key, label FROM staging.w_member
            UNION ALL SELECT school_id, kind, code, '', '' FROM staging.w_teach) cited
      GROUP BY school_id, kind, code) w
LEFT JOIN staging.listed l USING (school_id, kind, code)
LEFT JOIN directory_group g
  ON g.school_id = w.school_id AND g.kind = w.kind AND {feed_code:g} = w.code;

CREATE UNIQUE INDEX ON staging.p_group (school_id, kind, code);

ANALYZE staging.p_group;

INSERT INTO staging.in_anomaly (rid, severity, code, external_id, category, message)
SELECT DISTINCT ON (m.school_id, m.kind, m.code) m.rid, {AnomalySeverity.INFO},
       {AnomalyCode.GROUP_NOT_LISTED}, m.external_id, m.category,
       CASE m.kind WHEN {GroupKind.CLASS} THEN 'Classe ' ELSE 'Groupe ' END || m.code
       || ' absent(e) de la description de l’établissement : créé(e) ou rouvert(e) d’après '
       || 'les élèves et les enseignants.'
FROM staging.w_member m JOIN staging.p_group g USING (school_id, kind, code)
WHERE m.rid > 0 AND NOT g.is_listed AND g.feed_id = '' AND (g.is_new OR EXISTS (
    SELECT 1 FROM directory_group x WHERE x.id = g.group_id AND NOT x.is_present))
ORDER BY m.school_id, m.kind, m.code, m.rid;

CREATE UNLOGGED TABLE staging.w_membership AS
SELECT DISTINCT m.person_id, g.group_id, m.role
FROM staging.w_member m JOIN staging.p_group g USING (school_id, kind, code);

CREATE INDEX ON staging.w_membership (person_id);

CREATE UNLOGGED TABLE staging.p_subject AS
SELECT w.code, w.label, w.parent_code, w.is_described, s.id IS NULL AS is_new,
       coalesce(s.id, nextval('directory_subject_id_seq')) AS subject_id
FROM (SELECT code, max(label) AS label, max(parent_code) AS parent_code,
             bool_or(is_described) AS is_described
      FROM (SELECT c.external_id AS code, i.label, i.parent_code, i.label <> '' AS is_described
            FROM staging.in_subject i JOIN staging.cand c ON c.rid = i.rid
            UNION ALL SELECT subject, '', '', false FROM staging.w_teach) u
      GROUP BY code) w
LEFT JOIN directory_subject s ON s.authority_id = %(authority)s AND s.code = w.code;

CREATE UNLOGGED TABLE staging.w_teaching AS
SELECT DISTINCT t.person_id, g.group_id, s.subject_id
FROM staging.w_teach t JOIN staging.p_group g USING (school_id, kind, code)
JOIN staging.p_subject s ON s.code = t.subject;

-- step: Responsables
-- Link and level are facts; the right to follow the pupil is derived from them here. Before 2018
-- (codes below 10) both legal representatives are told apart, 1 and 2; since then both are 1. The
-- first degree delivers no level: the links that give the right are the authority's setting.
CREATE UNLOGGED TABLE staging.w_link AS
SELECT l.rid, g.person_id AS guardian_id, l.pupil_id, l.delivered_relationship,
       l.delivered_level, l.relationship, l.level, {has_legal_level} AND g.has_given_name AS is_legal,
       l.is_financial, l.is_contact, l.is_payer, l.is_home
FROM (SELECT rid, pupil_id, guardian, relationship AS delivered_relationship,
             level AS delivered_level,
             CASE WHEN relationship = ANY(%(relationships)s) THEN relationship::smallint
                  ELSE {Relationship.OTHER} END AS relationship,
             CASE WHEN %(degree)s = {Degree.FIRST}
                  THEN (relationship = ANY(%(legal_links)s))::int::smallint
                  WHEN level IN ('0', '1', '2', '3') THEN level::smallint ELSE 0 END AS level,
             is_financial, is_contact, is_payer, is_home
      FROM (SELECT i.*, p.person_id AS pupil_id FROM staging.in_link i
            JOIN staging.p_person p ON p.rid = i.rid
            UNION ALL
            SELECT 0, v.guardian, v.relationship, v.level, v.is_financial, v.is_contact,
                   v.is_payer, v.is_home, k.person_id
            FROM staging.woken k CROSS JOIN LATERAL jsonb_to_record(k.said) AS v(guardian text,
                relationship text, level text, is_financial boolean, is_contact boolean,
                is_payer boolean, is_home boolean)
            WHERE k.kind = {WaitingKind.LINK}) said) l
JOIN staging.ref_guardian g ON g.external_id = l.guardian
WHERE g.person_id <> l.pupil_id;

INSERT INTO staging.w_link
SELECT x.rid, x.guardian_id, x.pupil_id, x.delivered_relationship, x.delivered_level,
       x.relationship, x.level, {has_legal_level} AND x.has_given_name,
       x.is_financial, x.is_contact, x.is_payer, x.is_home
FROM (SELECT p.rid, x.*, coalesce(g.has_given_name, d.given_name <> '') AS has_given_name
      FROM staging.in_kept k JOIN staging.p_person p ON p.rid = k.rid AND NOT p.is_new
      JOIN directory_responsibility x ON x.pupil_id = p.person_id AND x.source = {Source.FEED}
      JOIN directory_person d ON d.id = x.guardian_id
      LEFT JOIN staging.p_person g
        ON g.person_id = x.guardian_id AND g.category = {Category.GUARDIAN}
      WHERE k.what = {Kept.LINKS}) x;

DELETE FROM staging.w_link a USING staging.w_link b
WHERE a.pupil_id = b.pupil_id AND a.guardian_id = b.guardian_id
  AND (EXISTS (SELECT 1 FROM staging.multi m WHERE m.person_id = a.guardian_id)
       OR EXISTS (SELECT 1 FROM staging.multi m WHERE m.person_id = a.pupil_id))
  AND (b.is_legal::int, -b.rid, b.ctid) > (a.is_legal::int, -a.rid, a.ctid);

CREATE INDEX ON staging.w_link (pupil_id);

ANALYZE staging.w_link;

INSERT INTO staging.in_anomaly (rid, severity, code, external_id, category, message)
SELECT n.rid, {AnomalySeverity.WARNING}, {AnomalyCode.UNKNOWN_GUARDIAN}, p.external_id, p.category,
       'Responsable ' || left(n.ref, 40)
       || ' cité par l’élève mais absent de la livraison : lien laissé de côté.'
FROM staging.not_found n JOIN staging.p_person p ON p.rid = n.rid
WHERE n.kind = {WaitingKind.LINK};

-- step: Classes et groupes
-- A school of whose people all of one kind come without a class: the export forgot them.
INSERT INTO staging.in_anomaly (rid, severity, code, external_id, category, message)
SELECT min(w.rid), {AnomalySeverity.WARNING}, {AnomalyCode.ALL_WITHOUT_CLASS}, s.external_id,
       {Category.STRUCTURE},
       CASE w.profile WHEN {Profile.PUPIL} THEN 'Aucun des ' || count(*) || ' élèves'
            ELSE 'Aucun des ' || count(*) || ' enseignants' END
       || ' livrés de l’établissement ' || s.uai || ' n’a de classe : à vérifier dans '
       || CASE WHEN %(degree)s = {Degree.FIRST} THEN 'ONDE.' ELSE 'Siècle ou STS.' END
FROM (SELECT DISTINCT ON (person_id, school_id, profile) rid, person_id, school_id, profile
      FROM staging.w_affiliation WHERE rid > 0 AND (profile = {Profile.PUPIL}
          OR profile = {Profile.TEACHER} AND %(degree)s = {Degree.SECOND})
      ) w
JOIN staging.p_school s ON s.school_id = w.school_id AND s.nth = 1
GROUP BY w.school_id, w.profile, s.external_id, s.uai
HAVING count(*) >= 5 AND NOT EXISTS (
    SELECT 1 FROM staging.w_member m WHERE m.school_id = w.school_id
      AND (m.role = {MembershipRole.PUPIL}) = (w.profile = {Profile.PUPIL}));

-- step: Responsables
-- First degree: links that give no right, counted by kind; the authority may open them.
INSERT INTO staging.in_anomaly (rid, severity, code, external_id, category, message)
SELECT min(l.rid), {AnomalySeverity.INFO}, {AnomalyCode.LINK_WITHOUT_RIGHT}, '', {Category.PUPIL},
       count(*) || CASE count(*) WHEN 1 THEN ' responsable est cité' ELSE ' responsables sont cités' END
       || ' avec le lien ' || left(l.relationship, 20) || ', qui ne donne pas accès au suivi : '
       || 'l’autorité peut ouvrir ce lien dans ses réglages.'
FROM staging.in_link l JOIN staging.p_person p ON p.rid = l.rid
WHERE %(degree)s = {Degree.FIRST} AND l.relationship <> ALL(%(legal_links)s)
GROUP BY l.relationship;
