"""What can be done in the background: each room declares its kinds in its `tasks.py`.

    @job_kind("directory.import_aaf", label="Import AAF", max_attempts=3, resumable=True)
    def import_aaf(ctx: JobContext) -> None: ...

The function receives a `JobContext`. It may return a small dict, which becomes the result.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

if TYPE_CHECKING:
    from ent.jobs.context import JobContext
    from ent.jobs.models import Job

JobFunction = Callable[["JobContext"], Mapping[str, object] | None]
Watcher = Callable[["Job", UUID], bool]
NextPage = Callable[["Job"], str]

PORTAL = "portail"
"""The realm of every process that says nothing else (`settings.PREAU_REALM`)."""
_NAME = re.compile(r"^[a-z_]+(\.[a-z_]+)+$")


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of background work.

    `may_watch` tells whether a person other than the one who asked may follow and stop a job of
    this kind. `next_page` gives the address to which its progress page leads when it has succeeded:
    by itself, or (`is_next_automatic=False`, a download) by a link that says `next_words`. Only
    processes of its `realm` announce and run it.
    """

    name: str
    label: str
    function: JobFunction
    max_attempts: int
    may_watch: Watcher | None
    next_page: NextPage | None
    next_words: str
    is_next_automatic: bool
    realm: str = PORTAL

    @property
    def is_resumable(self) -> bool:
        """May it run again from its beginning?"""
        return self.max_attempts > 1


class UnknownKindError(LookupError):
    """No room declared this kind of job."""


_kinds: dict[str, JobKind] = {}


def job_kind(
    name: str,
    *,
    label: str,
    resumable: bool = False,
    max_attempts: int = 3,
    may_watch: Watcher | None = None,
    next_page: NextPage | None = None,
    next_words: str = "Continuer",
    is_next_automatic: bool = True,
    realm: str = PORTAL,
) -> Callable[[JobFunction], JobFunction]:
    """Declare the decorated function as what a job of this kind does.

    `resumable` promises that it may run again from its beginning after it was killed at any
    moment; without that promise it is tried once and a crash is a failure that a person sees.
    """
    if not _NAME.match(name):
        raise ValueError(f"{name!r}: a kind is `room.verb`, in lower case")

    def declare(function: JobFunction) -> JobFunction:
        known = _kinds.get(name)
        if known is not None and known.function.__qualname__ != function.__qualname__:
            raise ValueError(f"{name}: declared twice")
        _kinds[name] = JobKind(
            name=name,
            label=label,
            function=function,
            max_attempts=max_attempts if resumable else 1,
            may_watch=may_watch,
            next_page=next_page,
            next_words=next_words,
            is_next_automatic=is_next_automatic,
            realm=realm,
        )
        return function

    return declare


def get_kind(name: str) -> JobKind:
    """Return the kind of that name, or raise `UnknownKindError`."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKindError(f"no room declares the job kind {name!r}") from None


def of_this_realm(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """Keep the jobs that processes of this realm run.

    The portal's take up whatever no other realm declared, also a kind that was retired; another
    realm's, which do not load the portal's rooms, only their own.
    """
    realm = settings.PREAU_REALM
    if realm == PORTAL:
        return jobs.exclude(kind__in=[n for n, kind in _kinds.items() if kind.realm != PORTAL])
    return jobs.filter(kind__in=[n for n, kind in _kinds.items() if kind.realm == realm])
