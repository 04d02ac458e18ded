"""The rows of a file, read as one state of the directory and streamed list by list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from django.db import connection, transaction

from directory.models import School
from pronote_bridge.enums import ListKind
from pronote_bridge.format.document import Lists
from pronote_bridge.format.rows import (
    MOST_ADDRESS_LINES,
    NO_ADDRESS,
    Address,
    GuardianRow,
    PupilRow,
    SchoolRow,
    StaffRow,
    TeacherRow,
)
from pronote_bridge.instances.models import Instance
from pronote_bridge.population.statements import SQL, parameters_of
from pronote_bridge.population.writable import writable

BLOCK_ROWS: Final = 2_000
_ISOLATION: Final = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
#: AAF's titles, as the nomenclature of the file numbers them (`format.rows.CIVILITIES`).
_CIVILITIES: Final = {"Mme": 1, "M.": 2}
_Row = TypeVar("_Row")


class IdentifierMissing(Exception):
    """Somebody arrived after the identifiers were made: make them again, and begin again."""


@contextmanager
def snapshot() -> Iterator[None]:
    """One transaction that sees one state of the database, whatever is written meanwhile.

    Inside a caller's transaction the isolation is theirs; the statement that fills the rows is one
    state by itself.
    """
    is_ours = not connection.in_atomic_block
    with transaction.atomic():
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute(_ISOLATION)
        yield


def fill_rows(instance: Instance) -> None:
    """Read everybody of the file into the table `pronote_row`, which goes with the transaction.

    Raises `IdentifierMissing` rather than write a person without identifier.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.pronote_row")
        cursor.execute(SQL.query("population", "fill rows"), parameters_of(instance))
        cursor.execute("ANALYZE pronote_row")
        cursor.execute("SELECT EXISTS (SELECT FROM pronote_row WHERE identifier IS NULL)")
        if cursor.fetchone() == (True,):
            raise IdentifierMissing


def count_rows() -> dict[ListKind, int]:
    """How many lines of each list will be written."""
    with connection.cursor() as cursor:
        cursor.execute(SQL.query("population", "counts"))
        found = {ListKind(kind): count for kind, count in cursor.fetchall()}
    return {kind: found.get(kind, 0) for kind in ListKind}


def read_lists(instance: Instance, *, note: Callable[[], None] = lambda: None) -> Lists:
    """Return the lists of the rows that `fill_rows` read, each streamed when it is iterated.

    *note* is called once per block of rows: a job shows its progress there, and stops there.
    """
    return Lists(
        schools=school_rows(instance.schools),
        staff=_stream(ListKind.STAFF, _staff, note),
        teachers=_stream(ListKind.TEACHERS, _teacher, note),
        guardians=_stream(ListKind.GUARDIANS, _guardian, note),
        pupils=_stream(ListKind.PUPILS, _pupil, note),
    )


def school_rows(schools: Sequence[School]) -> list[SchoolRow]:
    """The schools of the file, numbered from 0; every one is initialised in this base."""
    return [
        SchoolRow(ident=number, uai=school.uai, name=writable(school.name))
        for number, school in enumerate(schools)
    ]


def _stream(
    kind: ListKind, make: Callable[[tuple[Any, ...]], _Row], note: Callable[[], None]
) -> Iterator[_Row]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(SQL.query("population", "rows"), {"kind": kind.value})
        while rows := cursor.fetchmany(BLOCK_ROWS):
            note()
            yield from map(make, rows)


# The columns of the query « rows »: ident, family_name, given_name, identifier, birth_date, title,
# address, postal_code, town, country, national_number, guardian_idents.


def _staff(row: tuple[Any, ...]) -> StaffRow:
    return StaffRow(row[0], row[1], row[2], row[3], _address(row))


def _teacher(row: tuple[Any, ...]) -> TeacherRow:
    return TeacherRow(row[0], row[1], row[2], row[3], _address(row), birth_date=row[4])


def _guardian(row: tuple[Any, ...]) -> GuardianRow:
    civility = _CIVILITIES.get(row[5])
    return GuardianRow(row[0], row[1], row[2], row[3], _address(row), civility=civility)


def _pupil(row: tuple[Any, ...]) -> PupilRow:
    return PupilRow(
        row[0],
        row[1],
        row[2],
        row[3],
        _address(row),
        birth_date=row[4],
        national_number=row[10],
        guardians=tuple(row[11] or ()),
    )


def _address(row: tuple[Any, ...]) -> Address:
    """AAF's lines are kept one per line; a fifth joins the fourth rather than be lost."""
    if not (row[6] or row[7] or row[8] or row[9]):
        return NO_ADDRESS
    lines = [line for line in (part.strip() for part in row[6].splitlines()) if line]
    if len(lines) > MOST_ADDRESS_LINES:
        lines[MOST_ADDRESS_LINES - 1 :] = [", ".join(lines[MOST_ADDRESS_LINES - 1 :])]
    return Address(tuple(lines), postal_code=row[7], town=row[8], country=row[9])
