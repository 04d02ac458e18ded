"""How a login is written, and read back from what somebody types."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from ent.text.folding import plain_letters
from ent.text.typed import without_gaps

LOGIN_PATTERN: Final = r"^[a-z0-9][a-z0-9._-]{0,69}$"
_LOGIN = re.compile(LOGIN_PATTERN)
_LONGEST_TYPED = 200


def normalise_login(typed: str) -> str:
    """Return the login as it is kept: lower case, without spaces, accents and joined letters.

    They are read as in the names that logins are made of: « œ » is oe, « ł » is l. A hyphen of any
    kind is one. Anything that cannot be a login becomes "", which no account bears; a Cyrillic
    look-alike has no accent to lose and stays what it is, that is nothing (T-I5).
    """
    letters = plain_letters(without_gaps(typed[:_LONGEST_TYPED]))
    login = "".join("-" if unicodedata.category(char) == "Pd" else char for char in letters)
    return login if _LOGIN.fullmatch(login) else ""
