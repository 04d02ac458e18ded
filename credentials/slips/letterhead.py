"""What stands at the head of a sheet: the school's name, logo, contact and address.

The logo and the public contact belong to the school's page, which a higher room keeps: it says how
to find them with `register_letterhead`, and until then the feed's own words stand there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from directory.models import School
from ent.mail.addresses import usable_address
from ent.pages.names import calm_name, calm_street


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """The head of a sheet; ``logo_data`` is a raster of ``logo_type``, or empty."""

    portal: str
    name: str
    address_lines: tuple[str, ...]
    town: str
    phone: str
    email: str
    logo_type: str = ""
    logo_data: bytes = b""

    @property
    def contacts(self) -> list[str]:
        """Whom to ask: a telephone, an address, else the office in words."""
        known = [word for word in (self.phone, self.email) if word]
        return known or [f"le secrétariat ({self.name})"]

    @property
    def contact(self) -> str:
        """Whom to ask, in one line."""
        return " ou ".join(self.contacts)


def _from_feed(school: School) -> Letterhead:
    place = f"{school.postal_code} {calm_name(school.town)}".strip()
    return Letterhead(
        portal="Préau",
        name=calm_name(school.name),
        address_lines=tuple(line for line in (calm_street(school.street), place) if line),
        town=calm_name(school.town),
        phone=school.phone,
        email=usable_address(school.email),
    )


_source: Callable[[School], Letterhead] = _from_feed


def register_letterhead(source: Callable[[School], Letterhead]) -> None:
    """Let the room that keeps schools' pages say what stands at their head."""
    global _source
    _source = source


def letterhead_of(school: School) -> Letterhead:
    """Return the head of the school's sheets."""
    return _source(school)
