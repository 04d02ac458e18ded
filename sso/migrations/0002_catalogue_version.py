"""A version of the catalogue that is drawn anew with every change, whoever makes it.

Drawn and not counted: a restored database never repeats one.
"""

from django.db import migrations

TABLES = [
    "sso_service",
    "sso_serviceaddress",
    "sso_serviceaudience",
    "sso_releasedattribute",
    "sso_service_allowed_proxies",
]

CREATE = """
INSERT INTO sso_registrystamp (version) VALUES (gen_random_uuid());
CREATE FUNCTION sso_draw_registry_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sso_registrystamp SET version = gen_random_uuid();
    RETURN NULL;
END
$$;
"""

DROP = "DROP FUNCTION sso_draw_registry_stamp(); DELETE FROM sso_registrystamp;"


def watch(table):
    """Draw another version at each statement that changes the table."""
    return migrations.RunSQL(
        f"CREATE TRIGGER sso_draw_registry_stamp AFTER INSERT OR UPDATE OR DELETE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION sso_draw_registry_stamp()",
        f"DROP TRIGGER sso_draw_registry_stamp ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("sso", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP), *map(watch, TABLES)]
