"""Issuing activation codes, many at once: renewal of the expired ones, re-issue of all.

Codes are sealed for the worker: whoever issues them in number cannot read them back
(``ent.sealing``); only a rescue at a counter shows the one that it drew, once. Numbers of
generations only grow, so a code printed before a re-issue can never become valid again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from accounts.enums import AccountKind, AccountState
from accounts.models import Account
from credentials.choice.managed_accounts import SELECTION_SQL, TABLES, Selection
from credentials.days import start_of_day
from directory.enums import Profile
from directory.models import Affiliation, Person, School
from directory.rights.acts import Rank
from directory.rights.conditions import ranked_below
from ent.database.statistics import analyse_unknown
from ent.sealing.boxes import SealingBatch
from signin.one_time_codes import generate_codes, verifiers

_CHUNK_ACCOUNTS = 5_000

_NEED_ONE = f"""
    SELECT account.id
      FROM accounts_account account
      LEFT JOIN accounts_activationcode code ON code.account_id = account.id
     WHERE account.id IN ({SELECTION_SQL})
       AND account.state = '{AccountState.PENDING.value}'
       AND (code.account_id IS NULL OR code.expires_at <= %(now)s
            OR code.generation <> account.code_generation
            OR code.created_at <= %(asked_at)s)
     ORDER BY account.id
"""  # noqa: S608 - our own constants

_LACKING = f"""
    SELECT account.id
      FROM accounts_account account
      LEFT JOIN accounts_activationcode code ON code.account_id = account.id
     WHERE account.id = ANY(%(accounts)s)
       AND account.kind = '{AccountKind.LOCAL.value}'
       AND account.state = '{AccountState.PENDING.value}'
       AND (code.account_id IS NULL OR code.expires_at <= %(now)s
            OR code.generation <> account.code_generation)
     ORDER BY account.id
"""  # noqa: S608 - our own constants

_LOCK = f"""
    SELECT id, uuid, code_generation + 1 FROM accounts_account
     WHERE id = ANY(%s) AND kind = '{AccountKind.LOCAL.value}'
       AND state = '{AccountState.PENDING.value}'
     ORDER BY id FOR UPDATE
"""  # noqa: S608 - our own constants

_UPSERT = """
    INSERT INTO accounts_activationcode
           (account_id, generation, batch_id, box, verifier, created_at, expires_at)
    SELECT account_id, generation, %s, box, verifier, %s, %s
      FROM unnest(%s::bigint[], %s::int[], %s::bytea[], %s::bytea[])
           AS fresh (account_id, generation, box, verifier)
        ON CONFLICT (account_id) DO UPDATE
       SET generation = excluded.generation, batch_id = excluded.batch_id, box = excluded.box,
           verifier = excluded.verifier, created_at = excluded.created_at,
           expires_at = excluded.expires_at, handed_over_at = NULL
"""

_NEXT_GENERATION = """
    UPDATE accounts_account SET code_generation = code_generation + 1 WHERE id = ANY(%s)
"""


def count_pending(*, schools: Sequence[School], since: date | None, now: datetime) -> int:
    """Return how many accounts a re-issue concerns: those that have no password yet."""
    created_from = None if since is None else start_of_day(since)
    local = Account.objects.filter(kind=AccountKind.LOCAL, state=AccountState.PENDING)
    below = Person.objects.filter(ranked_below(Rank.SCHOOL_ADMINISTRATOR), left_at__isnull=True)
    concerned = local.exclude(person__profile=Profile.CONTACT).filter(
        person__in=below.filter(
            pk__in=Affiliation.objects.filter(school__in=schools).values("person")
        ).values("pk"),
        created_at__lte=now,
    )
    if created_from is not None:
        concerned = concerned.filter(created_at__gte=created_from)
    return concerned.count()


def renew_codes(*, selection: Selection, now: datetime) -> int:
    """Issue a code to each pending account whose code expired or is missing; return how many.

    Valid codes are left alone: slips that were handed out still work (T-F11).
    """
    return _issue_where(selection, now=now, asked_at=None)


def issue_missing_codes(*, account_ids: Sequence[int], now: datetime) -> int:
    """Issue a code to those that are pending without a valid one; return how many.

    Valid codes are left alone, as in `renew_codes`.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LACKING, {"accounts": list(account_ids), "now": now})
        ids = [row[0] for row in cursor.fetchall()]
    return _issue_in_chunks(ids, now=now)


def reissue_codes(*, selection: Selection, asked_at: datetime, now: datetime) -> int:
    """Replace the codes issued until *asked_at*; the former ones die with this transaction.

    Somebody who is in two schools of one request is replaced once: the second file finds a code
    issued since the request and prints that one, so both slips work.
    """
    return _issue_where(selection, now=now, asked_at=asked_at)


def issue_codes(*, account_ids: Sequence[int], now: datetime) -> int:
    """Issue a code to each of these accounts that is still pending; return how many there were."""
    return len(draw_codes(account_ids=account_ids, now=now))


@transaction.atomic
def draw_codes(*, account_ids: Sequence[int], now: datetime) -> dict[int, str]:
    """Issue codes as `issue_codes` does, and return them by account, for the one who hands over.

    One batch of boxes per call and a fixed number of statements. Accounts are locked in the order
    of their keys, so that two issues of overlapping sets wait for each other and never deadlock.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [list(account_ids)])
        locked: list[tuple[int, UUID, int]] = cursor.fetchall()
        if not locked:
            return {}
        batch = SealingBatch.open_new()
        codes = list(generate_codes(len(locked)))
        items = [
            (code, account, generation)
            for code, (_, account, generation) in zip(codes, locked, strict=True)
        ]
        boxes = list(
            batch.seal_many(
                (code.encode("ascii"), account, number) for code, account, number in items
            )
        )
        cursor.execute(
            "INSERT INTO accounts_sealingbatchrow (header, created_at) VALUES (%s, %s)"
            " RETURNING id",
            [batch.header, now],
        )
        batch_id = cursor.fetchone()[0]
        ids = [row[0] for row in locked]
        expires_at = now + timedelta(days=settings.ACTIVATION_CODE_DAYS)
        generations = [row[2] for row in locked]
        cursor.execute(
            _UPSERT,
            [batch_id, now, expires_at, ids, generations, boxes, list(verifiers(items))],
        )
        cursor.execute(_NEXT_GENERATION, [ids])
    return dict(zip(ids, codes, strict=True))


@transaction.atomic
def cancel_codes(*, selection: Selection, printed_at: datetime) -> int:
    """Withdraw the codes that a file printed: its slips open nothing any more.

    Codes issued after the file was made are on other slips, and stay.
    """
    analyse_unknown(TABLES)
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM accounts_activationcode WHERE account_id IN ({SELECTION_SQL})"  # noqa: S608
            " AND created_at <= %(printed_at)s",
            {**selection.parameters(), "printed_at": printed_at},
        )
        return int(cursor.rowcount)


def _issue_where(selection: Selection, *, now: datetime, asked_at: datetime | None) -> int:
    parameters = {**selection.parameters(), "now": now, "asked_at": asked_at}
    analyse_unknown(TABLES)
    with connection.cursor() as cursor:
        cursor.execute(_NEED_ONE, parameters)
        ids = [row[0] for row in cursor.fetchall()]
    return _issue_in_chunks(ids, now=now)


def _issue_in_chunks(ids: Sequence[int], *, now: datetime) -> int:
    return sum(
        issue_codes(account_ids=ids[at : at + _CHUNK_ACCOUNTS], now=now)
        for at in range(0, len(ids), _CHUNK_ACCOUNTS)
    )
