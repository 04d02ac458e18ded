-- In the transaction: links that are new. Heads of schools get their role from the feed.
--
-- reads   add_affiliation, add_link, add_membership, add_teaching, directory_rolegrant
-- changes directory_affiliation, directory_membership, directory_responsibility,
--         directory_rolegrant, directory_teaching

-- step: Création des rattachements
INSERT INTO directory_affiliation (person_id, school_id, profile, function_code,
    function_label, post_code, post_label, source)
SELECT person_id, school_id, profile, function_code, function_label, post_code, post_label,
    {Source.FEED} FROM staging.add_affiliation ORDER BY person_id;

-- step: Création des inscriptions en classe
INSERT INTO directory_membership (person_id, group_id, role, source)
SELECT person_id, group_id, role, {Source.FEED} FROM staging.add_membership ORDER BY person_id;

-- step: Création des enseignements
INSERT INTO directory_teaching (person_id, group_id, subject_id, source)
SELECT person_id, group_id, subject_id, {Source.FEED} FROM staging.add_teaching ORDER BY person_id;

-- step: Création des liens avec les responsables
INSERT INTO directory_responsibility (guardian_id, pupil_id, delivered_relationship,
    delivered_level, relationship, level,
    is_legal, is_financial, is_contact, is_payer, is_home, source)
SELECT guardian_id, pupil_id, delivered_relationship, delivered_level, relationship, level,
    is_legal, is_financial, is_contact,
    is_payer, is_home, {Source.FEED} FROM staging.add_link ORDER BY pupil_id, guardian_id;

-- step: Rôles des chefs d’établissement; counter: heads_granted
INSERT INTO directory_rolegrant (uuid, person_id, role, school_id, source, granted_at)
SELECT gen_random_uuid(), a.person_id, {Role.SCHOOL_ADMINISTRATOR}, a.school_id, {Source.FEED},
    now()
FROM (SELECT DISTINCT person_id, school_id FROM staging.add_affiliation
      WHERE profile = {Profile.HEAD}) a
WHERE NOT EXISTS (SELECT 1 FROM directory_rolegrant r WHERE r.person_id = a.person_id
    AND r.role = {Role.SCHOOL_ADMINISTRATOR} AND r.school_id = a.school_id
    AND (r.withdrawn_at IS NULL OR r.source = {Source.FEED} AND r.withdrawn_by_id IS NOT NULL))
ORDER BY a.person_id, a.school_id;
