"""Single logout: services hear that a sign-on is over, and nobody waits for them (R-B9, T-E6).

Notices are written when sign-ons end (`sso.logout.endings`). A worker of their realm sends them:
only to an address that is still registered, many hosts at once (`sso.logout.lanes`); tried four
times within a quarter of an hour, then given up. What is written meanwhile is claimed while dead
services are still being waited for. What had no time to be tried before others may claim it goes
back untried.
"""

from __future__ import annotations

import logging
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Final
from xml.sax.saxutils import escape

from django.db import connection
from django.utils import timezone

from signin.realms import current_realm
from sso.catalogue.addresses import AddressRefused, read_address
from sso.catalogue.registry import catalogue
from sso.enums import AddressUse
from sso.logout.lanes import HOSTS_AT_ONCE, Lanes, LogoutTarget, Notice, SendResult
from sso.outbound import post_form
from sso.protocol.answers import instant

logger = logging.getLogger(__name__)

#: After each failure; one more try than there are waits.
WAITS: Final = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=12))
_BATCH = 200
_SECONDS_BETWEEN_CLAIMS = 0.25
#: Another worker takes up what a dead one had claimed: after a batch's time and its last answer.
_LEASE = timedelta(minutes=2)
BATCH_SECONDS = 60.0

_CLAIM = """
WITH unwell AS (
    SELECT service_id FROM sso_logoutnotice
     WHERE sent_at IS NULL AND given_up_at IS NULL AND realm = %(realm)s
       AND next_try_at > %(now)s AND outcome <> ''
)
UPDATE sso_logoutnotice n SET tries = tries + 1, next_try_at = %(lease)s
 WHERE id IN (SELECT id FROM sso_logoutnotice
               WHERE realm = %(realm)s AND sent_at IS NULL AND given_up_at IS NULL
                 AND next_try_at <= %(now)s
               ORDER BY next_try_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
RETURNING id, service_id, address, session_index, tries,
          service_id IN (SELECT service_id FROM unwell)
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


def send_due() -> int:
    """Send what is due, and what becomes due meanwhile; return how many notices were tried.

    What had no time for its turn is left to the next run.
    """
    count, late = 0, False
    with ThreadPoolExecutor(max_workers=HOSTS_AT_ONCE) as threads:
        lanes = Lanes(threads, _send)
        while True:
            claimed = claim_batch() if lanes.has_room and not late else []
            results = _line_up(lanes, claimed) + lanes.collect(seconds=_SECONDS_BETWEEN_CLAIMS)
            report_results(results)
            untried = lanes.take_late()
            give_back(untried)
            count, late = count + len(results), late or bool(untried)
            if not claimed and lanes.is_empty:
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


def claim_batch() -> list[Notice]:
    """Take the notices of this realm that are due, for as long as the lease lasts."""
    now = timezone.now()
    values: dict[str, Any] = {
        "realm": current_realm().value,
        "now": now,
        "lease": now + _LEASE,
        "batch": _BATCH,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        return [Notice(*row) for row in cursor.fetchall()]


def _line_up(lanes: Lanes, notices: list[Notice]) -> list[SendResult]:
    """Let the notices wait for their hosts; return those whose address is registered no more."""
    targets = [(_registered_target(notice), notice) for notice in notices]
    until = time.monotonic() + BATCH_SECONDS
    lanes.add(((target, notice) for target, notice in targets if target is not None), until=until)
    return [SendResult(notice, -1) for target, notice in targets if target is None]


def _registered_target(notice: Notice) -> LogoutTarget | None:
    """Return where to send to, None when the address is not this service's any more."""
    try:
        address = read_address(notice.address)
    except AddressRefused:
        return None
    owner = catalogue().owner_of(address, AddressUse.SIGN_IN)
    if owner is None or owner.pk != notice.service_id:
        return None
    return LogoutTarget(address.origin, owner.school_id is not None)


def _send(target: LogoutTarget, notice: Notice) -> int:
    """Send one notice and return the status. No statement is made here: it runs in a thread."""
    fields = {"logoutRequest": logout_request(notice.session_index)}
    text = read_address(notice.address).text
    return post_form(text, fields, is_schools=target.is_schools)


def give_back(notices: list[Notice]) -> None:
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


def report_results(results: list[SendResult]) -> None:
    """Write how each try ended, unless another worker has taken the notice up meanwhile."""
    if not results:
        return
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
