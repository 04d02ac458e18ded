"""One attempt at a job, on a second connection that holds the job's lock and shows its progress.

The job's own connection may be in a transaction of several minutes, whose writes nobody sees; what
is written here is seen at once. The session's advisory lock says that the job lives: PostgreSQL
frees it when the process dies, whatever killed it, where a heartbeat would have to guess. (Behind a
pooler that shares sessions between transactions, this connection must bypass it.)
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, Self

from django.db import DEFAULT_DB_ALIAS, Error, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ent.jobs.enums import JobState
from ent.jobs.errors import JobLost
from ent.outages.causes import Outage

_Values = list[Any] | dict[str, Any]

#: First half of the advisory lock's identifier; the second is the job's key.
LOCK_NAMESPACE = 0x4A4F42  # "JOB"

_CLAIM = """
    UPDATE jobs_job
       SET state = 'running', attempts = attempts + 1, started_at = clock_timestamp(),
           step = '', done = 0, total = 0, error = '', held_by = ''
     WHERE id = %s AND state = 'queued' AND attempts < max_attempts
       AND (not_before IS NULL OR not_before <= clock_timestamp())
 RETURNING attempts
"""
_PROGRESS = """
    UPDATE jobs_job SET step = %s, done = %s, total = %s
     WHERE id = %s AND state = 'running' AND attempts = %s
 RETURNING cancel_requested
"""
_FINISH = """
    UPDATE jobs_job
       SET state = %s, error = %s, result = %s, finished_at = clock_timestamp()
     WHERE id = %s AND state = 'running' AND attempts = %s
"""
_GIVE_BACK = """
    UPDATE jobs_job SET state = 'queued', woken_at = NULL
     WHERE id = %s AND state = 'running' AND attempts = %s AND attempts < max_attempts
 RETURNING id
"""
# Waits longer from one time to the next (`_WAITS`), and half as long as it had worked: a long work
# is not begun again every half minute. What is away for a day is for somebody to look at.
_HOLD = """
    UPDATE jobs_job
       SET state = 'queued', woken_at = NULL, held_by = %(outage)s, holds = holds + 1,
           held_since = COALESCE(held_since, clock_timestamp()),
           max_attempts = max_attempts + %(free)s,
           not_before = clock_timestamp() + GREATEST(
               make_interval(secs => (%(waits)s::int[])[LEAST(holds + 1, %(last)s)]),
               LEAST((clock_timestamp() - started_at) / 2, interval '5 minutes'))
     WHERE id = %(job)s AND state = 'running' AND attempts = %(attempt)s
       AND attempts < max_attempts + %(free)s
       AND (held_since IS NULL OR held_since > clock_timestamp() - interval '1 day')
 RETURNING id
"""
#: Seconds before the next attempts. With the sweeper's twenty, work goes on within a minute.
_WAITS = (5, 15, 30)


def open_side_connection() -> BaseDatabaseWrapper:
    """Open a connection of one's own to the same database, in autocommit."""
    side = connections.create_connection(DEFAULT_DB_ALIAS)
    with side.cursor() as cursor:
        # A job that writes its own row in its transaction would wait for itself: say so instead.
        cursor.execute("SET lock_timeout = '5s'")
        cursor.execute("SET application_name = 'preau-job'")
    return side


class JobAttempt:
    """One attempt at one job: it claims the job, and writes what becomes of it."""

    def __init__(self, link: BaseDatabaseWrapper, *, job_id: int, number: int, own: bool) -> None:
        self._link = link
        self._own = own
        self.job_id = job_id
        self.number = number

    @classmethod
    def claim(cls, job_id: int) -> Self | None:
        """Take the job if it waits and nobody else holds it; None otherwise."""
        link = open_side_connection()
        try:
            if try_lock(link, job_id):
                with link.cursor() as cursor:
                    cursor.execute(_CLAIM, [job_id])
                    row = cursor.fetchone()
                if row is not None:
                    return cls(link, job_id=job_id, number=row[0], own=True)
        except BaseException:
            link.close()
            raise
        link.close()
        return None

    @classmethod
    def claim_in_transaction(cls, job_id: int) -> Self | None:
        """Take a job that this transaction has just written, which nobody else can see."""
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [job_id])
            row = cursor.fetchone()
        if row is None:
            return None
        link = connections[DEFAULT_DB_ALIAS]
        return cls(link, job_id=job_id, number=row[0], own=False)

    @property
    def is_alone(self) -> bool:
        """Does it have its own connection (otherwise it shares the job's transaction)?"""
        return self._own

    def write_progress(self, step: str, done: int, total: int) -> bool:
        """Show how far the job is; return whether somebody asked to stop it."""
        row = self._fetch(_PROGRESS, [step, done, total, self.job_id, self.number])
        if row is None:
            raise JobLost
        return bool(row[0])

    def finish(self, state: JobState, *, error: str = "", result: dict[str, Any]) -> None:
        """Write how the attempt ended, free the lock and close the connection.

        When the server restarted in between, the connection is opened once more; should another
        attempt have taken over meanwhile, the condition of the statement leaves it alone.
        """
        values = [state.value, error, json.dumps(result), self.job_id, self.number]
        try:
            self._execute(_FINISH, values)
        except Error:
            if not self._own:
                raise
            self._reopen()
            self._execute(_FINISH, values)
        finally:
            self.close()

    def give_back(self) -> bool:
        """Put the job back in the queue for another attempt; False when it has had them all."""
        return self._fetch_again(_GIVE_BACK, [self.job_id, self.number]) is not None

    def hold(self, outage: Outage, *, counts: bool) -> bool:
        """Put the job back in the queue until what is away may have come back.

        *counts*: as one of its attempts. False when it has had them all, or waited for a day.
        """
        values = {
            "outage": outage.value,
            "free": 0 if counts else 1,
            "waits": list(_WAITS),
            "last": len(_WAITS),
            "job": self.job_id,
            "attempt": self.number,
        }
        return self._fetch_again(_HOLD, values) is not None

    def close(self) -> None:
        """Close the connection; the server frees the lock with it."""
        if self._own:
            with suppress(Error):
                self._link.close()

    def _reopen(self) -> None:
        with suppress(Error):
            self._link.close()
        self._link = open_side_connection()

    def _execute(self, statement: str, values: list[Any]) -> None:
        with self._link.cursor() as cursor:
            cursor.execute(statement, values)

    def _fetch_again(self, statement: str, values: _Values) -> tuple[Any, ...] | None:
        """The same on a new connection when this one is broken."""
        try:
            return self._fetch(statement, values)
        except Error:
            if not self._own:
                raise
            self._reopen()
            return self._fetch(statement, values)

    def _fetch(self, statement: str, values: _Values) -> tuple[Any, ...] | None:
        with self._link.cursor() as cursor:
            cursor.execute(statement, values)
            row: tuple[Any, ...] | None = cursor.fetchone()
            return row


def try_lock(link: BaseDatabaseWrapper, job_id: int) -> bool:
    """Take the job's advisory lock for the life of the connection, if it is free."""
    with link.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_NAMESPACE, job_id])
        row = cursor.fetchone()
        return bool(row and row[0])


def unlock(link: BaseDatabaseWrapper, job_id: int) -> None:
    """Free the job's advisory lock."""
    with link.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_NAMESPACE, job_id])
