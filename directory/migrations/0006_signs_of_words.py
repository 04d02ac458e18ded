"""Every word of a person's names has a sign, and the first of the family name one of its own.

Batch by batch, each committed by itself: people go on signing in meanwhile, and what was stopped
goes on where it was. A million persons take two minutes.
"""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_BATCH = 20_000
# « le goff lea dupont =le =goff +lea » becomes « le goff lea dupont ^le =goff +lea -dupont ». What
# the migration before has just written has both signs already.
_SIGN = """
UPDATE directory_person p SET search_key = left(regexp_replace(p.search_key, ' =', ' ^') || coalesce((
    SELECT string_agg(' -' || word, '' ORDER BY place)
    FROM unnest(string_to_array(p.search_key, ' ')) WITH ORDINALITY AS words (word, place)
    WHERE word ~ '^[a-z0-9]'
        AND strpos(p.search_key || ' ', ' =' || word || ' ') = 0
        AND strpos(p.search_key || ' ', ' +' || word || ' ') = 0), ''), 1200)
WHERE p.id > %s AND p.id <= %s AND p.search_key <> '' AND p.search_key !~ ' [-^]'
"""
_UNSIGN = """
UPDATE directory_person
SET search_key = replace(regexp_replace(search_key, ' -[^ ]+', '', 'g'), ' ^', ' =')
WHERE id > %s AND id <= %s AND search_key ~ ' [-^]'
"""


def _write(statement: str, editor: BaseDatabaseSchemaEditor) -> None:
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM directory_person")
        (last,) = cursor.fetchone()
        for start in range(0, last, _BATCH):
            cursor.execute(statement, [start, start + _BATCH])


def sign_words(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    _write(_SIGN, editor)


def unsign_words(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    _write(_UNSIGN, editor)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("directory", "0005_words_of_persons")]

    operations = [
        migrations.AlterField(
            model_name="person",
            name="search_key",
            field=models.CharField(
                editable=False,
                help_text="Tous les mots des noms, repliés, puis chacun derrière son signe.",
                max_length=1200,
            ),
        ),
        migrations.RunPython(sign_words, unsign_words, atomic=False),
    ]
