"""Using a form's ticket up: once, but for the same form sent twice.

A second « Entrée » sends the form again while the first is being evaluated, and the browser throws
the first answer away. So a ticket that nothing has refused passes again within a minute: the same
secret opens another session, which is the one that the browser keeps. A form that was refused is
dead, and so are all forms of before a sign-in or a sign-out, whose cookie changed.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import connection

from ent.database import clock
from signin.form_tickets.checks import StaleTicketError

#: Parameters: ``ticket``, ``now``; *condition* says whether there is anything to use it for. No row
#: comes back for a ticket that does not pass.
_USE: Final = """
INSERT INTO signin_loginticket AS t (number, used_at)
SELECT %(ticket)s::bytea, %(now)s::timestamptz
WHERE %(ticket)s::bytea IS NOT NULL AND {condition}
ON CONFLICT (number) DO UPDATE SET used_at = t.used_at
WHERE t.refused_at IS NULL AND t.used_at > %(now)s::timestamptz - interval '60 seconds'
RETURNING number
"""
#: Parameters: ``ticket``, ``now``.
REFUSE_TICKET: Final = """
UPDATE signin_loginticket SET refused_at = %(now)s::timestamptz WHERE number = %(ticket)s::bytea
"""


def use_ticket_query(*, condition: str = "true") -> str:
    """Return the query that uses a ticket up where the SQL *condition* holds."""
    return _USE.format(condition=condition)


def use_ticket(ticket: bytes | None) -> None:
    """Use the form's ticket up, or raise `StaleTicketError`; None where none is asked for."""
    if ticket is not None and _run(use_ticket_query(), ticket) == 0:
        raise StaleTicketError


def refuse_ticket(ticket: bytes | None) -> None:
    """The form was evaluated and refused: it is dead."""
    if ticket is not None:
        _run(REFUSE_TICKET, ticket)


def _run(statement: str, ticket: bytes) -> int:
    values: dict[str, Any] = {"ticket": ticket, "now": clock.now()}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
