"""What the files of one degree look like: their categories, and what each object carries.

The kept columns of persons are declared in :mod:`directory.imports.columns`; a layout adds the
attributes that its row builders read beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from directory.imports.columns import SECOND_DEGREE, Column, columns_of
from directory.imports.layouts.aaf.common.attributes import Attributes

if TYPE_CHECKING:
    from directory.imports.layouts.aaf.common.rows import RowBuilder

READER_VERSION = 2
"""Raise it when a kept attribute is read in another way: every object is then read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryLayout:
    """The objects of one category, and who makes rows of them.

    ``single``, ``multiple`` and ``ignored`` are what :class:`Attributes` says, without the kept
    columns of persons.
    """

    category: str
    degree: str = SECOND_DEGREE
    operational: tuple[str, str]
    builder: type[RowBuilder]
    single: Mapping[str, int] = field(default_factory=dict)
    multiple: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    is_required: bool = False
    """Must a complete set hold such objects?"""

    @property
    def columns(self) -> list[Column]:
        """The kept columns of persons that its objects fill."""
        return columns_of(self.category, self.degree)

    def attributes(self) -> Attributes:
        """Everything that its objects carry."""
        of_one = {c.attribute: c.length for c in self.columns if not c.is_multiple}
        of_several = {c.attribute for c in self.columns if c.is_multiple}
        return Attributes(
            category=self.category,
            operational=self.operational,
            single={**of_one, **self.single},
            multiple=self.multiple | of_several,
            ignored=self.ignored - of_one.keys() - of_several,  # kept since
        )

    def declaration(self) -> str:
        """What is kept of an object and how it is read: the checksum of each object covers it."""
        kept = [(c.field, c.attribute, c.length, c.reading.value) for c in self.columns]
        beside = (sorted(self.single.items()), sorted(self.multiple))
        return repr((READER_VERSION, kept, beside))


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of one degree: their categories, in the order in which they are best read."""

    degree: str
    categories: tuple[CategoryLayout, ...]

    def of(self, category: str) -> CategoryLayout:
        """The layout of one category."""
        return next(one for one in self.categories if one.category == category)

    @property
    def required(self) -> tuple[str, ...]:
        """The categories that a complete set must hold."""
        return tuple(one.category for one in self.categories if one.is_required)
