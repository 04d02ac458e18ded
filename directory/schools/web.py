"""The address of a school's own pages, for the mails that the school signs.

The higher room that keeps these pages tells where they are with `register_web_address`; until then
the portal's sign-in, which knows the school by its UAI, stands for them.
"""

from __future__ import annotations

from collections.abc import Callable

from directory.models.schools import School
from ent.mail.messages import portal_address
from ent.pages.names import calm_name


def _sign_in_page(school: School) -> str:
    return portal_address(f"/connexion/?etablissement={school.uai}")


_source: Callable[[School], str] = _sign_in_page


def register_web_address(source: Callable[[School], str]) -> None:
    """Let the room that keeps schools' pages say where they are."""
    global _source
    _source = source


def web_address_of(school: School) -> str:
    """Return the full address of the school's own pages."""
    return _source(school)


def signature_of(school: School | None) -> tuple[str, str]:
    """Return the school's name and address at the end of its mails, empty without a school."""
    return ("", "") if school is None else (calm_name(school.name), web_address_of(school))
