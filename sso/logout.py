"""Single logout: services hear that a sign-on is over, and nobody waits for them (R-B9, T-E6).

When sessions end, one statement ends their tickets and writes a notice for each service that had
opened a session with one of them, in the same transaction. A worker sends the notices: only to an
address that is still registered, several hosts at once and each host in turn, so that a dead
service holds up nobody else's; tried four times within a quarter of an hour, then given up. A batch
ends well before others may claim its notices: what it had no time for goes back untried.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID
from xml.sax.saxutils import escape

from celery import current_app
from django.db import connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from sso.addresses import AddressRefused, read_address
from sso.answers import instant
from sso.enums import AddressUse, LogoutMode
from sso.outbound import post_form
from sso.registry import catalogue

logger = logging.getLogger(__name__)

SEND_TASK: Final = "sso.send_logouts"
#: After each failure; one more try than there are waits.
WAITS: Final = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=12))
_BATCH = 200
_HOSTS_AT_ONCE = 16
#: Another worker takes up what a dead one had claimed: after a batch's time and its last answer.
_LEASE = timedelta(minutes=2)
BATCH_SECONDS = 60.0
_FAILURES_BEFORE_PAUSE = 2

# A notice per living service session; a ticket never consumed opened none.
_END = """
WITH grants AS (DELETE FROM sso_proxygrant WHERE sign_on = ANY(%(sign_ons)s)),
ended AS (
    UPDATE sso_ticket SET ended_at = %(now)s
     WHERE sign_on = ANY(%(sign_ons)s) AND ended_at IS NULL
    RETURNING service_id, address, spent_value, consumed_at
)
INSERT INTO sso_logoutnotice
       (service_id, address, session_index, created_at, next_try_at, tries, outcome)
SELECT ended.service_id, ended.address, ended.spent_value, %(now)s, %(now)s, 0, ''
  FROM ended JOIN sso_service s ON s.id = ended.service_id
 WHERE ended.consumed_at IS NOT NULL AND s.logout_mode = %(mode)s
"""

_CLAIM = """
UPDATE sso_logoutnotice SET tries = tries + 1, next_try_at = %(lease)s
 WHERE id IN (SELECT id FROM sso_logoutnotice
               WHERE sent_at IS NULL AND given_up_at IS NULL AND next_try_at <= %(now)s
               ORDER BY next_try_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
RETURNING id, service_id, address, session_index, tries
"""

_REPORT = """
UPDATE sso_logoutnotice n
   SET sent_at = r.sent_at, given_up_at = r.given_up_at, outcome = r.outcome,
       next_try_at = coalesce(r.next_try_at, n.next_try_at)
  FROM unnest(%(ids)s::bigint[], %(tries)s::int[], %(sent)s::timestamptz[],
              %(given_up)s::timestamptz[], %(next)s::timestamptz[], %(outcomes)s::text[])
       AS r(id, tries, sent_at, given_up_at, next_try_at, outcome)
 WHERE n.id = r.id AND n.tries = r.tries
"""

_RETURN = """
UPDATE sso_logoutnotice n SET tries = n.tries - 1, next_try_at = %(now)s
  FROM unnest(%(ids)s::bigint[], %(tries)s::int[]) AS r(id, tries)
 WHERE n.id = r.id AND n.tries = r.tries
"""


@dataclass(frozen=True, slots=True)
class Notice:
    """One claimed notice."""

    id: int
    service_id: int
    address: str
    session_index: str
    tries: int


@dataclass(frozen=True, slots=True)
class Goal:
    """Where the notices of one host go; *is_schools*: a school registered the address."""

    origin: str
    is_schools: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """How one try ended: a status, 0 for no answer, -1 for an address not registered any more."""

    notice: Notice
    status: int

    @property
    def is_done(self) -> bool:
        """Any answer below 400 will do: several clients redirect after their own sign-out."""
        return 200 <= self.status < 400


def end_tickets(sign_ons: tuple[UUID, ...]) -> None:
    """End the tickets of these sign-ons and write the notices: the hook of ended sessions."""
    values: dict[str, Any] = {
        "sign_ons": list(sign_ons),
        "now": timezone.now(),
        "mode": LogoutMode.BACK_CHANNEL.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(_END, values)
        if cursor.rowcount:
            transaction.on_commit(wake_sender, robust=True)


def wake_sender() -> None:
    """Tell a worker that there is something to send; without broker the next round finds it."""
    try:
        current_app.send_task(SEND_TASK, ignore_result=True, retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("no broker for single logout (%s)", type(error).__name__)


def send_due() -> int:
    """Send what is due, one batch at a time; return how many notices were tried."""
    count = 0
    while notices := _claim():
        results = _send_all(notices)
        _report(results)
        tried = {result.notice.id for result in results}
        _give_back([notice for notice in notices if notice.id not in tried])
        count += len(results)
    return count


def logout_request(session_index: str) -> str:
    """The message of the protocol: which session of the service is over."""
    return (
        '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
        ' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
        f' ID="LR-{secrets.token_hex(16)}" Version="2.0" IssueInstant="{instant(timezone.now())}">'
        "<saml:NameID>@NOT_USED@</saml:NameID>"
        f"<samlp:SessionIndex>{escape(session_index)}</samlp:SessionIndex>"
        "</samlp:LogoutRequest>"
    )


def _claim() -> list[Notice]:
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "lease": now + _LEASE, "batch": _BATCH})
        return [Notice(*row) for row in cursor.fetchall()]


def _send_all(notices: list[Notice]) -> list[Sent]:
    """Send a batch, each host in turn and sixteen hosts at once, for as long as a batch may last.

    What is not in the answer was not tried.
    """
    until = time.monotonic() + BATCH_SECONDS
    by_goal: dict[Goal, list[Notice]] = defaultdict(list)
    sent = []
    for notice in notices:
        goal = _registered_goal(notice)
        if goal is not None:
            by_goal[goal].append(notice)
        else:
            sent.append(Sent(notice, -1))
    with ThreadPoolExecutor(max_workers=_HOSTS_AT_ONCE) as threads:
        for group in threads.map(partial(_send_in_turn, until=until), by_goal.items()):
            sent += group
    return sent


def _registered_goal(notice: Notice) -> Goal | None:
    """Return where to send to, None when the address is not this service's any more."""
    try:
        address = read_address(notice.address)
    except AddressRefused:
        return None
    owner = catalogue().owner_of(address, AddressUse.SIGN_IN)
    if owner is None or owner.pk != notice.service_id:
        return None
    return Goal(address.origin, owner.school_id is not None)


def _send_in_turn(group: tuple[Goal, list[Notice]], *, until: float) -> list[Sent]:
    """Send the notices of one host; after two failures in a row the rest waits for its next turn.

    No statement is made here: this runs in a thread of its own.
    """
    goal, notices = group
    sent: list[Sent] = []
    failures = 0
    for notice in notices:
        status = 0
        if failures < _FAILURES_BEFORE_PAUSE:
            if time.monotonic() > until:
                break
            fields = {"logoutRequest": logout_request(notice.session_index)}
            text = read_address(notice.address).text
            status = post_form(text, fields, is_schools=goal.is_schools)
        sent.append(Sent(notice, status))
        failures = 0 if sent[-1].is_done else failures + 1
    return sent


def _give_back(notices: list[Notice]) -> None:
    """Let the next batch have what this one had no time for, as if never claimed."""
    if not notices:
        return
    values: dict[str, Any] = {
        "ids": [notice.id for notice in notices],
        "tries": [notice.tries for notice in notices],
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_RETURN, values)


def _report(results: list[Sent]) -> None:
    """Write how each try ended, unless another worker has taken the notice up meanwhile."""
    now = timezone.now()
    ids, sent, given_up, later, outcomes = [], [], [], [], []
    for result in results:
        is_last = result.status == -1 or result.notice.tries > len(WAITS)
        fails = not result.is_done
        ids.append(result.notice.id)
        sent.append(now if result.is_done else None)
        given_up.append(now if fails and is_last else None)
        later.append(now + WAITS[result.notice.tries - 1] if fails and not is_last else None)
        outcomes.append(_outcome(result.status))
        if fails and is_last:
            logger.warning(
                "single logout given up: service %d, notice %d, %s",
                result.notice.service_id,
                result.notice.id,
                _outcome(result.status),
            )
    values: dict[str, Any] = {
        "ids": ids,
        "tries": [result.notice.tries for result in results],
        "sent": sent,
        "given_up": given_up,
        "next": later,
        "outcomes": outcomes,
    }
    with connection.cursor() as cursor:
        cursor.execute(_REPORT, values)


def _outcome(status: int) -> str:
    if status == -1:
        return "adresse plus enregistrée"
    return f"réponse {status}" if status else "sans réponse"
