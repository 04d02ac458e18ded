"""An import puts the per-row checks of references aside by a function of the owner.

The right to do so switches every other trigger off as well: only the role of the workers may call
it (`create_database_roles`), and its owner needs the right itself, which a managed server may
refuse. The setting ends with the transaction.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION directory_put_checks_aside(aside boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('session_replication_role',
                       CASE WHEN aside THEN 'replica' ELSE 'origin' END, true);
END
$$;
REVOKE ALL ON FUNCTION directory_put_checks_aside(boolean) FROM PUBLIC;
"""

DROP = "DROP FUNCTION directory_put_checks_aside(boolean)"


class Migration(migrations.Migration):
    dependencies = [("directory", "0003_erasures_that_were_told")]

    operations = [migrations.RunSQL(CREATE, DROP)]
