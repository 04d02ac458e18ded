"""Logins ``prenom.nom``, set-wise and unique for ever.

Homonyms get 2, 3, 4… in the order in which the feed lists them, after every number already given
to the same base, to living and erased accounts alike: what the latter left is a keyed hash of the
base with the highest number, and the keyed hash of each login that was changed. The result does
not depend on the number of reader processes: the order is that of the files.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection

from accounts.account.models import ReservedLogin
from accounts.provisioning.statements import ACCOUNTS_SQL
from directory.names.folded import name_keys
from ent.database.copying import copy_lines
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
    _execute(schema, "forget_known")
    _fill_bases(schema)
    _execute(schema, "make_taken", words=list(RESERVED_WORDS))
    if ReservedLogin.objects.exists():
        _reserve_bases(schema)
    _number(schema)
    while ReservedLogin.objects.exists() and _avoid_reserved(schema):
        _number(schema)


def _query(schema: str, name: str) -> str:
    return ACCOUNTS_SQL.query("logins", name, schema=schema)


def _execute(schema: str, name: str, **parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_query(schema, name), parameters or None)


def _number(schema: str) -> None:
    _execute(schema, "make_new")


def _fill_bases(schema: str) -> None:
    """People already known who now get an account: their base is folded from the directory."""
    with connection.cursor() as cursor:
        cursor.execute(_query(schema, "without_base"))
        bases = [
            {"person": person_id, "base": name_keys(family, given, "")[2]}
            for person_id, family, given in cursor.fetchall()
        ]
        cursor.executemany(_query(schema, "set_base"), bases)


def _values(schema: str, query: str) -> Iterator[list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(_query(schema, query))
        while rows := cursor.fetchmany(_BATCH):
            yield [row[0] for row in rows]


def _load_hashes(schema: str, query: str) -> None:
    """``accounts_hash (value, hash)``: keyed hashes, under every key, of what *query* returns."""
    _execute(schema, "make_hashes")
    for values in list(_values(schema, query)):
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
    _load_hashes(schema, "bases")
    _execute(schema, "reserve_bases")


def _avoid_reserved(schema: str) -> bool:
    """A numbered login that somebody gave up is not given again: start after it."""
    _load_hashes(schema, "numbered")
    _execute(schema, "reserve_numbered")
    with connection.cursor() as cursor:
        cursor.execute(_query(schema, "is_any_reserved"))
        return bool(cursor.fetchone()[0])
