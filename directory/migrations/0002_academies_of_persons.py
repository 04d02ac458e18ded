"""The database itself keeps the academies of each person, from their affiliations."""

from django.db import migrations

# `academies` is exact whoever writes affiliations: these triggers alone write it, but for the new
# persons of an import. Nothing is written where an affiliation adds no academy that its person
# lacks; so a first import, which writes persons with theirs, pays for looking only.
TRIGGERS = """
CREATE FUNCTION directory_academies_of(persons bigint[])
RETURNS TABLE (person_id bigint, academies text) LANGUAGE sql STABLE AS $$
    SELECT p.id, coalesce(string_agg(DISTINCT '@' || s.authority_id || ' ', ''), '')
    FROM directory_person p
    LEFT JOIN directory_affiliation a ON a.person_id = p.id
    LEFT JOIN directory_school s ON s.id = a.school_id
    WHERE p.id = ANY(persons)
    GROUP BY p.id
$$;

-- Two writers of one person take turns: the second waits here, and what it asks next sees what the
-- first has written.
CREATE FUNCTION directory_lock_persons(persons bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM directory_person WHERE id = ANY(persons) ORDER BY id FOR NO KEY UPDATE;
END
$$;

CREATE FUNCTION directory_write_academies(touched bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM directory_lock_persons(touched);
    UPDATE directory_person p SET academies = i.academies
    FROM directory_academies_of(touched) i
    WHERE p.id = i.person_id AND p.academies <> i.academies;
END
$$;

CREATE FUNCTION directory_academies_of_affiliations() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM directory_lock_persons(ARRAY(SELECT DISTINCT person_id FROM added));
        touched := ARRAY(
            SELECT DISTINCT n.person_id FROM added n
            JOIN directory_school s ON s.id = n.school_id
            JOIN directory_person p ON p.id = n.person_id
            WHERE strpos(p.academies, '@' || s.authority_id || ' ') = 0);
    ELSIF TG_OP = 'DELETE' THEN
        touched := ARRAY(SELECT DISTINCT person_id FROM removed);
    ELSE
        touched := ARRAY(
            SELECT o.person_id FROM removed o JOIN added n USING (id)
            WHERE (o.person_id, o.school_id) <> (n.person_id, n.school_id)
            UNION
            SELECT n.person_id FROM removed o JOIN added n USING (id)
            WHERE (o.person_id, o.school_id) <> (n.person_id, n.school_id));
    END IF;
    IF cardinality(touched) > 0 THEN
        PERFORM directory_write_academies(touched);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION directory_academies_of_schools() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM directory_write_academies(ARRAY(
        SELECT DISTINCT a.person_id FROM removed o JOIN added n USING (id)
        JOIN directory_affiliation a ON a.school_id = n.id
        WHERE o.authority_id <> n.authority_id));
    RETURN NULL;
END
$$;

CREATE TRIGGER affiliation_added AFTER INSERT ON directory_affiliation
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION directory_academies_of_affiliations();
CREATE TRIGGER affiliation_removed AFTER DELETE ON directory_affiliation
    REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_academies_of_affiliations();
CREATE TRIGGER affiliation_changed AFTER UPDATE ON directory_affiliation
    REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION directory_academies_of_affiliations();
CREATE TRIGGER school_changed AFTER UPDATE ON directory_school
    REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION directory_academies_of_schools();
-- Also while an import puts the checks of references aside (session_replication_role).
ALTER TABLE directory_affiliation ENABLE ALWAYS TRIGGER affiliation_added,
    ENABLE ALWAYS TRIGGER affiliation_removed, ENABLE ALWAYS TRIGGER affiliation_changed;
ALTER TABLE directory_school ENABLE ALWAYS TRIGGER school_changed;
"""
WITHOUT_TRIGGERS = """
DROP TRIGGER school_changed ON directory_school;
DROP TRIGGER affiliation_changed ON directory_affiliation;
DROP TRIGGER affiliation_removed ON directory_affiliation;
DROP TRIGGER affiliation_added ON directory_affiliation;
DROP FUNCTION directory_academies_of_schools;
DROP FUNCTION directory_academies_of_affiliations;
DROP FUNCTION directory_write_academies;
DROP FUNCTION directory_lock_persons;
DROP FUNCTION directory_academies_of;
"""


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_initial")]

    operations = [migrations.RunSQL(TRIGGERS, WITHOUT_TRIGGERS)]
