"""One index of exact words: those of each part of a name, and the academies of a person."""

from typing import Any

import django.contrib.postgres.indexes
import django.db.models.functions.comparison
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import directory.word_index
from directory.folded_names import folded_names

_BATCH = 20_000

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


def fill(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write the words and the academies of everybody: each row once, while no index holds them."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE words (id bigint, sort_key text, search_key text)")
        last = 0
        while names := _names_after(cursor, last):
            with cursor.copy("COPY words FROM STDIN") as copy:
                for identifier, *parts in names:
                    copy.write_row((identifier, *folded_names(*parts)))
            last = names[-1][0]
        cursor.execute("ANALYZE words")
        cursor.execute(
            """UPDATE directory_person p SET sort_key = w.sort_key, search_key = w.search_key,
                academies = coalesce(i.academies, '')
            FROM words w LEFT JOIN (
                SELECT a.person_id, string_agg(DISTINCT '@' || s.authority_id || ' ', '') AS academies
                FROM directory_affiliation a JOIN directory_school s ON s.id = a.school_id
                GROUP BY a.person_id) i ON i.person_id = w.id
            WHERE p.id = w.id"""
        )
        cursor.execute("DROP TABLE words")


def empty(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the words of the parts away again: the former column has no room for them."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            r"""UPDATE directory_person
            SET search_key = left(btrim(regexp_replace(search_key, '(^| )[=+][^ ]*', '', 'g')), 420)
            WHERE search_key ~ '[=+]'"""
        )


def _names_after(cursor: Any, last: int) -> list[tuple[Any, ...]]:
    cursor.execute(
        """SELECT id, family_name, given_name, birth_name, other_names FROM directory_person
        WHERE id > %s ORDER BY id LIMIT %s""",
        [last, _BATCH],
    )
    return list(cursor.fetchall())


class Migration(migrations.Migration):
    """Reads and writes everybody, and builds two indexes: some minutes for a million persons."""

    dependencies = [("directory", "0004_person_email_index")]

    operations = [
        migrations.RemoveIndex(model_name="person", name="person_search_words"),
        migrations.RemoveIndex(model_name="person", name="person_sort_key"),
        migrations.AddField(
            model_name="person",
            name="academies",
            field=models.TextField(
                db_default="",
                default="",
                editable=False,
                help_text="« @3 @7 » : les autorités des rattachements ; tenu par la base elle-même.",
            ),
        ),
        # On the way back the column narrows after its words have gone.
        migrations.AlterField(
            model_name="person",
            name="search_key",
            field=models.CharField(
                editable=False,
                help_text=(
                    "Tous les mots des noms, repliés ; ceux du nom (=) et du prénom (+) à nouveau."
                ),
                max_length=740,
            ),
        ),
        migrations.RunPython(fill, empty),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                django.db.models.functions.comparison.Collate("sort_key", "C"),
                models.F("id"),
                include=("search_key", "academies", "profile"),
                name="person_sort_key",
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=django.contrib.postgres.indexes.GinIndex(
                directory.word_index.WordsVector("search_key", "academies"),
                name="person_search_words",
            ),
        ),
        migrations.RunSQL(TRIGGERS, WITHOUT_TRIGGERS),
    ]
