"""Issuing a ticket, and consuming it: one statement each.

Validation is one conditional UPDATE: of any number of validators at once exactly one gets the row,
whatever the processes and machines. It kills the ticket first; every check (kind, age, address,
renew, owner, service) is made afterwards on a dead ticket, so that no attempt leaves one alive. The
same statement reads the owner, by the joins of the realm's policy (`sso.realms.SubjectQuery`).

Both statements commit without waiting for the disk (`synchronous_commit` off for this statement
alone): a crash of the database server may forget the last fifth of a second of tickets, which live
ten seconds. See decision 0040.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection

from ent.database import clock
from signin.enums import Method
from signin.realms import current_realm
from sso.catalogue.models import Service
from sso.enums import TicketKind, TicketLength
from sso.realms import SignOn, Subject, SubjectQuery, sso_policy

LONGEST = 256
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#: Characters after « ST- »; 29 of them hold 172 random bits, and make 32 with the prefix.
_LENGTHS = {TicketLength.STANDARD: 48, TicketLength.SHORT: 29}
GRANT_LENGTH = 64

# The session's row is locked against its end: a sign-out that runs meanwhile sees this ticket, or
# this statement sees that there is no session any more and issues nothing.
_ISSUE = """
WITH quick AS (SELECT set_config('synchronous_commit', 'off', true)),
living AS (SELECT 1 FROM signin_session WHERE sign_on = %(sign_on)s FOR KEY SHARE)
INSERT INTO sso_ticket (hash, kind, realm, subject, service_id, address, sign_on, is_primary,
    methods, profile, proxies, authenticated_at, created_at, expires_at, consumed_value)
SELECT %(hash)s, %(kind)s, %(realm)s, %(subject)s, %(service)s, %(address)s, %(sign_on)s,
    %(is_primary)s, %(methods)s, %(profile)s, %(proxies)s, %(authenticated_at)s, %(now)s,
    %(expires_at)s, ''
  FROM quick, living
RETURNING 1
"""

_CONSUMED = (
    "kind",
    "subject",
    "service_id",
    "address",
    "sign_on",
    "is_primary",
    "methods",
    "profile",
    "proxies",
    "authenticated_at",
    "expires_at",
)


class SignOnOver(Exception):
    """The session ended while its ticket was being made."""


@dataclass(frozen=True, slots=True)
class ConsumedTicket:
    """A ticket that was alive until now."""

    kind: str
    subject: UUID
    service_id: int
    address: str
    sign_on: UUID
    is_primary: bool
    methods: list[str]
    profile: str
    """The owner's when the ticket was issued."""
    proxies: list[str]
    authenticated_at: datetime
    expires_at: datetime

    @property
    def proved(self) -> frozenset[Method]:
        """What was proved in the session when the ticket was issued."""
        return frozenset(map(Method, self.methods))


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumption:
    """What the statement that kills a ticket returns."""

    ticket: ConsumedTicket
    owner: Subject
    identifier: str
    """The owner's opaque identifier in the service, "" before the first visit."""


def random_value(prefix: str, length: int) -> str:
    """Return « ST-… »: letters and digits only, 5.95 random bits each."""
    return f"{prefix}-" + "".join(secrets.choice(_ALPHABET) for _ in range(length))


def hash_of(value: str) -> bytes:
    """Return what the database knows of a living ticket."""
    return hashlib.sha256(value.encode()).digest()


def issue(
    *,
    sign_on: SignOn,
    service: Service,
    address: str,
    is_primary: bool,
    kind: TicketKind = TicketKind.SERVICE,
    proxies: list[str] | None = None,
) -> str:
    """Make a ticket for one visit and return its value; `SignOnOver` when the session is gone."""
    now = clock.now()
    value = random_value(kind.value, _LENGTHS[TicketLength(service.ticket_length)])
    values: dict[str, Any] = {
        "hash": hash_of(value),
        "kind": kind.value,
        "realm": current_realm().value,
        "subject": sign_on.principal.uuid,
        "service": service.pk,
        "address": address,
        "sign_on": sign_on.id,
        "is_primary": is_primary,
        "methods": sorted(method.value for method in sign_on.methods),
        "profile": sign_on.person.profile if sign_on.person is not None else "",
        "proxies": proxies or [],
        "authenticated_at": sign_on.authenticated_at,
        "now": now,
        "expires_at": now + timedelta(seconds=service.ticket_seconds),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ISSUE, values)
        if cursor.fetchone() is None:
            raise SignOnOver
    return value


def consume(value: str) -> Consumption | None:
    """Kill a living ticket and return what it was; None when there is none of that value."""
    if not value or len(value) > LONGEST or not (value.isascii() and value.isprintable()):
        return None
    query = sso_policy().subject_query
    values: dict[str, Any] = {
        "hash": hash_of(value),
        "value": value,
        "realm": current_realm().value,
        "now": clock.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_consume_statement(query), values)
        row = cursor.fetchone()
    if row is None:
        return None
    of_ticket = len(_CONSUMED)
    return Consumption(
        ticket=ConsumedTicket(*row[:of_ticket]),
        identifier=row[of_ticket],
        owner=query.build(row[of_ticket + 1 :]),
    )


@cache
def _consume_statement(query: SubjectQuery) -> str:
    """Return the statement of a realm; it names columns and tables of the policy, never values."""
    consumed = ", ".join(_CONSUMED)
    return f"""
WITH quick AS (SELECT set_config('synchronous_commit', 'off', true)),
consumed AS (
    UPDATE sso_ticket SET consumed_at = %(now)s, consumed_value = %(value)s FROM quick
     WHERE hash = %(hash)s AND realm = %(realm)s AND consumed_at IS NULL AND ended_at IS NULL
    RETURNING {consumed}
)
SELECT consumed.*, coalesce(identifier.value, ''), {", ".join(query.columns)}
  FROM consumed
  {query.joins}
  LEFT JOIN sso_serviceidentifier identifier
         ON identifier.person_id = {query.person_id}
        AND identifier.service_id = consumed.service_id AND identifier.is_current
"""  # noqa: S608 - columns and tables of our own rooms
