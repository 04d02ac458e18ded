"""The attributes of one category, as a reader needs them.

``single`` maps an attribute to the length of the column that receives it, ``multiple`` names those
with several values, ``ignored`` those that are known and not kept. Everything else is *unknown*:
counted, never an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attributes:
    """What the objects of one category carry."""

    category: str
    operational: tuple[str, str]
    """The operational attribute that each of its objects must carry, and its value."""
    single: Mapping[str, int]
    multiple: frozenset[str]
    ignored: frozenset[str]

    def is_kept(self, name: str) -> bool:
        """Is this attribute handed over to the row builder?"""
        return name in self.single or name in self.multiple

    def is_known(self, name: str) -> bool:
        """Is this attribute one that our specification lists for the category?"""
        return self.is_kept(name) or name in self.ignored
