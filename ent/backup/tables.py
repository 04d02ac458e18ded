"""What a database holds, as a number per table that two databases can be compared by."""

from __future__ import annotations

from django.db import connection
from psycopg import sql

# Leaves only: a partitioned table is its partitions.
_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind = 'r'
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
     ORDER BY c.relname
"""
_OTHER_SCHEMAS = """
    SELECT nspname FROM pg_namespace
     WHERE nspname !~ '^pg_' AND nspname NOT IN ('public', 'information_schema')
"""


def table_names() -> list[str]:
    """Return the tables of the product; none in an empty database."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        return [name for (name,) in cursor.fetchall()]


def staging_schemas() -> list[str]:
    """Return the schemas of imports under way, which no copy needs."""
    with connection.cursor() as cursor:
        cursor.execute(_OTHER_SCHEMAS)
        return [name for (name,) in cursor.fetchall()]


def _measure_of(name: str) -> sql.Composed:
    return sql.SQL(
        "SELECT count(*), COALESCE(sum(hashtextextended(t::text, 0)), 0)::text FROM public.{} t"
    ).format(sql.Identifier(name))


def measure_tables() -> dict[str, tuple[int, str]]:
    """Return (rows, checksum) of each table, in whatever order its rows stand.

    The checksum is the sum of a hash of each row as text: what a column shows by, the settings of
    the session included, is fixed first.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'UTC'")
        cursor.execute("SET LOCAL DateStyle = 'ISO, YMD'")
        cursor.execute("SET LOCAL extra_float_digits = 1")
        cursor.execute("SET LOCAL bytea_output = 'hex'")
        found = {}
        for name in table_names():
            cursor.execute(_measure_of(name))
            count, checksum = cursor.fetchone()
            found[name] = (int(count), str(checksum))
        return found
