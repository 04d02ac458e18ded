"""Statements that run so often that PostgreSQL should plan them once.

Django binds values on the client: each execution is a new text that the server parses and plans,
which for a statement of several parts costs more than running it. Here the statement keeps its
parameters and is prepared, on Django's own connection and in its transaction. Its names become the
server's numbers once, at import: psycopg would look each of them up again at each execution. For
the few hot statements of sign-in and mailing; everything else stays with `connection.cursor()`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper
from django.db.models import Model

_M = TypeVar("_M", bound=Model)
_NAME: Final = re.compile(r"%\((\w+)\)s|%%")

#: A column that lets its transaction commit without waiting for the disk: only where a later commit
#: of the same request waits, for it flushes everything before it.
FLUSHED_LATER = "set_config('synchronous_commit', 'off', true)"


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as the server knows it, and the names that its numbers stand for."""

    text: bytes
    names: tuple[str, ...]


def statement(text: str) -> Statement:
    """Return the statement of a text with `%(name)s`, as `cursor.execute` knows it.

    Parameters need their casts in the text (`%(now)s::timestamptz`): the server knows their type
    from nothing else.
    """
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        name = found[1]
        return f"${numbers.setdefault(name, len(numbers) + 1)}" if name else "%"

    line = _NAME.sub(number, " ".join(text.split()))
    return Statement(line.encode(), tuple(numbers))


def fetch_one(statement: Statement, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Run the statement and return its first row, None without one.

    *parameters* may hold more than the statement names. Queries are logged and counted as Django's
    own are.
    """
    values = [parameters[name] for name in statement.names]
    database = _connected()
    row: tuple[Any, ...] | None
    if database.queries_logged or database.execute_wrappers:
        with _LoggedCursor(_PreparingCursor(database.connection), database) as cursor:
            cursor.execute(statement.text.decode(), values)
            row = cursor.fetchone()
        return row
    # What Django's cursor would do around these two calls, without it: half of what it costs.
    database.validate_no_broken_transaction()
    with database.wrap_database_errors:
        row = _PreparingCursor(database.connection).execute(statement.text, values).fetchone()
    return row


def fields_of(model: type[Model], *names: str) -> tuple[str, ...]:
    """Put the columns' names in the order of the model, which `make_object` asks for."""
    return tuple(f.attname for f in model._meta.concrete_fields if f.attname in names)  # noqa: SLF001


def make_object(model: type[_M], fields: tuple[str, ...], values: tuple[Any, ...]) -> _M | None:
    """Return these columns as an object, None when an outer join found none.

    Any other field is read when somebody asks for it.
    """
    if values[fields.index(model._meta.pk.attname)] is None:  # noqa: SLF001
        return None
    return model.from_db(connection.alias, fields, values)


class _PreparingCursor(psycopg.RawCursor[tuple[Any, ...]]):
    """Prepares at the first execution; the wrapper around it only knows `execute(sql, params)`."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        return super().execute(query, params, prepare=True, **options)


class _LoggedCursor(CursorDebugWrapper):
    """Logs the statement as it is sent: its values never stand in it."""

    def execute(self, sql: Any, params: Any = None) -> Any:
        with self.debug_sql(sql, params):
            return CursorWrapper.execute(self, sql, params)


def _connected() -> Any:
    database = connections[DEFAULT_DB_ALIAS]  # `connection` looks it up at each of its attributes
    # As Django's own cursor: the first of a request finds out whether the server is still the same.
    database.close_if_health_check_failed()
    database.ensure_connection()
    raw: Any = database.connection
    if settings.DATABASE_PREPARES and raw.prepare_threshold is None:
        raw.prepare_threshold = 5  # Django switches the whole mechanism off with None
    return database
