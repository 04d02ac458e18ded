"""What somebody types of a key: PIN and code, the code alone, or a rescue password."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from signin.one_time_codes import CODE_LENGTH

LONGEST_PASSCODE = 64


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Passcode:
    """The two halves as they were typed."""

    pin: str = ""
    code: str = ""
    rescue: str = ""

    @property
    def is_code_alone(self) -> bool:
        """Was the code typed without anything before it?"""
        return bool(self.code) and not self.pin

    @property
    def is_rescue(self) -> bool:
        """Does it end like a rescue password?"""
        return bool(self.rescue)

    @property
    def compared_pin(self) -> str:
        """What is compared with the PIN: a PIN typed without its code is half right, too."""
        return self.pin or self.code


def read_passcode(typed: str, *, digits: int = 6) -> Passcode:
    """Read a passcode: blanks and hyphens of any kind do not matter, nor does the width of digits.

    The last *digits* figures are the code, what stands before is the PIN. Letters make it a rescue
    password, behind the PIN if there is one.
    """
    if len(typed) > LONGEST_PASSCODE:
        return Passcode()
    text = bare(typed)
    if text.isascii() and text.isdigit():
        if len(text) < digits:
            return Passcode(pin=text)
        return Passcode(pin=text[:-digits], code=text[-digits:])
    if len(text) < CODE_LENGTH:
        return Passcode(pin=text)
    return Passcode(pin=text[:-CODE_LENGTH], rescue=text[-CODE_LENGTH:].lower())


def looks_like_passcode(typed: str, *, digits: int = 6, longest_pin: int = 8) -> bool:
    """May it be PIN and code? In the single field everything else is a password only."""
    text = bare(typed)
    return text.isascii() and text.isdigit() and digits <= len(text) <= digits + longest_pin


def bare(typed: str) -> str:
    """Return the text without blanks and hyphens, with ordinary figures."""
    folded = unicodedata.normalize("NFKC", typed)
    return "".join(c for c in folded if unicodedata.category(c) not in {"Pd", "Zs", "Cc", "Cf"})
