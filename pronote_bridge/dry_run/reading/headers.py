"""Which row of a grid is the header, and what each of its columns holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ent.tabular.reading.grids import Grid, Row
from ent.text.folding import fold
from pronote_bridge.dry_run.enums import ListColumn
from pronote_bridge.enums import ListKind

#: What each column of a list holds, None where it is of no use here.
Columns = tuple[ListColumn | None, ...]

#: Titles, the school's name, the date of the printing: they stand above the header.
MOST_LINES_ABOVE: Final = 30

_PUPIL: Final = r"(?:eleves?|enfants?)"
_GUARDIAN: Final = (
    r"(?:(?:responsables?|resp|representants?)(?: (?:legal|legaux|leg|principal))?"
    r"|parents?|tuteur|tutrice|pere|mere)"
)
_TEACHER: Final = r"(?:professeurs?|profs?|enseignants?)"
_STAFF: Final = r"(?:personnels?|agents?)"
_WHO: Final = {
    ListKind.PUPILS: _PUPIL,
    ListKind.GUARDIANS: _GUARDIAN,
    ListKind.TEACHERS: _TEACHER,
    ListKind.STAFF: _STAFF,
}
#: Folded words of a header; `{who}` is how the list calls those whom it holds.
_COMMON: Final = (
    (ListColumn.FAMILY_NAME, r"noms?(?: de famille| d usage| usuel)?(?: (?:du |de l )?{who})?"),
    (ListColumn.GIVEN_NAME, r"prenoms?(?: usuel| 1)?(?: (?:du |de l )?{who})?"),
    (
        ListColumn.FULL_NAME,
        (
            r"(?:noms? (?:et )?prenoms?|prenoms? (?:et )?noms?|nom complet|identite)"
            r"(?: (?:du |de l |des )?{who})?|{who}"
        ),
    ),
    (
        ListColumn.BIRTH_DATE,
        r"(?:ne|nee|ne e)(?: le)?|(?:date )?(?:de )?(?:naissance|naiss)|ddn",
    ),
    (ListColumn.CLASS_NAME, r"classes?(?: de rattachement| principale)?|divisions?"),
    (ListColumn.IDENTIFIER, r"(?:identifiant|id) (?:cas|ent|sso|partenaire)"),
)


@dataclass(frozen=True, slots=True)
class Relatives:
    """The columns of a list that name other people: guardians of pupils, pupils of guardians."""

    whole: ListColumn
    family: ListColumn
    given: ListColumn
    words: str
    """How titles call these people."""
    alone: str
    """Titles of a column that names them without saying « nom »."""

    @property
    def patterns(self) -> tuple[tuple[ListColumn, str], ...]:
        """The words of their titles: « Nom du resp. 1 », « Responsable légal 2 - Prénom »."""
        them = rf"{self.words}(?: n)?(?: ?\d)?"
        family, given = r"nom(?: de famille| d usage| usuel)?", r"prenoms?(?: usuel)?"
        both = r"(?:noms? (?:et )?prenoms?|prenoms? (?:et )?noms?|nom complet|identite)"
        whole, first, last = (
            rf"{name} (?:du |de la |de l |des )?{them}|{them} {name}"
            for name in (both, family, given)
        )
        return ((self.whole, rf"{self.alone}|{whole}"), (self.family, first), (self.given, last))


RELATIVES: Final = {
    ListKind.PUPILS: Relatives(
        ListColumn.GUARDIANS,
        ListColumn.GUARDIAN_FAMILY_NAME,
        ListColumn.GUARDIAN_GIVEN_NAME,
        _GUARDIAN,
        rf"{_GUARDIAN}(?: \d)?",
    ),
    ListKind.GUARDIANS: Relatives(
        ListColumn.CHILDREN,
        ListColumn.CHILD_FAMILY_NAME,
        ListColumn.CHILD_GIVEN_NAME,
        _PUPIL,
        rf"{_PUPIL}(?: \d)?(?: a charge)?|responsable de",
    ),
}
#: More than one column may name guardians or children; of the others the first one counts.
SEVERAL: Final = frozenset(
    column
    for relatives in RELATIVES.values()
    for column in (relatives.whole, relatives.family, relatives.given)
)


def _patterns(kind: ListKind) -> list[tuple[ListColumn, re.Pattern[str]]]:
    written = [*_COMMON, *(RELATIVES[kind].patterns if kind in RELATIVES else ())]
    return [
        (column, re.compile(rf"(?:{pattern.replace('{who}', _WHO[kind])})\Z"))
        for column, pattern in written
    ]


_PATTERNS: Final = {kind: _patterns(kind) for kind in ListKind}


def header_key(header: Sequence[str]) -> str:
    """Return what two headers of the same columns have in common, however they are written."""
    words = [fold(cell) for cell in header]
    while words and not words[-1]:
        words.pop()
    return "|".join(words)


def recognise(header: Sequence[str], kind: ListKind) -> Columns:
    """Tell what each column of a header holds, by its words.

    A list whose only name is « Nom » has both names there; where « Nom » and « Prénom » stand, a
    column with both adds nothing.
    """
    columns = _by_words(header, kind)
    if ListColumn.FAMILY_NAME in columns and ListColumn.GIVEN_NAME in columns:
        return _replaced(columns, ListColumn.FULL_NAME, None)
    if ListColumn.FULL_NAME in columns:
        return _replaced(
            _replaced(columns, ListColumn.FAMILY_NAME, None), ListColumn.GIVEN_NAME, None
        )
    return _replaced(columns, ListColumn.FAMILY_NAME, ListColumn.FULL_NAME)


def has_names(columns: Columns) -> bool:
    """Do these columns name people?"""
    known = set(columns)
    return ListColumn.FULL_NAME in known or known.issuperset(
        (ListColumn.FAMILY_NAME, ListColumn.GIVEN_NAME)
    )


def score(cells: Sequence[str], kind: ListKind) -> int:
    """Return how much a row looks like a header: its recognised columns, 0 without names."""
    columns = recognise(cells, kind)
    return sum(column is not None for column in columns) if has_names(columns) else 0


def find_header(grid: Grid, kind: ListKind) -> Row | None:
    """Return the row that looks most like a header among the first ones, None when none does."""
    rows = [row for row in grid.rows if not row.is_empty][:MOST_LINES_ABOVE]
    best = max(rows, key=lambda row: score(row.cells, kind), default=None)
    return best if best is not None and score(best.cells, kind) else None


def likely_header(grid: Grid) -> Row | None:
    """Return the row to show when no header is recognised: the first of the widest of the first."""
    rows = [row for row in grid.rows if not row.is_empty][:MOST_LINES_ABOVE]
    return max(rows, key=lambda row: sum(map(bool, row.cells)), default=None)


def _by_words(header: Sequence[str], kind: ListKind) -> Columns:
    found: list[ListColumn | None] = []
    for cell in header:
        words = fold(cell)
        column = next((known for known, form in _PATTERNS[kind] if form.match(words)), None)
        found.append(None if column in found and column not in SEVERAL else column)
    return tuple(found)


def _replaced(columns: Columns, column: ListColumn, other: ListColumn | None) -> Columns:
    return tuple(other if known == column else known for known in columns)
