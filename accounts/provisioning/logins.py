"""Logins ``prenom.nom``, set-wise and unique for ever.

Homonyms get 2, 3, 4… in the order in which the feed lists them, after every number already given
to the same base, to living and erased accounts alike: what the latter left is a keyed hash of the
base with the highest number, and the keyed hash of each login that was changed. The result does
not depend on the number of reader processes: the order is that of the files.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from accounts.models import ReservedLogin
from directory.imports.aaf.reading import copy_lines
from directory.imports.aaf.values import name_keys
from ent.sealing.hashing import keyed_hashes
from ent.sealing.keys import KeyRole

RESERVED_WORDS = (
    "admin", "administrateur", "administration", "assistance", "compte", "contact", "direction",
    "ent", "exploitant", "guichet", "invite", "postmaster", "preau", "root", "secretariat",
    "security", "support", "systeme", "test", "webmaster",
)  # fmt: skip
"""Logins that people would take for somebody in charge: a number follows them."""
_BATCH = 20_000


def assign_logins(schema: str) -> None:
    """Make ``accounts_new`` from ``account_wanted``: who lacks an account, and its login."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""DELETE FROM {schema}.account_wanted w USING accounts_account a
            WHERE NOT w.is_new AND a.person_id = w.person_id"""
        )
        _fill_bases(schema)
        cursor.execute(f"DROP TABLE IF EXISTS {schema}.accounts_new, {schema}.accounts_taken")
        cursor.execute(
            f"""CREATE UNLOGGED TABLE {schema}.accounts_taken AS
            SELECT b.login_base, max(CASE WHEN a.login = b.login_base THEN 1
                ELSE coalesce(
                    nullif(left(substr(a.login, length(b.login_base) + 1), 9), '')::int, 1)
                END) AS last
            FROM (SELECT DISTINCT login_base FROM {schema}.account_wanted) b
            JOIN accounts_account a ON rtrim(a.login, '0123456789') = b.login_base
            GROUP BY b.login_base"""
        )
        cursor.execute(
            f"""INSERT INTO {schema}.accounts_taken
            SELECT DISTINCT login_base, 1 FROM {schema}.account_wanted w
            WHERE login_base = ANY(%s) AND NOT EXISTS (
                SELECT 1 FROM {schema}.accounts_taken t WHERE t.login_base = w.login_base)""",
            [list(RESERVED_WORDS)],
        )
    if ReservedLogin.objects.exists():
        _reserve_bases(schema)
    _number(schema)
    while ReservedLogin.objects.exists() and _avoid_reserved(schema):
        _number(schema)


def _number(schema: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {schema}.accounts_new")
        cursor.execute(
            f"""CREATE UNLOGGED TABLE {schema}.accounts_new AS
            SELECT person_id, is_new, is_academic, login_base, login_base
                || CASE WHEN nth = 1 THEN '' ELSE nth::text END AS login, nth,
                nextval('accounts_account_id_seq') AS account_id,
                count(*) FILTER (WHERE NOT is_academic) OVER (ORDER BY rid, person_id) AS local_nth
            FROM (SELECT w.*, coalesce(t.last, 0) + row_number() OVER (
                      PARTITION BY w.login_base ORDER BY w.rid, w.person_id) AS nth
                  FROM {schema}.account_wanted w
                  LEFT JOIN {schema}.accounts_taken t ON t.login_base = w.login_base) n
            ORDER BY rid, person_id"""  # a school's codes side by side open six times faster
        )


def _fill_bases(schema: str) -> None:
    """People already known who now get an account: their base is folded from the directory."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT w.person_id, p.family_name, p.given_name FROM {schema}.account_wanted w
            JOIN directory_person p ON p.id = w.person_id WHERE w.login_base = ''"""
        )
        bases = [
            (person_id, name_keys(family, given, "")[2])
            for person_id, family, given in cursor.fetchall()
        ]
        cursor.executemany(
            f"UPDATE {schema}.account_wanted SET login_base = %s WHERE person_id = %s",
            [(base, person_id) for person_id, base in bases],
        )


def _column(schema: str, query: str) -> Iterator[list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(query.replace("{s}", schema))
        while rows := cursor.fetchmany(_BATCH):
            yield [row[0] for row in rows]


def _load_hashes(schema: str, query: str) -> None:
    """``accounts_hash (value, hash)``: keyed hashes, under every key, of what *query* returns."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {schema}.accounts_hash")
        cursor.execute(f"CREATE UNLOGGED TABLE {schema}.accounts_hash (value text, hash bytea)")
    for values in list(_column(schema, query)):
        copy_lines(
            connection.connection,
            f"{schema}.accounts_hash",
            [
                f"{value}\t\\\\x{digest.hex()}"
                for value in values
                for digest in keyed_hashes(KeyRole.LOGIN_HASH, value.encode())
            ],
        )


def _reserve_bases(schema: str) -> None:
    _load_hashes(schema, "SELECT DISTINCT login_base FROM {s}.account_wanted")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""CREATE UNLOGGED TABLE {schema}.accounts_taken_more AS
            SELECT login_base, max(last) AS last FROM (
                SELECT login_base, last FROM {schema}.accounts_taken
                UNION ALL SELECT h.value, r.last_number FROM {schema}.accounts_hash h
                JOIN accounts_reservedlogin r ON r.base_hash = h.hash) t GROUP BY login_base"""
        )
        cursor.execute(f"DROP TABLE {schema}.accounts_taken")
        cursor.execute(f"ALTER TABLE {schema}.accounts_taken_more RENAME TO accounts_taken")


def _avoid_reserved(schema: str) -> bool:
    """A numbered login that somebody gave up is not given again: start after it."""
    _load_hashes(schema, "SELECT login FROM {s}.accounts_new WHERE nth > 1")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""CREATE UNLOGGED TABLE {schema}.accounts_taken_more AS
            SELECT login_base, max(last) AS last FROM (
                SELECT login_base, last FROM {schema}.accounts_taken
                UNION ALL SELECT n.login_base, n.nth FROM {schema}.accounts_hash h
                JOIN accounts_reservedlogin r ON r.base_hash = h.hash
                JOIN {schema}.accounts_new n ON n.login = h.value) t GROUP BY login_base"""
        )
        cursor.execute(
            f"""SELECT EXISTS (SELECT 1 FROM {schema}.accounts_hash h
            JOIN accounts_reservedlogin r ON r.base_hash = h.hash)"""
        )
        found = bool(cursor.fetchone()[0])
        cursor.execute(f"DROP TABLE {schema}.accounts_taken")
        cursor.execute(f"ALTER TABLE {schema}.accounts_taken_more RENAME TO accounts_taken")
    return found
