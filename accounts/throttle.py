"""Counting sign-in tries where a whole school sits behind one address.

Three rules, all in the database, all exact when many processes count at once:

1. **By login**, known or not (keyed hash of what was typed): five free tries, then one try after
   each wait of 1, 2, 5, 15, 15… minutes. A try is counted *before* it is evaluated, so parallel
   tries cannot slip through: about 105 a day at most. A success takes back what came from its own
   address, and nothing of what an attacker counted elsewhere (T-A5, T-A13).
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
from typing import Any

from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import AddressTry, LoginTicket, SlowAddress, ThrottleCounter, ThrottleShare
from ent.sealing.hashing import keyed_hash
from ent.sealing.keys import KeyRole

FREE_TRIES = 5
WAITS_SECONDS = (60, 120, 300, 900)
FORGET_AFTER = timedelta(hours=24)

ADDRESS_WINDOW = timedelta(minutes=10)
ADDRESS_FAILURES = 200
ADDRESS_SUCCESS_SHARE = 0.05
ADDRESS_PACE_SECONDS = 3

GLOBAL_WINDOW = timedelta(minutes=5)
GLOBAL_FAILURES = 300
GLOBAL_SUCCESS_SHARE = 0.25

_ADMIT = """
WITH admitted AS (
    INSERT INTO accounts_throttlecounter AS c (key, login, tries, blocked_until, last_try_at)
    VALUES (%(key)s, %(login)s, 1, NULL, %(now)s)
    ON CONFLICT (key) DO UPDATE SET
        tries = CASE WHEN c.last_try_at < %(forgotten)s THEN 1 ELSE c.tries + 1 END,
        blocked_until = CASE
            WHEN c.last_try_at < %(forgotten)s OR c.tries + 1 < %(free)s THEN NULL
            ELSE %(now)s + make_interval(secs =>
                (%(waits)s::int[])[LEAST(c.tries + 2 - %(free)s, cardinality(%(waits)s::int[]))])
        END,
        last_try_at = %(now)s
    WHERE c.blocked_until IS NULL OR c.blocked_until <= %(now)s
    RETURNING c.tries, c.blocked_until
), shared AS (
    INSERT INTO accounts_throttleshare AS s (key, login, tries, last_try_at)
    SELECT %(share)s, %(login)s, 1, %(now)s FROM admitted WHERE %(counts_for_login)s
    ON CONFLICT (key) DO UPDATE SET
        tries = CASE WHEN s.last_try_at < %(forgotten)s THEN 1 ELSE s.tries + 1 END,
        last_try_at = %(now)s
)
SELECT true, tries, blocked_until FROM admitted
UNION ALL
SELECT false, tries, blocked_until FROM accounts_throttlecounter
WHERE key = %(key)s AND NOT EXISTS (SELECT 1 FROM admitted)
"""

_TAKE_BACK = """
WITH mine AS (DELETE FROM accounts_throttleshare WHERE key = %(share)s RETURNING tries),
device AS (DELETE FROM accounts_throttlecounter WHERE key = %(device)s)
UPDATE accounts_throttlecounter AS c SET
    tries = GREATEST(c.tries - mine.tries, 0),
    blocked_until = CASE
        WHEN c.tries - mine.tries < %(free)s OR c.blocked_until = %(own)s THEN NULL
        ELSE c.blocked_until
    END
FROM mine WHERE c.key = %(login)s
"""

_COUNT_FAILURE = """
INSERT INTO accounts_addresstry AS t (address, login, failures, last_failure_at, last_try_at)
VALUES (%(address)s, %(login)s, 1, %(now)s, %(now)s)
ON CONFLICT (address, login) DO UPDATE SET
    failures = CASE WHEN t.last_failure_at > %(window)s THEN t.failures + 1 ELSE 1 END,
    last_failure_at = %(now)s, last_try_at = %(now)s
"""

_COUNT_SUCCESS = """
INSERT INTO accounts_addresstry AS t (address, login, failures, last_success_at, last_try_at)
VALUES (%(address)s, %(login)s, 0, %(now)s, %(now)s)
ON CONFLICT (address, login) DO UPDATE SET last_success_at = %(now)s, last_try_at = %(now)s
"""

# By hand: read at each sign-in, and Django takes longer to write it than PostgreSQL to run it.
_ADDRESS_STATE = """
SELECT coalesce(sum(failures) FILTER (WHERE last_failure_at > %(since)s), 0),
    count(*) FILTER (WHERE last_failure_at > %(since)s),
    count(*) FILTER (WHERE last_success_at > %(since)s)
FROM accounts_addresstry WHERE address = %(address)s AND last_try_at > %(since)s
"""

_PACE = """
UPDATE accounts_slowaddress SET next_try_at = %(next)s
WHERE address = %(address)s AND next_try_at <= %(now)s
"""

_ALERT = """
INSERT INTO accounts_slowaddress AS s (address, alerted_at, next_try_at)
VALUES (%(address)s, %(now)s, %(now)s)
ON CONFLICT (address) DO UPDATE SET alerted_at = %(now)s WHERE s.alerted_at < %(window)s
"""


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


def source_of(*, login: str, address_group: str, device_id: str = "") -> Source:
    """Return the keys of a try; *device_id* only when its cookie was proved for this account."""
    login_key = _hash("login", login.encode())
    return Source(
        login=login_key,
        address=_hash("address", address_group.encode()),
        device=_hash("device", login_key + device_id.encode()) if device_id else None,
    )


def admit(source: Source) -> Admission:
    """Count one try and tell whether it may be evaluated; two or three statements."""
    now = timezone.now()
    slow = source.device is None and is_address_slow(source, now=now)
    if slow and not _may_try_from_slow_address(source, now=now):
        return Admission(is_admitted=False, wait_seconds=ADDRESS_PACE_SECONDS, is_address_slow=True)
    with connection.cursor() as cursor:
        cursor.execute(
            _ADMIT,
            {
                "key": source.counter,
                "login": source.login,
                "share": source.share,
                "counts_for_login": source.device is None,
                "now": now,
                "forgotten": now - FORGET_AFTER,
                "free": FREE_TRIES,
                "waits": list(WAITS_SECONDS),
            },
        )
        row = cursor.fetchone()
    # No row: another process inserted the counter meanwhile and is over its free tries already.
    admitted, _, blocked_until = row or (False, 0, None)
    if admitted:
        return Admission(is_admitted=True, is_address_slow=slow, blocked_until=blocked_until)
    wait = math.ceil((blocked_until - now).total_seconds()) if blocked_until else WAITS_SECONDS[0]
    return Admission(is_admitted=False, wait_seconds=max(wait, 1), blocked_until=blocked_until)


def count_failure(source: Source) -> None:
    """Note a wrong try for the address rule."""
    now = timezone.now()
    _execute(
        _COUNT_FAILURE,
        address=source.address,
        login=source.login,
        now=now,
        window=now - ADDRESS_WINDOW,
    )


def count_success(source: Source, admission: Admission) -> None:
    """Take back this device's and this address's tries, and note the success."""
    _execute(
        _TAKE_BACK,
        share=source.share,
        device=source.device,
        login=source.login,
        free=FREE_TRIES,
        own=admission.blocked_until,
    )
    _execute(_COUNT_SUCCESS, address=source.address, login=source.login, now=timezone.now())


def is_address_slow(source: Source, *, now: datetime) -> bool:
    """Tell whether the address rule holds: many failures, and hardly any account that succeeds."""
    since = now - ADDRESS_WINDOW
    with connection.cursor() as cursor:
        cursor.execute(_ADDRESS_STATE, {"address": source.address, "since": since})
        failures, failed, succeeded = cursor.fetchone()
    return bool(failures >= ADDRESS_FAILURES and succeeded < ADDRESS_SUCCESS_SHARE * failed)


def raise_address_alert(source: Source) -> bool:
    """Note that the address is slowed; True when nobody was told in the last ten minutes."""
    now = timezone.now()
    return bool(_execute(_ALERT, address=source.address, now=now, window=now - ADDRESS_WINDOW))


def is_spray_under_way() -> bool:
    """Tell whether, over all addresses, far more accounts fail than succeed (T-A9)."""
    since = timezone.now() - GLOBAL_WINDOW
    seen = AddressTry.objects.filter(last_try_at__gt=since).aggregate(
        failed=Count("id", filter=Q(last_failure_at__gt=since)),
        succeeded=Count("id", filter=Q(last_success_at__gt=since)),
    )
    return bool(
        seen["failed"] >= GLOBAL_FAILURES
        and seen["succeeded"] < GLOBAL_SUCCESS_SHARE * seen["failed"]
    )


def forget_login(login: str) -> None:
    """Forget every count of a login, its known devices' included (« Débloquer »)."""
    key = _hash("login", login.encode())
    ThrottleCounter.objects.filter(login=key).delete()
    ThrottleShare.objects.filter(login=key).delete()
    AddressTry.objects.filter(login=key).delete()


def wait_of(login: str) -> int:
    """Return the seconds that somebody without known device still has to wait for this login."""
    now = timezone.now()
    counter = ThrottleCounter.objects.filter(key=_hash("login", login.encode())).first()
    if counter is None or counter.blocked_until is None or counter.blocked_until <= now:
        return 0
    return math.ceil((counter.blocked_until - now).total_seconds())


def use_ticket(number: bytes) -> bool:
    """Use a login ticket; False when it was used before. One statement, exact across processes."""
    return bool(
        _execute(
            "INSERT INTO accounts_loginticket (number, used_at) VALUES (%(number)s, %(now)s)"
            " ON CONFLICT DO NOTHING",
            number=number,
            now=timezone.now(),
        )
    )


def purge() -> None:
    """Delete counts that no rule reads any more."""
    day_ago = timezone.now() - FORGET_AFTER
    ThrottleCounter.objects.filter(last_try_at__lt=day_ago).delete()
    ThrottleShare.objects.filter(last_try_at__lt=day_ago).delete()
    AddressTry.objects.filter(last_try_at__lt=day_ago).delete()
    SlowAddress.objects.filter(alerted_at__lt=day_ago).delete()
    LoginTicket.objects.filter(used_at__lt=day_ago).delete()


def _may_try_from_slow_address(source: Source, *, now: datetime) -> bool:
    """A login without failure from there may try; the others take the address's next paced try."""
    failed_before = AddressTry.objects.filter(
        address=source.address, login=source.login, last_failure_at__gt=now - ADDRESS_WINDOW
    ).exists()
    if not failed_before:
        return True
    pause = timedelta(seconds=ADDRESS_PACE_SECONDS)
    return bool(_execute(_PACE, address=source.address, now=now, next=now + pause))


def _execute(statement: str, **parameters: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def _hash(purpose: str, value: bytes) -> bytes:
    return keyed_hash(KeyRole.THROTTLE_HASH, purpose.encode() + b":" + value)
