"""Issuing a ticket, and consuming it: one statement each.

Validation is one conditional UPDATE: of any number of validators at once exactly one gets the row,
whatever the processes and machines. It kills the ticket first; every check (kind, age, address,
renew, account, service) is made afterwards on a dead ticket, so that no attempt leaves one alive.

Both statements commit without waiting for the disk (`synchronous_commit` off for this statement
alone): a crash of the database server may forget the last fifth of a second of tickets, which live
ten seconds. See decision 0040.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from accounts.sessions import current_realm
from sso.enums import TicketKind, TicketLength
from sso.models import Service
from sso.principals import Principal

LONGEST = 256
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#: Characters after « ST- »; 29 of them hold 172 random bits, and make 32 with the prefix.
_LENGTHS = {TicketLength.STANDARD: 48, TicketLength.SHORT: 29}
GRANT_LENGTH = 64

# The session's row is locked against its end: a sign-out that runs meanwhile sees this ticket, or
# this statement sees that there is no session any more and issues nothing.
_ISSUE = """
WITH quick AS (SELECT set_config('synchronous_commit', 'off', true)),
living AS (SELECT 1 FROM accounts_session WHERE sign_on = %(sign_on)s FOR KEY SHARE)
INSERT INTO sso_ticket (hash, kind, realm, account_id, service_id, address, sign_on, is_primary,
    profile, proxies, authenticated_at, created_at, expires_at, spent_value)
SELECT %(hash)s, %(kind)s, %(realm)s, %(account)s, %(service)s, %(address)s, %(sign_on)s,
    %(is_primary)s, %(profile)s, %(proxies)s, %(authenticated_at)s, %(now)s, %(expires_at)s, ''
  FROM quick, living
RETURNING 1
"""

_CONSUME = """
WITH quick AS (SELECT set_config('synchronous_commit', 'off', true)),
spent AS (
    UPDATE sso_ticket SET consumed_at = %(now)s, spent_value = %(value)s FROM quick
     WHERE hash = %(hash)s AND realm = %(realm)s AND consumed_at IS NULL AND ended_at IS NULL
    RETURNING kind, account_id, service_id, address, sign_on, is_primary, profile, proxies,
              authenticated_at, expires_at
)
SELECT spent.*, a.state, a.login, p.id, p.uuid, p.profile, p.left_at IS NOT NULL, p.title,
       p.family_name, p.given_name, p.birth_date, p.postal_code, p.email,
       coalesce(s.uai, ''), coalesce(i.value, '')
  FROM spent
  JOIN accounts_account a ON a.id = spent.account_id
  JOIN directory_person p ON p.id = a.person_id
  LEFT JOIN directory_school s ON s.id = p.main_school_id
  LEFT JOIN sso_serviceidentifier i
         ON i.person_id = p.id AND i.service_id = spent.service_id AND i.is_current
"""


class SignOnOver(Exception):
    """The session ended while its ticket was being made."""


@dataclass(frozen=True, slots=True)
class Spent:
    """A ticket that was alive until now, with what is known of its owner."""

    kind: str
    account_id: int
    service_id: int
    address: str
    sign_on: UUID
    is_primary: bool
    issued_profile: str
    proxies: list[str]
    authenticated_at: datetime
    expires_at: datetime
    account_state: str
    login: str
    person_id: int
    person_uuid: UUID
    profile: str
    has_left: bool
    title: str
    family_name: str
    given_name: str
    birth_date: date | None
    postal_code: str
    email: str
    main_school_uai: str
    identifier: str


def random_value(prefix: str, length: int) -> str:
    """Return « ST-… »: letters and digits only, 5.95 random bits each."""
    return f"{prefix}-" + "".join(secrets.choice(_ALPHABET) for _ in range(length))


def hash_of(value: str) -> bytes:
    """Return what the database knows of a living ticket."""
    return hashlib.sha256(value.encode()).digest()


def issue(
    *,
    principal: Principal,
    service: Service,
    address: str,
    is_primary: bool,
    kind: TicketKind = TicketKind.SERVICE,
    proxies: list[str] | None = None,
) -> str:
    """Make a ticket for one visit and return its value; `SignOnOver` when the session is gone."""
    now = timezone.now()
    value = random_value(kind.value, _LENGTHS[TicketLength(service.ticket_length)])
    values: dict[str, Any] = {
        "hash": hash_of(value),
        "kind": kind.value,
        "realm": current_realm().value,
        "account": principal.account_id,
        "service": service.pk,
        "address": address,
        "sign_on": principal.sign_on,
        "is_primary": is_primary,
        "profile": principal.person.profile,
        "proxies": proxies or [],
        "authenticated_at": principal.authenticated_at,
        "now": now,
        "expires_at": now + timedelta(seconds=service.ticket_seconds),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ISSUE, values)
        if cursor.fetchone() is None:
            raise SignOnOver
    return value


def consume(value: str) -> Spent | None:
    """Kill a living ticket and return what it was; None when there is none of that value."""
    if not value or len(value) > LONGEST or not (value.isascii() and value.isprintable()):
        return None
    values: dict[str, Any] = {
        "hash": hash_of(value),
        "value": value,
        "realm": current_realm().value,
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_CONSUME, values)
        row = cursor.fetchone()
    return Spent(*row) if row is not None else None
