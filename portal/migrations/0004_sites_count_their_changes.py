"""A number for each school's site, raised by whatever changes one of its rows."""

from __future__ import annotations

from django.db import migrations

_TABLES = (
    "portal_schoolpage",
    "portal_newsitem",
    "portal_usefullink",
    "portal_practicalpage",
    "portal_openingperiod",
    "portal_daymessage",
    "portal_sitefile",
)

_FUNCTION = """
CREATE FUNCTION portal_count_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Whose site: of the row before and of the row after, in one order; 0 is the portal's own.
    INSERT INTO portal_siterevision AS known (place, number)
    SELECT place, 1 FROM (
        SELECT coalesce(OLD.school_id, 0) AS place WHERE TG_OP <> 'INSERT'
        UNION
        SELECT coalesce(NEW.school_id, 0) AS place WHERE TG_OP <> 'DELETE'
    ) AS touched
    ORDER BY place
    ON CONFLICT (place) DO UPDATE SET number = known.number + 1;
    RETURN NULL;
END
$$;
"""

_TRIGGERS = "".join(
    f"CREATE TRIGGER portal_count_change AFTER INSERT OR UPDATE OR DELETE ON {table}\n"
    "    FOR EACH ROW EXECUTE FUNCTION portal_count_change();\n"
    for table in _TABLES
)
_NO_TRIGGERS = "".join(f"DROP TRIGGER portal_count_change ON {table};\n" for table in _TABLES)


class Migration(migrations.Migration):
    dependencies = [("portal", "0003_light_writing_becomes_html")]

    operations = [
        migrations.RunSQL(
            _FUNCTION + _TRIGGERS, _NO_TRIGGERS + "DROP FUNCTION portal_count_change();"
        )
    ]
