"""Counting sign-in tries where a whole school sits behind one address.

Three rules, all in the database, all exact when many processes count at once:

1. **By login**, known or not (keyed hash of what was typed): five free tries, then one try after
   each wait of 1, 2, 5, 15, 15… minutes. A try is counted *before* it is evaluated, so parallel
   tries cannot slip through: about 105 a day at most. A success takes back what came from its own
   address, five tries a day at most, and nothing of what an attacker counted elsewhere (T-A5,
   T-A13). On a known device it takes back that device's tries only: those of the address may be
   those of somebody else behind it.
2. **By known device**: a browser that already signed in to this account carries a signed cookie and
   is counted apart, so an attack from elsewhere never keeps the owner out (T-A6).
3. **By address**, only when it looks like a spray: 200 failures in ten minutes *and* distinct
   accounts that succeeded below 5 % of those that failed. Then a login that already failed from
   there gets one paced try each three seconds for the whole address, and failures are answered
   429; a known device and a correct first try still enter (T-A7).

Nothing is ever locked for good, and a manager may forget a login's count at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import connection, transaction
from django.db.models import Case, Count, F, Q, When

from ent.database import clock
from ent.database.prepared import fetch_one, statement
from ent.sealing.hashing import keyed_hash
from ent.sealing.keys import KeyRole
from signin.form_tickets.models import LoginTicket
from signin.realms import current_realm
from signin.throttle.models import AddressTry, SlowAddress, ThrottleCounter, ThrottleShare

FREE_TRIES = 5
WAITS_SECONDS = (60, 120, 300, 900)
_FIRST_WAIT = WAITS_SECONDS[0]
FORGET_AFTER = timedelta(hours=24)

ADDRESS_WINDOW = timedelta(minutes=10)
ADDRESS_FAILURES = 200
ADDRESS_SUCCESS_SHARE = 0.05
ADDRESS_PACE_SECONDS = 3

GLOBAL_WINDOW = timedelta(minutes=5)
GLOBAL_FAILURES = 300
GLOBAL_SUCCESS_SHARE = 0.25

# Tries, successes and rescues of one login take turns: they touch its counter, those of its
# devices, its shares and its addresses in different orders, some of which another one has just
# made, and PostgreSQL would kill one of two that wait for each other.
_ALONE = """
SELECT pg_advisory_xact_lock(hashtextextended(encode(%(login)s::bytea, 'hex'), 0))::text
    IS NOT NULL AS is_held
"""
#: The rules of an admission, as parts of one statement. They read `asked`, one row that the caller
#: puts before them: the counter's key, whether it is a known device's, whether to count at all.
ADMISSION = f"""
alone AS MATERIALIZED ({_ALONE}), address AS (
    SELECT coalesce(sum(failures) FILTER (WHERE last_failure_at > %(since)s::timestamptz), 0)
            >= %(address_failures)s::int
        AND count(*) FILTER (WHERE last_success_at > %(since)s::timestamptz)
            < %(success_share)s::float8
            * count(*) FILTER (WHERE last_failure_at > %(since)s::timestamptz) AS is_sprayed,
        coalesce(bool_or(login = %(login)s::bytea
            AND last_failure_at > %(since)s::timestamptz), false) AS has_failed_before
    FROM signin_addresstry
    WHERE address = %(address)s::bytea AND last_try_at > %(since)s::timestamptz
), rule AS (
    SELECT is_sprayed AND NOT is_device AS is_slow,
        is_sprayed AND NOT is_device AND has_failed_before AS is_paced
    FROM address, asked
), paced AS (
    INSERT INTO signin_slowaddress AS p (address, alerted_at, next_try_at)
    SELECT %(address)s::bytea, %(forgotten)s::timestamptz, %(next)s::timestamptz
    FROM rule, asked, alone WHERE is_paced AND is_counted AND is_held
    ON CONFLICT (address) DO UPDATE SET next_try_at = EXCLUDED.next_try_at
    WHERE p.next_try_at <= %(now)s::timestamptz
    RETURNING true
), admitted AS (
    INSERT INTO signin_throttlecounter AS c (key, login, tries, blocked_until, last_try_at)
    SELECT asked.key, %(login)s::bytea, 1, NULL, %(now)s::timestamptz FROM asked, rule
    WHERE asked.is_counted AND (SELECT is_held FROM alone)
        AND (NOT rule.is_paced OR EXISTS (SELECT FROM paced))
    ON CONFLICT (key) DO UPDATE SET
        tries = CASE WHEN c.last_try_at < %(forgotten)s::timestamptz THEN 1 ELSE c.tries + 1 END,
        blocked_until = CASE
            WHEN c.last_try_at < %(forgotten)s::timestamptz OR c.tries + 1 < %(free)s::int THEN NULL
            ELSE %(now)s::timestamptz + make_interval(secs => (%(waits)s::int[])[
                LEAST(c.tries + 2 - %(free)s::int, cardinality(%(waits)s::int[]))])
        END,
        last_try_at = %(now)s::timestamptz
    WHERE c.blocked_until IS NULL OR c.blocked_until <= %(now)s::timestamptz
    RETURNING c.blocked_until
), shared AS (
    INSERT INTO signin_throttleshare AS s (key, login, tries, given_back, last_try_at)
    SELECT %(share)s::bytea, %(login)s::bytea, 1, 0, %(now)s::timestamptz
    FROM admitted, asked WHERE NOT asked.is_device
    ON CONFLICT (key) DO UPDATE SET
        tries = CASE WHEN s.last_try_at < %(forgotten)s::timestamptz THEN 1 ELSE s.tries + 1 END,
        given_back = CASE
            WHEN s.last_try_at < %(forgotten)s::timestamptz THEN 0 ELSE s.given_back
        END,
        last_try_at = %(now)s::timestamptz
), admission AS (
    SELECT rule.is_slow, rule.is_paced AND NOT EXISTS (SELECT FROM paced) AS is_held_by_address,
        EXISTS (SELECT FROM admitted) AS is_admitted,
        CASE WHEN EXISTS (SELECT FROM admitted) THEN (SELECT blocked_until FROM admitted)
            ELSE (SELECT blocked_until FROM signin_throttlecounter WHERE key = asked.key)
        END AS blocked_until
    FROM rule, asked
)
"""  # noqa: S608 - our own constants
#: The columns of `admission` that `Admission.of_row` reads.
ADMISSION_COLUMNS = "is_slow, is_held_by_address, is_admitted, blocked_until"

_ADMIT = statement(f"""
WITH asked AS (
    SELECT %(counter)s::bytea AS key, %(is_device)s::bool AS is_device, true AS is_counted
), {ADMISSION}
SELECT {ADMISSION_COLUMNS} FROM admission
""")  # noqa: S608 - our own constants

#: What a success takes back and notes.
SUCCESS = f"""
alone AS MATERIALIZED ({_ALONE}), mine AS (
    SELECT s.key, LEAST(s.tries, GREATEST(%(free)s::int - s.given_back, 0)) AS tries
    FROM signin_throttleshare AS s
    WHERE s.key = %(share)s::bytea AND %(device)s::bytea IS NULL AND (SELECT is_held FROM alone)
    FOR UPDATE
), given_back AS (
    UPDATE signin_throttleshare AS s
    SET tries = 0, given_back = s.given_back + mine.tries
    FROM mine WHERE s.key = mine.key
), device AS (
    DELETE FROM signin_throttlecounter
    WHERE key = %(device)s::bytea AND (SELECT is_held FROM alone)
), taken_back AS (
    UPDATE signin_throttlecounter AS c SET
        tries = GREATEST(c.tries - mine.tries, 0),
        blocked_until = CASE
            WHEN c.tries - mine.tries < %(free)s::int OR c.blocked_until = %(own)s::timestamptz
            THEN NULL ELSE c.blocked_until
        END
    FROM mine WHERE c.key = %(login)s::bytea
), succeeded AS (
    INSERT INTO signin_addresstry AS t
        (realm, address, login, failures, last_success_at, last_try_at)
    SELECT %(realm)s, %(address)s::bytea, %(login)s::bytea, 0,
        %(now)s::timestamptz, %(now)s::timestamptz
    FROM alone WHERE is_held
    ON CONFLICT (address, login) DO UPDATE SET
        last_success_at = EXCLUDED.last_success_at, last_try_at = EXCLUDED.last_try_at
)
"""  # noqa: S608

#: What a wrong try leaves for the address rule.
FAILURE = """
failed AS (
    INSERT INTO signin_addresstry AS t
        (realm, address, login, failures, last_failure_at, last_try_at)
    VALUES (%(realm)s, %(address)s::bytea, %(login)s::bytea, 1,
        %(now)s::timestamptz, %(now)s::timestamptz)
    ON CONFLICT (address, login) DO UPDATE SET
        failures = CASE
            WHEN t.last_failure_at > %(since)s::timestamptz THEN t.failures + 1 ELSE 1
        END,
        last_failure_at = EXCLUDED.last_failure_at, last_try_at = EXCLUDED.last_try_at
)
"""

_COUNT_SUCCESS = statement(f"WITH {SUCCESS} SELECT")
_COUNT_FAILURE = statement(f"WITH {FAILURE} SELECT")
_ALERT = """
INSERT INTO signin_slowaddress AS s (address, alerted_at, next_try_at)
VALUES (%(address)s, %(now)s, %(now)s)
ON CONFLICT (address) DO UPDATE SET alerted_at = %(now)s WHERE s.alerted_at < %(window)s
"""


class WaitError(Exception):
    """Too many wrong tries: the seconds to wait are the argument."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Who is trying, as keyed hashes: the login, the address, the known device if any."""

    login: bytes
    address: bytes
    device: bytes | None = None

    @property
    def share(self) -> bytes:
        """The key of this login's tries from this address."""
        return _hash("share", self.login + self.address)

    @property
    def counter(self) -> bytes:
        """The key under which a try of this source is counted."""
        return self.device or self.login


@dataclass(frozen=True, kw_only=True, slots=True)
class Admission:
    """May this try be evaluated? If not, how long to wait, and is the address the reason?"""

    is_admitted: bool
    wait_seconds: int = 0
    is_address_slow: bool = False
    blocked_until: datetime | None = None

    @classmethod
    def of_row(
        cls,
        is_slow: bool,
        is_held_by_address: bool,
        is_admitted: bool,
        blocked_until: datetime | None,
        *,
        now: datetime,
    ) -> Self:
        """Read the row of `admission`."""
        if is_held_by_address:
            return cls(is_admitted=False, wait_seconds=ADDRESS_PACE_SECONDS, is_address_slow=True)
        if is_admitted:
            return cls(is_admitted=True, is_address_slow=is_slow, blocked_until=blocked_until)
        # No wait yet: another process inserted the counter meanwhile and is over its free tries.
        wait = math.ceil((blocked_until - now).total_seconds()) if blocked_until else _FIRST_WAIT
        return cls(is_admitted=False, wait_seconds=max(wait, 1), blocked_until=blocked_until)


def source_of(*, login: str, address_group: str, device_id: str = "") -> Source:
    """Return the keys of a try; *device_id* only when its cookie was proved for this account."""
    login_key = _hash("login", login.encode())
    return Source(
        login=login_key,
        address=_hash("address", address_group.encode()),
        device=device_key(login_key, device_id) if device_id else None,
    )


def device_key(login_key: bytes, device_id: str) -> bytes:
    """Return the key under which a known device's tries for one login are counted."""
    return _hash("device", login_key + device_id.encode())


def admit(source: Source) -> Admission:
    """Count one try and tell whether it may be evaluated: one statement."""
    now = clock.now()
    row = fetch_one(
        _ADMIT,
        {
            **admission_parameters(source, now=now),
            "counter": source.counter,
            "is_device": source.device is not None,
        },
    )
    return Admission.of_row(*(row or (False, False, False, None)), now=now)


def count_failure(source: Source) -> None:
    """Note a wrong try for the address rule."""
    fetch_one(_COUNT_FAILURE, failure_parameters(source, now=clock.now()))


def count_success(source: Source, admission: Admission) -> None:
    """Take back this device's and this address's tries, and note the success."""
    parameters = success_parameters(source, admission, now=clock.now())
    fetch_one(_COUNT_SUCCESS, parameters)


def admission_parameters(source: Source, *, now: datetime) -> dict[str, Any]:
    """Return the parameters of `ADMISSION`."""
    return {
        "login": source.login,
        "address": source.address,
        "share": source.share,
        "now": now,
        "since": now - ADDRESS_WINDOW,
        "next": now + timedelta(seconds=ADDRESS_PACE_SECONDS),
        "forgotten": now - FORGET_AFTER,
        "free": FREE_TRIES,
        "waits": list(WAITS_SECONDS),
        "address_failures": ADDRESS_FAILURES,
        "success_share": ADDRESS_SUCCESS_SHARE,
    }


def success_parameters(source: Source, admission: Admission, *, now: datetime) -> dict[str, Any]:
    """Return the parameters of `SUCCESS`."""
    return {
        "login": source.login,
        "address": source.address,
        "share": source.share,
        "device": source.device,
        "own": admission.blocked_until,
        "realm": current_realm().value,
        "free": FREE_TRIES,
        "now": now,
    }


def failure_parameters(source: Source, *, now: datetime) -> dict[str, Any]:
    """Return the parameters of `FAILURE`."""
    return {
        "login": source.login,
        "address": source.address,
        "realm": current_realm().value,
        "now": now,
        "since": now - ADDRESS_WINDOW,
    }


def take_back(source: Source, admission: Admission) -> None:
    """Take back one try that was admitted and could not be evaluated; its wait goes with it."""
    counted = ThrottleCounter.objects.filter(key=source.counter, tries__gt=0)
    with transaction.atomic():
        _execute(_ALONE, login=source.login)
        counted.update(
            tries=F("tries") - 1,
            blocked_until=Case(
                When(blocked_until=admission.blocked_until, then=None), default=F("blocked_until")
            ),
        )
        if source.device is None:
            shares = ThrottleShare.objects.filter(key=source.share, tries__gt=0)
            shares.update(tries=F("tries") - 1)


def raise_address_alert(source: Source) -> bool:
    """Note that the address is slowed; True when nobody was told in the last ten minutes."""
    now = clock.now()
    return bool(_execute(_ALERT, address=source.address, now=now, window=now - ADDRESS_WINDOW))


def is_spray_under_way() -> bool:
    """Tell whether, over all addresses, far more accounts fail than succeed here (T-A9).

    Only this process's realm counts: its successes say nothing of another one's.
    """
    since = clock.now() - GLOBAL_WINDOW
    tries = AddressTry.objects.filter(realm=current_realm(), last_try_at__gt=since)
    seen = tries.aggregate(
        failed=Count("id", filter=Q(last_failure_at__gt=since)),
        succeeded=Count("id", filter=Q(last_success_at__gt=since)),
    )
    return bool(
        seen["failed"] >= GLOBAL_FAILURES
        and seen["succeeded"] < GLOBAL_SUCCESS_SHARE * seen["failed"]
    )


@transaction.atomic
def forget_login(login: str) -> None:
    """Forget every count of a login, its known devices' included (« Débloquer »)."""
    key = _hash("login", login.encode())
    _execute(_ALONE, login=key)
    ThrottleCounter.objects.filter(login=key).delete()
    ThrottleShare.objects.filter(login=key).delete()
    AddressTry.objects.filter(login=key).delete()


def wait_of(login: str) -> int:
    """Return the seconds that somebody without known device still has to wait for this login."""
    now = clock.now()
    counter = ThrottleCounter.objects.filter(key=_hash("login", login.encode())).first()
    if counter is None or counter.blocked_until is None or counter.blocked_until <= now:
        return 0
    return math.ceil((counter.blocked_until - now).total_seconds())


def purge() -> None:
    """Delete counts that no rule reads any more."""
    day_ago = clock.now() - FORGET_AFTER
    ThrottleCounter.objects.filter(last_try_at__lt=day_ago).delete()
    ThrottleShare.objects.filter(last_try_at__lt=day_ago).delete()
    AddressTry.objects.filter(last_try_at__lt=day_ago).delete()
    SlowAddress.objects.filter(alerted_at__lt=day_ago).delete()
    LoginTicket.objects.filter(used_at__lt=day_ago).delete()


def _execute(statement: str, **parameters: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def _hash(purpose: str, value: bytes) -> bytes:
    """Return the keyed hash of a value in this process's realm: realms never share a count."""
    prefix = f"{current_realm().value}:{purpose}:".encode()
    return keyed_hash(KeyRole.THROTTLE_HASH, prefix + value)
