"""The row of a person, from the columns declared in :mod:`directory.imports.columns`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from directory.imports.columns import Column, Reading, person_columns
from directory.imports.layouts.aaf.common.objects import AafObject
from directory.imports.layouts.aaf.common.rows import (
    RowBuilder,
    Rows,
    code_array,
    reject,
    text_array,
)
from directory.imports.layouts.aaf.common.values import (
    NULL,
    read_address,
    read_birth_date,
    read_email,
    read_title,
    split_values,
)
from directory.imports.layouts.errors import WARNING, ObjectAnomaly
from directory.names.folded import name_keys

if TYPE_CHECKING:
    from directory.imports.layouts.aaf.common.layout import CategoryLayout

_NAMES = ("family_name", "given_name", "birth_name", "other_names")
_EMPTY = {Reading.DATE: NULL, Reading.LIST: NULL}


class PersonRows(RowBuilder):
    """What the builders of pupils, guardians and staff share."""

    def __init__(self, layout: CategoryLayout) -> None:
        super().__init__(layout)
        columns = person_columns()
        self._attributes = [(column.field, column.attribute) for column in layout.columns]
        attributes = dict(self._attributes)
        self._family_name, self._birth_name = attributes["family_name"], attributes["birth_name"]
        self.given_name = attributes["given_name"]
        self._empty = [_EMPTY.get(column.reading, "") for column in columns]
        self._texts: list[tuple[int, str]] = []
        self._read: list[tuple[int, str, Callable[[str], str]]] = []
        self._checked: list[tuple[int, str, Callable[[str, AafObject], str]]] = []
        places = {column.field: place for place, column in enumerate(columns)}
        self._names = [places[field] for field in _NAMES]
        self._folded = [places[field] for field in ("sort_key", "search_key")]
        for column in layout.columns:
            place, attribute = places[column.field], column.attribute
            if column.reading is Reading.TEXT:
                self._texts.append((place, attribute))
            elif column.reading in _CHECKED:
                self._checked.append((place, attribute, _CHECKED[column.reading]))
            else:
                self._read.append((place, attribute, _reader_of(column)))

    def has_name(self, made: AafObject) -> bool:
        """Has the person a family name? Nobody is kept without."""
        get = made.attributes.get
        if get(self._family_name) or get(self._birth_name):
            return True
        if self.is_partial(made) and self._family_name not in made.attributes:
            return True  # the name that is known stays
        reject(made, "no_name", "Personne sans nom : elle est écartée.")
        return False

    def add_person(
        self, made: AafObject, key: str, checksum: str, rows: Rows, *, profile: str, main_ref: str
    ) -> None:
        """Append the row of ``in_person``."""
        get = made.attributes.get
        cells = self._empty.copy()
        for place, attribute in self._texts:
            cells[place] = get(attribute, "")
        for place, attribute, read in self._read:
            if raw := get(attribute):
                cells[place] = read(raw)
        for place, attribute, check in self._checked:
            if raw := get(attribute):
                cells[place] = check(raw, made)
        login_base = self._fold_names(cells)
        _check_join_key(made)
        rows["in_person"].append(
            (
                key, self.category, made.external_id, checksum, profile, main_ref, login_base,
                self._absent(made), *cells,
            )
        )  # fmt: skip

    def _absent(self, made: AafObject) -> str:
        """The columns that a partial object does not name; NULL for one that says everything."""
        if not self.is_partial(made):
            return NULL
        return code_array([f for f, name in self._attributes if name not in made.attributes])

    def _fold_names(self, cells: list[str]) -> str:
        """Fill the folded columns; the birth name stands for a family name that lacks."""
        family, given, birth, others = self._names
        if not cells[family]:
            cells[family] = cells[birth]
        sort_key, search_key = self._folded
        cells[sort_key], cells[search_key], login_base = name_keys(
            cells[family], cells[given], cells[birth], cells[others]
        )
        return login_base


def _check_join_key(made: AafObject) -> None:
    join_key = made.attributes.get("ENTPersonJointure", "")
    if join_key and join_key != made.external_id:
        message = "ENTPersonJointure diffère de l’identifiant de l’objet, qui fait foi."
        made.anomalies.append(ObjectAnomaly(WARNING, "join_key_differs", message))


def _reader_of(column: Column) -> Callable[[str], str]:
    length = column.length
    if column.reading is Reading.LIST:
        return partial(text_array, length=length)
    if column.reading is Reading.FIRST:
        return lambda raw: next(iter(split_values(raw)), "")[:length]
    if column.reading is Reading.JOINED:
        return lambda raw: " ".join(split_values(raw))[:length]
    if column.reading is Reading.LABEL:
        return lambda raw: raw.rpartition("$")[2].strip()[:length]
    return read_title if column.reading is Reading.TITLE else read_address


def _checked_email(raw: str, made: AafObject) -> str:
    return read_email(raw, made.anomalies)


def _checked_date(raw: str, made: AafObject) -> str:
    date = read_birth_date(raw)
    if date is None:
        message = "Date de naissance incorrecte : elle est laissée vide."
        made.anomalies.append(ObjectAnomaly(WARNING, "bad_date", message))
        return NULL
    return date


_CHECKED = {Reading.EMAIL: _checked_email, Reading.DATE: _checked_date}
