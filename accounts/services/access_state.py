"""The copy of an account's state that the directory shows (`Person.access_state`).

A person's row may be held by an import for minutes; nobody who chooses a password waits for it.
The copy is made when the row is free, otherwise a job of each minute makes it.
A contact has no access, whatever became of the account of the former guardian.
"""

from __future__ import annotations

from django.db import connection

from accounts.models import StaleAccessState
from directory.enums import AccessState, Profile

SHOWN_STATE = (
    f"CASE WHEN p.profile = '{Profile.CONTACT.value}' THEN '{AccessState.NONE.value}' "
    "ELSE a.state END"
)
"""What the directory shows of the account *a* of the person *p*."""

_COPY_IF_FREE = f"""
WITH free AS (
    SELECT p.id FROM directory_person p JOIN accounts_account a ON a.person_id = p.id
    WHERE a.id = %(account)s FOR UPDATE OF p SKIP LOCKED
)
UPDATE directory_person AS p SET access_state = {SHOWN_STATE}
FROM accounts_account a, free
WHERE p.id = free.id AND a.person_id = p.id
"""  # noqa: S608 - our own constants

_COPY_LATE = f"""
WITH late AS (DELETE FROM accounts_staleaccessstate WHERE noted_at <= now() RETURNING account_id)
UPDATE directory_person AS p SET access_state = {SHOWN_STATE}
FROM accounts_account a, late
WHERE a.id = late.account_id AND p.id = a.person_id AND p.access_state <> {SHOWN_STATE}
"""  # noqa: S608 - our own constants


def copy_access_state(*, account_id: int) -> None:
    """Copy one account's state to its person, now or (row held by an import) soon."""
    with connection.cursor() as cursor:
        cursor.execute(_COPY_IF_FREE, {"account": account_id})
        if not cursor.rowcount:
            StaleAccessState.objects.get_or_create(account_id=account_id)


def copy_late_access_states() -> int:
    """Make the copies that had to wait; return how many rows changed."""
    with connection.cursor() as cursor:
        cursor.execute(_COPY_LATE)
        return int(cursor.rowcount)
