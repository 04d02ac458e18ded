"""Whom to ask in a school, the same on every page.

A school's own page may say it better than the feed; the higher room that keeps these pages tells
how to find it with `register_contacts`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from directory.models.schools import School
from ent.mail.addresses import usable_address


@dataclass(frozen=True, slots=True)
class Contact:
    """The public telephone and e-mail of a school; either may be empty."""

    phone: str
    email: str


def _from_feed(school: School) -> Contact:
    return Contact(school.phone, usable_address(school.email))


_source: Callable[[School], Contact] = _from_feed


def register_contacts(source: Callable[[School], Contact]) -> None:
    """Let the room that keeps schools' pages say whom to ask."""
    global _source
    _source = source


def contact_of(school: School) -> Contact:
    """Return whom to ask in this school."""
    return _source(school)
