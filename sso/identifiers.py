"""Opaque identifiers: one per person and service, made once, for ever (R-G3)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from django.db import connection
from django.utils import timezone

from sso.models import ServiceIdentifier

_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
#: 134 bits. One case only: a partner that compares without case confuses nobody.
_LENGTH = 26

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


def new_value() -> str:
    """Return a fresh identifier: random, and derived from nothing."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


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


def _current(person_id: int, service_id: int) -> str:
    found = ServiceIdentifier.objects.filter(
        person_id=person_id, service_id=service_id, is_current=True
    )
    return found.values_list("value", flat=True).first() or ""


def _current_of(person_ids: list[int], service_id: int) -> dict[int, str]:
    found = ServiceIdentifier.objects.filter(
        person_id__in=person_ids, service_id=service_id, is_current=True
    )
    return dict(found.values_list("person_id", "value"))
