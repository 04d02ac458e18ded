"""A version of the catalogue that rises with every change, whoever makes it."""

from django.db import migrations

TABLES = [
    "sso_service",
    "sso_serviceaddress",
    "sso_serviceaudience",
    "sso_releasedattribute",
    "sso_service_allowed_proxies",
]

CREATE = """
INSERT INTO sso_registrystamp (version) VALUES (1);
CREATE FUNCTION sso_raise_registry_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sso_registrystamp SET version = version + 1;
    RETURN NULL;
END
$$;
"""

DROP = "DROP FUNCTION sso_raise_registry_stamp(); DELETE FROM sso_registrystamp;"


def watch(table):
    """Raise the version at each statement that changes the table."""
    return migrations.RunSQL(
        f"CREATE TRIGGER sso_raise_registry_stamp AFTER INSERT OR UPDATE OR DELETE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION sso_raise_registry_stamp()",
        f"DROP TRIGGER sso_raise_registry_stamp ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("sso", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP), *map(watch, TABLES)]
