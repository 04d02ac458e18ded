"""The rest that all workers give to a mail server that fails as a whole (T-G3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from credentials.mailing.models import MailServer

_FIRST: Final = timedelta(seconds=30)
_LONGEST: Final = timedelta(minutes=15)

# One failure more, and twice as long a rest; several workers that fail together count as one.
_FAIL: Final = """
    INSERT INTO credentials_mailserver AS server (id, failures, open_until, answer)
    VALUES (1, 1, %(now)s + %(first)s, %(answer)s)
    ON CONFLICT (id) DO UPDATE
       SET failures = server.failures + 1, answer = excluded.answer,
           open_until = %(now)s
               + least(%(longest)s, %(first)s * power(2, least(server.failures, 10)))
     WHERE server.open_until IS NULL OR server.open_until <= %(now)s
"""


def server_rests(now: datetime) -> bool:
    """Is nobody to try now?"""
    server = MailServer.objects.filter(pk=1).first()
    return server is not None and server.rests_at(now)


def note_failure(answer: str, *, now: datetime) -> None:
    """The server failed as a whole: nobody tries for a while."""
    parameters: dict[str, Any] = {
        "now": now,
        "first": _FIRST,
        "longest": _LONGEST,
        "answer": answer[:300],
    }
    with connection.cursor() as cursor:
        cursor.execute(_FAIL, parameters)


def note_success() -> None:
    """The server took a mail: the next failure is a first one."""
    MailServer.objects.filter(pk=1, failures__gt=0).update(failures=0, open_until=None, answer="")


def resting_server(now: datetime) -> MailServer | None:
    """Return the server while it rests, for the screen."""
    server = MailServer.objects.filter(pk=1).first()
    return server if server is not None and server.rests_at(now) else None
