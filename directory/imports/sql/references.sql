-- Locks on rows to which new rows refer, as a foreign key would take them, in the order of their
-- number. Run before anything is inserted, so that only rows that existed are met.
--
-- reads   add_affiliation, directory_authority, directory_group, directory_person,
--         directory_school, directory_subject, kept_person, p_group, p_person, p_subject

-- query: lock_authority
SELECT count(*) FROM (
    SELECT 1 FROM directory_authority WHERE id = %(authority)s FOR KEY SHARE) x;

-- query: lock_schools
SELECT count(*) FROM (
    SELECT 1 FROM directory_school WHERE id IN (
        SELECT school_id FROM staging.add_affiliation UNION SELECT school_id FROM staging.p_group
        UNION SELECT main_school_id FROM staging.p_person)
    ORDER BY id FOR KEY SHARE) x;

-- query: lock_groups
SELECT count(*) FROM (
    SELECT 1 FROM directory_group
    WHERE id IN (SELECT group_id FROM staging.p_group WHERE NOT is_new)
    ORDER BY id FOR KEY SHARE) x;

-- query: lock_subjects
SELECT count(*) FROM (
    SELECT 1 FROM directory_subject
    WHERE id IN (SELECT subject_id FROM staging.p_subject WHERE NOT is_new)
    ORDER BY id FOR KEY SHARE) x;

-- query: lock_persons
SELECT count(*) FROM (
    SELECT 1 FROM directory_person WHERE id IN (SELECT id FROM staging.kept_person)
    ORDER BY id FOR KEY SHARE) x;
