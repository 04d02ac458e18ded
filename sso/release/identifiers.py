"""Opaque identifiers: one per person and service, made once, for ever (R-G3)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from django.db import connection
from django.utils import timezone

from sso.release.models import ServiceIdentifier

_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
#: 134 bits. One case only: a partner that compares without case confuses nobody.
_LENGTH = 26
#: Drawn at once: a system call for each sign is most of the time of a school's first export.
_DRAWN_BYTES = 32

_MAKE = """
INSERT INTO sso_serviceidentifier (person_id, service_id, value, is_current, created_at)
VALUES (%s, %s, %s, true, %s)
ON CONFLICT (person_id, service_id) WHERE is_current DO NOTHING
RETURNING value
"""
_MAKE_MANY = """
INSERT INTO sso_serviceidentifier (person_id, service_id, value, is_current, created_at)
SELECT person_id, %s, value, true, %s FROM unnest(%s::bigint[], %s::text[]) AS n(person_id, value)
ON CONFLICT (person_id, service_id) WHERE is_current DO NOTHING
"""

_CARRY = """
UPDATE sso_serviceidentifier AS carried SET service_id = %s
 WHERE carried.service_id = %s AND carried.is_current AND carried.person_id = ANY(%s::bigint[])
   AND NOT EXISTS (
       SELECT FROM sso_serviceidentifier known
        WHERE known.person_id = carried.person_id AND known.service_id = %s AND known.is_current)
"""


def new_value() -> str:
    """Return a fresh identifier: random, and derived from nothing."""
    signs = ""
    while len(signs) < _LENGTH:
        # A byte is one of 36 signs, each equally often, or is drawn again: 7 × 36 = 252.
        drawn = secrets.token_bytes(_DRAWN_BYTES)
        signs += "".join(_ALPHABET[byte % 36] for byte in drawn if byte < 252)
    return signs[:_LENGTH]


def identifier_for(*, person_id: int, service_id: int) -> str:
    """Return the person's identifier in the service, made now when there is none.

    Two processes at once agree: one inserts, the other finds what was inserted.
    """
    known = _current(person_id, service_id)
    return known or make_identifier(person_id=person_id, service_id=service_id)


def make_identifier(*, person_id: int, service_id: int) -> str:
    """Return the identifier of somebody who had none a moment ago: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_MAKE, [person_id, service_id, new_value(), timezone.now()])
        row = cursor.fetchone()
    # Without a row somebody else inserted, and has committed: the insert waited for it.
    return str(row[0]) if row is not None else _current(person_id, service_id)


def identifiers_for(*, person_ids: Iterable[int], service_id: int) -> dict[int, str]:
    """Return the identifiers of many persons in one service, made where missing: three statements.

    For exports (Pronote): the very rows that `cas:user` is read from.
    """
    wanted = sorted(set(person_ids))
    known = _current_of(wanted, service_id)
    missing = [person_id for person_id in wanted if person_id not in known]
    if missing:
        values = [new_value() for _ in missing]
        with connection.cursor() as cursor:
            cursor.execute(_MAKE_MANY, [service_id, timezone.now(), missing, values])
        known |= _current_of(missing, service_id)
    return known


def carry_identifiers(*, person_ids: Iterable[int], from_service: int, to_service: int) -> int:
    """Let these persons keep their identifiers when one service takes over from another.

    Whoever has an identifier in the new service already keeps that one: two cannot be current.
    Return how many were carried.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CARRY, [to_service, from_service, list(person_ids), to_service])
        return int(cursor.rowcount)


def _current(person_id: int, service_id: int) -> str:
    found = ServiceIdentifier.objects.filter(
        person_id=person_id, service_id=service_id, is_current=True
    )
    return found.values_list("value", flat=True).first() or ""


def _current_of(person_ids: list[int], service_id: int) -> dict[int, str]:
    found = ServiceIdentifier.objects.filter(
        person__any_of=person_ids, service_id=service_id, is_current=True
    )
    return dict(found.values_list("person_id", "value"))
