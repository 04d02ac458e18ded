"""Which worker has which recipients.

A worker that sends holds two advisory locks on a connection of its own: one of the places that the
settings allow (so many connections to the server, over all machines), and one whose number it
writes on the rows that it takes. PostgreSQL frees both when the worker dies, whatever killed it: a
lease with a date would have to guess (decision 0006).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Exists, OuterRef, Q

from accounts.enums import AccountState
from credentials.enums import CampaignState, RecipientState
from credentials.mailing.models import Campaign, CampaignRecipient, MailServer
from ent.database.prepared import fetch_one, statement
from ent.jobs.attempt import open_side_connection

_PLACE: Final = 0x4D4C50  # "MLP"
_CLAIM: Final = 0x4D4C43  # "MLC"
_ONE_AT_A_TIME: Final = 0x4D4C51
_CAMPAIGNS: Final = 10

_WAITING: Final = f"'{RecipientState.QUEUED.value}', '{RecipientState.DEFERRED.value}'"

# A share of each of the running mailings, the one served longest ago first: a small one does not
# wait for a large one (T-G6). Domains at their cap wait for the next minute.
_TAKE: Final = f"""
    WITH capped AS MATERIALIZED (
        SELECT domain, count(*) AS begun
          FROM credentials_campaignrecipient
         WHERE %(cap)s > 0
           AND (started_at > %(minute_ago)s OR claim IS NOT NULL)
         GROUP BY domain
    ),
    turn AS MATERIALIZED (
        SELECT campaign.id
          FROM credentials_campaign campaign
         WHERE campaign.state = '{CampaignState.RUNNING.value}'
           AND EXISTS (SELECT FROM credentials_campaignrecipient r
                        WHERE r.campaign_id = campaign.id AND r.state IN ({_WAITING})
                          AND r.claim IS NULL AND (r.next_at IS NULL OR r.next_at <= %(now)s))
         ORDER BY campaign.served_at NULLS FIRST, campaign.id
         LIMIT {_CAMPAIGNS}
    ),
    taken AS (
        SELECT mine.id, mine.domain
          FROM turn
         CROSS JOIN LATERAL (
               SELECT r.id, r.domain
                 FROM credentials_campaignrecipient r
                WHERE r.campaign_id = turn.id AND r.state IN ({_WAITING})
                  AND r.claim IS NULL AND (r.next_at IS NULL OR r.next_at <= %(now)s)
                  AND (%(cap)s = 0 OR NOT EXISTS (
                      SELECT FROM capped WHERE capped.domain = r.domain
                                           AND capped.begun >= %(cap)s))
                ORDER BY r.id
                LIMIT greatest(1, %(size)s / (SELECT count(*) FROM turn))
                  FOR UPDATE SKIP LOCKED
         ) mine
    ),
    numbered AS (
        SELECT taken.id, row_number() OVER (PARTITION BY taken.domain ORDER BY taken.id)
                         + coalesce(capped.begun, 0) AS place
          FROM taken LEFT JOIN capped ON capped.domain = taken.domain
    )
    UPDATE credentials_campaignrecipient recipient
       SET claim = %(claim)s
      FROM numbered
     WHERE recipient.id = numbered.id AND (%(cap)s = 0 OR numbered.place <= %(cap)s)
 RETURNING recipient.id, recipient.campaign_id
"""  # noqa: S608 - our own constants

# The last look before the mail leaves: still waiting, still ours, still to be activated, still
# there. The same statement settles the mail before it: one round trip for each mail. No index knows
# « IS NOT DISTINCT »: by that of the claims, each mail would walk past the whole batch.
_BEGIN: Final = f"""
    UPDATE credentials_campaignrecipient recipient
       SET state = '{RecipientState.SENDING.value}', attempts = recipient.attempts + 1,
           started_at = %(now)s::timestamptz, next_at = NULL,
           first_at = coalesce(recipient.first_at, %(now)s::timestamptz)
      FROM accounts_account account
      JOIN directory_person person ON person.id = account.person_id
     WHERE recipient.id = %(recipient)s::bigint
       AND recipient.claim IS NOT DISTINCT FROM %(claim)s::int
       AND recipient.state IN ({_WAITING})
       AND account.id = recipient.account_id
       AND account.state = '{AccountState.PENDING.value}'
       AND person.left_at IS NULL
 RETURNING recipient.id
"""  # noqa: S608 - our own constants
_SETTLE: Final = f"""
    UPDATE credentials_campaignrecipient
       SET state = %(state)s::text, claim = NULL,
           code = %(code)s::smallint, answer = %(answer)s::text,
           attempts = attempts - %(uncounted)s::int, doubts = doubts + %(doubts)s::int,
           silences = silences + %(silences)s::int,
           first_at = CASE WHEN attempts > %(uncounted)s::int THEN first_at END,
           next_at = %(next_at)s::timestamptz, ended_at = %(ended_at)s::timestamptz
     WHERE id = %(settled)s::bigint AND state = '{RecipientState.SENDING.value}'
 RETURNING id
"""  # noqa: S608 - our own constants
_BEGIN_ONE: Final = statement(_BEGIN)
_SETTLE_ONE: Final = statement(_SETTLE)
_BOTH: Final = statement(f"WITH settled AS ({_SETTLE}) {_BEGIN}")

_RELEASE: Final = """
    UPDATE credentials_campaignrecipient SET claim = NULL WHERE claim = %s
"""
_GIVE_BACK: Final = f"""
    UPDATE credentials_campaignrecipient
       SET state = '{RecipientState.QUEUED.value}', attempts = attempts - 1,
           silences = silences - 1, next_at = %(now)s,
           first_at = CASE WHEN attempts > 1 THEN first_at END
     WHERE id = %(recipient)s AND state = '{RecipientState.DEFERRED.value}' AND attempts > 0
       AND silences > 0
"""  # noqa: S608 - our own constants
_CLAIMS: Final = """
    SELECT DISTINCT claim FROM credentials_campaignrecipient WHERE claim IS NOT NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What becomes of a mail that was begun."""

    recipient: int
    state: RecipientState
    code: int | None = None
    answer: str = ""
    next_at: datetime | None = None
    ended_at: datetime | None = None
    counts: bool = True
    doubts: int = 0
    silences: int = 0

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of the statement."""
        return {
            "settled": self.recipient,
            "state": self.state.value,
            "code": self.code,
            "answer": self.answer,
            "next_at": self.next_at,
            "ended_at": self.ended_at,
            "uncounted": 0 if self.counts else 1,
            "doubts": self.doubts,
            "silences": self.silences,
        }


class Claim:
    """A worker's place, and the number that it writes on what it takes."""

    def __init__(self, link: BaseDatabaseWrapper, number: int) -> None:
        self._link = link
        self.number = number

    @classmethod
    def take_place(cls) -> Self | None:
        """Take one of the places, None when every one is taken."""
        link = open_side_connection()
        try:
            places = range(1, settings.MAIL_CONNECTIONS + 1)
            if any(_try_lock(link, _PLACE, place) for place in places):
                number = secrets.randbelow(2**31 - 1) + 1
                if _try_lock(link, _CLAIM, number):
                    return cls(link, number)
        except BaseException:
            link.close()
            raise
        link.close()
        return None

    def take(self, *, size: int, now: datetime) -> list[tuple[int, int]]:
        """Take up to about *size* recipients that are due; return (recipient, campaign)."""
        with self._link.cursor() as cursor:
            cursor.execute("SELECT 1")  # the locks live with this connection
        with transaction.atomic(), connection.cursor() as cursor:
            # One worker takes at a time, so that the cap of a domain is exact.
            cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_ONE_AT_A_TIME])
            cursor.execute(
                _TAKE,
                {
                    "cap": settings.MAIL_PER_DOMAIN_PER_MINUTE,
                    "minute_ago": now - timedelta(minutes=1),
                    "now": now,
                    "size": size,
                    "claim": self.number,
                },
            )
            taken = sorted(cursor.fetchall())
            served = sorted({campaign for _, campaign in taken})
            cursor.execute(
                "UPDATE credentials_campaign SET served_at = %s WHERE id = ANY(%s)", [now, served]
            )
        return taken

    def begin(self, recipient: int, *, now: datetime, after: Settlement | None) -> bool:
        """Say that this mail leaves now; False when it must not any more. Settles *after*, too."""
        parameters: dict[str, Any] = {"recipient": recipient, "claim": self.number, "now": now}
        if after is None:
            return fetch_one(_BEGIN_ONE, parameters) is not None
        return fetch_one(_BOTH, parameters | after.parameters()) is not None

    def release(self) -> None:
        """Give back whatever was taken and not begun; what was begun is in doubt from now on."""
        _release([self.number])

    def release_the_dead(self) -> None:
        """Give back what workers that died had taken."""
        with connection.cursor() as cursor:
            cursor.execute(_CLAIMS)
            others = [claim for (claim,) in cursor.fetchall() if claim != self.number]
        for claim in others:
            if _try_lock(self._link, _CLAIM, claim):
                _release([claim])
                with self._link.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_CLAIM, claim])

    def close(self) -> None:
        """Leave the place at once; a worker that dies leaves it with its connection."""
        with suppress(Error), self._link.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
        with suppress(Error):
            self._link.close()


def settle(settlement: Settlement) -> bool:
    """Write what became of a mail that was begun; False when somebody else settled it."""
    return fetch_one(_SETTLE_ONE, settlement.parameters()) is not None


def give_back(recipient: int, *, now: datetime) -> None:
    """Take a try back that turned out to be the server's; others go first."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, {"recipient": recipient, "now": now})


def is_left_since(moment: datetime) -> bool:
    """Have mails been due since before *moment*, in a mailing that no worker has served since?

    While the server rests nobody is to take them.
    """
    server = MailServer.objects.filter(pk=1).first()
    if server is not None and server.open_until is not None and server.open_until > moment:
        return False
    due = CampaignRecipient.objects.waiting().filter(
        Q(next_at__isnull=True) | Q(next_at__lt=moment),
        campaign=OuterRef("pk"),
        claim__isnull=True,
    )
    forgotten = Campaign.objects.filter(
        Q(served_at__isnull=True) | Q(served_at__lt=moment),
        Exists(due),
        state=CampaignState.RUNNING,
        created_at__lt=moment,
    )
    return forgotten.exists()


def _release(claims: Iterable[int]) -> None:
    with connection.cursor() as cursor:
        for claim in claims:
            cursor.execute(_RELEASE, [claim])


def _try_lock(link: BaseDatabaseWrapper, space: int, number: int) -> bool:
    with link.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [space, number])
        row = cursor.fetchone()
        return bool(row and row[0])
