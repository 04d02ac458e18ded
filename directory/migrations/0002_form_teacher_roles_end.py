"""Give the form-teacher roles in force their end: the school year's (decision 0026)."""

from django.db import migrations

END = """
UPDATE directory_rolegrant SET expires_on = make_date(
    (extract(year FROM granted_at AT TIME ZONE 'Europe/Paris')
     + (extract(month FROM granted_at AT TIME ZONE 'Europe/Paris') >= 8)::int)::int, 8, 31)
WHERE role = 'professeur-principal' AND expires_on IS NULL AND withdrawn_at IS NULL
"""


class Migration(migrations.Migration):
    """Reversible: an end may stay."""

    dependencies = [("directory", "0001_initial")]
    operations = [migrations.RunSQL(END, migrations.RunSQL.noop)]
