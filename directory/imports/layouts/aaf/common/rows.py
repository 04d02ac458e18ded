"""Objects → rows ready for COPY: what the builders of all categories and layouts share.

A row is a tuple of strings, in the order of the columns of its table
(:mod:`directory.imports.tables`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from directory.imports.layouts.aaf.common.objects import SEPARATOR, AafObject
from directory.imports.layouts.aaf.common.values import NULL, split_values
from directory.imports.layouts.errors import INFO, REJECTED, WARNING, ObjectAnomaly

if TYPE_CHECKING:
    from directory.imports.layouts.aaf.common.layout import CategoryLayout

MAX_CODE = 40
Row = tuple[str, ...]
Rows = dict[str, list[Row]]


class RowBuilder:
    """Turns the objects of one category into rows, and counts what it did not know."""

    def __init__(self, layout: CategoryLayout) -> None:
        self.category = layout.category
        self.is_delta = False
        self.unknown: Counter[str] = Counter()
        self.objects = 0
        self.rejected = 0
        self.academies: Counter[str] = Counter()
        self.listed_academies: Counter[str] = Counter()

    def build(self, made: AafObject, key: str, checksum: str, rows: Rows) -> None:
        """Append the rows of a usable object, or reject it."""
        raise NotImplementedError

    def add(self, made: AafObject, *, rid: int, checksum: bytes, rows: Rows) -> None:
        """Append the rows of one object to *rows* (table → rows)."""
        self.objects += 1
        key = str(rid)
        if made.unknown:
            self.unknown.update(made.unknown)
        is_delete = made.operation == "delete"
        if made.problem is None and is_delete and not self.is_delta:
            reject(made, "delete_in_complete", "Ordre de suppression dans un envoi complet.")
        if made.problem is None and is_delete:
            rows["in_delete"].append((key, self.category, made.external_id))
        elif made.problem is None:
            has_backslash = not made.is_plain and _hide_backslashes(made)
            first = {table: len(lines) for table, lines in rows.items()} if has_backslash else {}
            self.build(made, key, r"\\x" + checksum.hex(), rows)
            for table, start in first.items():
                rows[table][start:] = [tuple(map(_show, row)) for row in rows[table][start:]]
        if made.problem is not None:
            self.rejected += 1
            made.anomalies.append(made.problem)
        # An object with something to say is read and reported again at each delivery.
        for anomaly in made.anomalies:
            said = (key, anomaly.severity, anomaly.code, made.external_id, self.category,
                    anomaly.message)  # fmt: skip
            rows["in_anomaly"].append(tuple(map(_escape_text, said)))

    def is_partial(self, made: AafObject) -> bool:
        """Does the object say only what it names? A complete set's objects are always whole."""
        return self.is_delta and made.operation == "modify"

    def keep_absent(self, made: AafObject, key: str, rows: Rows, names: Mapping[str, str]) -> None:
        """Note what an object that names a few attributes leaves as it is: attribute → what."""
        if self.is_partial(made):
            rows["in_kept"].extend(
                (key, what) for name, what in names.items() if name not in made.attributes
            )


def reject(made: AafObject, code: str, message: str) -> None:
    """Set an object aside."""
    made.problem = ObjectAnomaly(REJECTED, code, message)


def places_of(made: AafObject, name: str, size: int) -> list[list[str]]:
    """``S$code`` or ``S$code$subject`` values; bad ones are reported and left out."""
    raw = made.attributes.get(name, "")
    if not raw:
        return []
    places: list[list[str]] = []
    for value in split_values(raw):
        parts = value.split("$")
        if " " in value:
            parts = [part.strip() for part in parts]
        if len(parts) == size and all(parts) and len(parts[1]) <= MAX_CODE:
            if parts not in places:
                places.append(parts)
        else:
            report_bad_place(made, name, value)
    return places


def report_bad_place(made: AafObject, name: str, value: str) -> None:
    """Say that a value of *name* is left out."""
    message = f"Valeur illisible de {name} (« {value[:60]} ») : laissée de côté."
    made.anomalies.append(ObjectAnomaly(WARNING, "bad_place", message))


def report_no_guardian(made: AafObject) -> None:
    """Say that nobody answers for a pupil."""
    message = "Élève sans aucun responsable dans le flux : aucun parent ne pourra le suivre."
    made.anomalies.append(ObjectAnomaly(INFO, "pupil_without_guardian", message))


# Backslashes of the data stand as a character that no XML holds while rows are made of them: our
# own escapes for COPY (no value, a line break, bytes) are not mistaken for data, nor the reverse.
_HIDDEN = "\0"


def _hide_backslashes(made: AafObject) -> bool:
    held = {name: value for name, value in made.attributes.items() if "\\" in value}
    for name, value in held.items():
        made.attributes[name] = value.replace("\\", _HIDDEN)
    return bool(held)


def _show(value: str) -> str:
    return value.replace(_HIDDEN, r"\\")


def _escape_text(value: str) -> str:
    """Escape what COPY would read as something else, in a text without escapes of our own."""
    value = value.replace("\\", _HIDDEN)
    return _show("".join(" " if char in "\t\n\r" else char for char in value))


def code_array(codes: list[str]) -> str:
    """An array of codes for COPY; quotes and backslashes, which no code holds, are left out."""
    quoted = (code.replace(_HIDDEN, "").replace('"', "") for code in codes)
    return "{" + ",".join(f'"{code}"' for code in quoted) + "}"


def text_array(raw: str, length: int) -> str:
    """The values of an attribute as they were delivered, as an array for COPY; NULL without any."""
    if SEPARATOR not in raw and raw.isalnum():
        return f'{{"{raw[:length]}"}}'
    return _array_of_texts(raw, length)


@lru_cache(maxsize=8192)
def _array_of_texts(raw: str, length: int) -> str:
    """A quote and a backslash are escaped for the array, and that backslash once more for COPY."""
    values = [
        value[:length].replace(_HIDDEN, _HIDDEN * 2).replace('"', r'\\"')
        for value in split_values(raw)
    ]
    return "{" + ",".join(f'"{value}"' for value in values) + "}" if values else NULL
