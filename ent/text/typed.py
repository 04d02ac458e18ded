"""What somebody types or pastes where no space belongs: a login, a code, an address."""

from __future__ import annotations

import unicodedata
from typing import Final

_GAPS: Final = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})


def without_gaps(typed: str) -> str:
    """Return the text without spaces of any kind and without what is invisible.

    A page or a message from which one copies brings U+200B along; a telephone puts a space after a
    full stop.
    """
    return "".join(char for char in typed if unicodedata.category(char) not in _GAPS)


def looks_like_address(typed: str) -> bool:
    """Is it an e-mail address by its form? Nothing is looked up."""
    name, at, domain = without_gaps(typed).rpartition("@")
    return bool(name and at and "." in domain.strip("."))
