"""Each sign-in gets a random identifier that names it until its end."""

from django.db import migrations, models

NAME_OPEN_SESSIONS = """
UPDATE accounts_session AS s
   SET sign_on = fresh.sign_on,
       data = s.data || jsonb_build_object('sign_on', fresh.sign_on::text)
  FROM (SELECT key_hash, gen_random_uuid() AS sign_on FROM accounts_session
         WHERE account_id IS NOT NULL) AS fresh
 WHERE fresh.key_hash = s.key_hash
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_first_door_and_terms")]
    operations = [
        migrations.AddField(
            model_name="session",
            name="sign_on",
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
        migrations.RunSQL(NAME_OPEN_SESSIONS, migrations.RunSQL.noop),
    ]
