"""The SQL of imports: statements in ``.sql`` files, read once, filled for each run.

A file begins with a comment: what it is for, and the tables that it ``reads``, ``makes`` and
``changes`` (``python -m scripts.staging_map`` checks them and draws the map in ``docs/``). Each
statement follows a line that names it:

``-- step: <title>``     run in order; the title is what the progress shows, and stands for the
                         statements that follow too. ``; counter: <name>`` keeps the number of rows
                         of the next statement, ``; needs known`` leaves it out when the directory
                         knows nobody of the authority and degree.
``-- query: <name>``     asked for by its name; it may hold several statements, run together.

In a statement, ``staging.`` becomes the schema of the run and ``{Enum.MEMBER}`` the quoted value of
a vocabulary: most statements make tables, and such a statement takes no parameters from PostgreSQL.
``{has_legal_level}`` says whether the link and level of a row give the right to follow a pupil.
``{person_columns}`` lists the kept columns of a person, ``{person_columns:x}`` those of *x*, and
``{counted_columns:x}`` those in which a difference counts as a change.
``{feed_code:x}`` is how the feed names the class or group *x*.
``%(name)s`` are the parameters of the run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path

from directory.enums import (
    AnomalySeverity,
    Category,
    Degree,
    GroupKind,
    MembershipRole,
    Profile,
    Relationship,
    Role,
    Source,
    WaitingKind,
)
from directory.imports.columns import is_delivered, person_columns
from directory.imports.sql.steps import Step
from directory.imports.vocabulary import AnomalyCode, Change, Kept, RoleEnd

_NAMED = re.compile(r"^-- (step|query): (.+)$", re.MULTILINE)
_FILLED = re.compile(r"\{(\w+)\.(\w+)\}")
_FEED_CODE = re.compile(r"\{feed_code:(\w)\}")
_COLUMNS = re.compile(r"\{(person|counted)_columns(?::(\w))?\}")
TEMPORARY = "pg_temp"
"""The schema of temporary tables."""
_END = re.compile(r";[ \t]*$", re.MULTILINE)
_STAGING = re.compile(r"\bstaging\.")

Vocabulary = type[Enum]
_OUR_VOCABULARIES: tuple[Vocabulary, ...] = (
    AnomalyCode, AnomalySeverity, Category, Change, Degree, GroupKind, Kept, MembershipRole,
    Profile, Relationship, Role, RoleEnd, Source, WaitingKind,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as its file holds it, not yet filled."""

    kind: str
    name: str
    options: tuple[str, ...]
    text: str


def read_statements(text: str) -> list[Statement]:
    """Cut the text of a file into its statements."""
    found = list(_NAMED.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    statements = []
    for match, end in zip(found, ends, strict=True):
        name, *options = (part.strip() for part in match[2].split(";"))
        body = text[match.end() : end].strip().removesuffix(";")
        for one in _END.split(body) if match[1] == "step" else [body]:
            statements.append(Statement(match[1], name, tuple(options), one.strip()))
            options = []
    return statements


class SqlFolder:
    """The ``.sql`` files of one room, the vocabularies and pieces of SQL that they name."""

    def __init__(
        self,
        path: Path,
        *,
        vocabularies: Iterable[Vocabulary] = (),
        fragments: Mapping[str, str] | None = None,
    ) -> None:
        self.path = path
        self._fragments = fragments or {}
        self._words = {
            (vocabulary.__name__, member.name): _literal(member.value)
            for vocabulary in (*_OUR_VOCABULARIES, *vocabularies)
            for member in vocabulary
        }

    def steps(self, file: str, *, schema: str) -> list[Step]:
        """The steps of a file, in order."""
        return [
            Step(
                title=one.name,
                sql=self._filled(one.text, schema),
                counter=_counter(one.options),
                needs_known="needs known" in one.options,
            )
            for one in self._statements[file]
            if one.kind == "step"
        ]

    def query(self, file: str, name: str, *, schema: str = "") -> str:
        """A query of a file, by its name."""
        for one in self._statements[file]:
            if one.kind == "query" and one.name == name:
                return self._filled(one.text, schema)
        raise KeyError(f"{file}.sql: {name}")

    @cached_property
    def _statements(self) -> dict[str, list[Statement]]:
        return {
            path.stem: read_statements(path.read_text(encoding="utf-8"))
            for path in sorted(self.path.glob("*.sql"))
        }

    def _filled(self, text: str, schema: str) -> str:
        text = _COLUMNS.sub(_columns, text)
        text = _FEED_CODE.sub(r"coalesce(nullif(\1.feed_id, ''), \1.code)", text)
        for name, fragment in self._fragments.items():
            text = text.replace(f"{{{name}}}", fragment)
        text = _FILLED.sub(lambda found: self._words[found[1], found[2]], text)
        return for_schema(_STAGING.sub(f"{schema}.", text), schema=schema)


def for_schema(text: str, *, schema: str) -> str:
    """A statement as this schema takes it: temporary tables are never logged."""
    return text.replace("CREATE UNLOGGED TABLE", "CREATE TABLE") if schema == TEMPORARY else text


def _literal(value: object) -> str:
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def _columns(found: re.Match[str]) -> str:
    """The columns that a placeholder asks for, each with the alias that it names."""
    is_counted = found[1] == "counted"
    prefix = f"{found[2]}." if found[2] else ""
    return ", ".join(
        prefix + column.field
        for column in person_columns()
        if column.counts_as_change or not is_counted
    )


def _counter(options: tuple[str, ...]) -> str:
    for option in options:
        if option.startswith("counter: "):
            return option.removeprefix("counter: ")
    return ""


_FRAGMENTS = {
    # Before 2018 (codes below 10) both legal representatives are told apart, 1 and 2; since then
    # both are 1.
    # Of an object that names some attributes only, the others stay.
    "filled_columns": ", ".join(
        f"{field} = CASE WHEN '{field}' = ANY(i.absent) THEN x.{field} ELSE i.{field} END"
        for field in (column.field for column in person_columns() if is_delivered(column))
    ),
    "has_legal_level": "(level = 1 OR level = 2 AND relationship < {Relationship.MOTHER})",
}

SQL = SqlFolder(Path(__file__).parent, fragments=_FRAGMENTS)
"""The statements of the directory."""
