"""Which errors pass by themselves, and what they mean to the person who meets one.

The one list of them: background work waits for their end, a page answers 503 and says which it is.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import psycopg
from django.db import Error, InterfaceError, OperationalError
from kombu.exceptions import OperationalError as BrokerError


class Outage(StrEnum):
    """What is away."""

    SPACE = "space"
    READ_ONLY = "read_only"
    BUSY = "busy"
    DATABASE = "database"
    BROKER = "broker"
    NETWORK = "network"


#: What happened, in the words of a page or of a job.
WORDS: Final = {
    Outage.SPACE: "Le serveur n’a plus de place pour enregistrer.",
    Outage.READ_ONLY: "Le service ne peut rien enregistrer pour l’instant ; ce qui est enregistré "
    "se lit.",
    Outage.BUSY: "La base de données est occupée par un autre travail.",
    Outage.DATABASE: "La base de données ne répond pas.",
    Outage.BROKER: "La file des travaux ne répond pas.",
    Outage.NETWORK: "Un autre serveur ne répond pas.",
}
_SPACE_NUMBERS: Final = {errno.ENOSPC, errno.EDQUOT}
_NETWORK_NUMBERS: Final = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN}
#: Codes of PostgreSQL (its appendix A), by their first characters; the longest one counts.
_BY_CODE: Final = {
    "53100": Outage.SPACE,  # disk_full
    "53": Outage.DATABASE,  # out of memory, too many connections
    "25006": Outage.READ_ONLY,  # read_only_sql_transaction
    "08": Outage.DATABASE,  # connection failures
    "57P": Outage.DATABASE,  # the server stops, has crashed or is starting
    "57014": Outage.BUSY,  # query_canceled: the time of a statement is over
    "58": Outage.DATABASE,  # the server's own input and output
    "55P03": Outage.BUSY,  # lock_not_available
    "40": Outage.BUSY,  # deadlocks, serialization failures
}
_ABORTED: Final = "25P02"


def outage_of(failure: BaseException | None) -> Outage | None:
    """Return what is away according to an error or to one that it came from; None for a fault."""
    for cause in _chain(failure):
        if (found := _outage_of_one(cause)) is not None:
            return found
        if _code_of(cause) not in (None, _ABORTED):
            return None
    return None


def first_failure(failure: BaseException) -> BaseException:
    """Return the error that broke the transaction, for one that only says that it is broken.

    PostgreSQL refuses every statement after the first error; what is written while that error
    goes up (the end of an archive) would hide it.
    """
    for cause in _chain(failure):
        if _code_of(cause) != _ABORTED:
            return cause
    return failure


def _chain(failure: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and what it came from; Django's and psycopg's of one error are one.

    What an error was raised *from* counts always; what was being handled meanwhile only for errors
    of the database, which may be about a transaction that another error broke.
    """
    seen: set[int] = set()
    while failure is not None and id(failure) not in seen:
        seen.add(id(failure))
        yield failure
        context = failure.__context__ if isinstance(failure, Error | psycopg.Error) else None
        if isinstance(failure, Error) and isinstance(failure.__cause__, psycopg.Error):
            same = failure.__cause__
            failure = same.__cause__ or (context if context is not same else same.__context__)
        else:
            failure = failure.__cause__ or context


def _code_of(failure: BaseException) -> str | None:
    of_psycopg = failure.__cause__ if isinstance(failure, Error) else failure
    return of_psycopg.sqlstate if isinstance(of_psycopg, psycopg.Error) else None


def _outage_of_one(failure: BaseException) -> Outage | None:
    if (code := _code_of(failure)) is not None:
        known = [start for start in _BY_CODE if code.startswith(start)]
        return _BY_CODE[max(known, key=len)] if known else None
    if isinstance(
        failure,
        OperationalError | InterfaceError | psycopg.OperationalError | psycopg.InterfaceError,
    ):
        return Outage.DATABASE
    if isinstance(failure, BrokerError):
        return Outage.BROKER
    if isinstance(failure, OSError):
        return _outage_of_system(failure)
    return None


def _outage_of_system(failure: OSError) -> Outage | None:
    if failure.errno in _SPACE_NUMBERS:
        return Outage.SPACE
    if isinstance(failure, ConnectionError | TimeoutError | socket.gaierror):
        return Outage.NETWORK
    return Outage.NETWORK if failure.errno in _NETWORK_NUMBERS else None
