"""The copy of an account's state that the directory shows (`Person.access_state`).

A person's row may be held by an import for minutes; nobody who chooses a password waits for it.
The copy is made when the row is free, otherwise a job of each minute makes it.
A contact has no access, whatever became of the account of the former guardian.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from accounts.account.models import StaleAccessState
from directory.enums import AccessState, Profile

SHOWN_STATE = (
    f"CASE WHEN p.profile = '{Profile.CONTACT.value}' THEN '{AccessState.NONE.value}' "
    "ELSE a.state END"
)
"""What the directory shows of the account *a* of the person *p*."""

_COPY_IF_FREE = f"""
WITH free AS (
    SELECT p.id FROM directory_person p JOIN accounts_account a ON a.person_id = p.id
    WHERE a.id = ANY(%(accounts)s) ORDER BY p.id FOR UPDATE OF p SKIP LOCKED
)
UPDATE directory_person AS p SET access_state = {SHOWN_STATE}
FROM accounts_account a, free
WHERE p.id = free.id AND a.person_id = p.id
RETURNING a.id
"""  # noqa: S608 - our own constants

_COPY_LATE = f"""
WITH late AS (DELETE FROM accounts_staleaccessstate WHERE noted_at <= now() RETURNING account_id)
UPDATE directory_person AS p SET access_state = {SHOWN_STATE}
FROM accounts_account a, late
WHERE a.id = late.account_id AND p.id = a.person_id AND p.access_state <> {SHOWN_STATE}
"""  # noqa: S608 - our own constants


def copy_access_state(*, account_id: int) -> None:
    """Copy one account's state to its person, now or (row held by an import) soon."""
    copy_access_states(account_ids=[account_id])


def copy_access_states(*, account_ids: Sequence[int]) -> None:
    """The same for many accounts: two statements at most."""
    with connection.cursor() as cursor:
        cursor.execute(_COPY_IF_FREE, {"accounts": list(account_ids)})
        copied = {row[0] for row in cursor.fetchall()}
    held = [StaleAccessState(account_id=pk) for pk in account_ids if pk not in copied]
    if held:
        StaleAccessState.objects.bulk_create(held, ignore_conflicts=True)


def copy_late_access_states() -> int:
    """Make the copies that had to wait; return how many rows changed."""
    with connection.cursor() as cursor:
        cursor.execute(_COPY_LATE)
        return int(cursor.rowcount)
