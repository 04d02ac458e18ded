"""The catalogue's version is drawn and not counted: a restored database never repeats one."""

import uuid

from django.db import migrations, models

DRAW = """
CREATE OR REPLACE FUNCTION sso_raise_registry_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sso_registrystamp SET version = gen_random_uuid();
    RETURN NULL;
END
$$;
"""
COUNT = """
CREATE OR REPLACE FUNCTION sso_raise_registry_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sso_registrystamp SET version = version + 1;
    RETURN NULL;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("sso", "0002_catalogue_stamp")]

    operations = [
        migrations.RemoveField("registrystamp", "version"),
        migrations.AddField("registrystamp", "version", models.UUIDField(default=uuid.uuid4)),
        migrations.RunSQL(DRAW, COUNT),
    ]
