"""Functions of staff and the profiles that they give (SDET 6.3, § 4.7). AAF carries no profile."""

from __future__ import annotations

TEACHER = "enseignant"
HEAD = "direction"
SCHOOL_LIFE = "vie-scolaire"
LIBRARIAN = "documentation"
STAFF = "personnel"
ACADEMIC = "academique"
LOCAL_AUTHORITY = "collectivite"

_CODES: dict[str, str] = {
    **dict.fromkeys(
        ("ENS", "BED", "FCA", "FCP", "FIJ", "IS", "ISES", "PPA", "RH1D", "RPL", "UPI"), TEACHER
    ),
    "DOC": LIBRARIAN,
    **dict.fromkeys(("DIR", "DEC", "DECPR", "DSES"), HEAD),
    **dict.fromkeys(("EDU", "AED", "AES", "SUR"), SCHOOL_LIFE),
    **dict.fromkeys(("INJ", "INS"), ACADEMIC),
    "COLTER": LOCAL_AUTHORITY,
}
_ORDER = (HEAD, TEACHER, LIBRARIAN, SCHOOL_LIFE, STAFF, LOCAL_AUTHORITY, ACADEMIC)


def profile_of(code: str) -> str:
    """The profile of a function code; everything not listed is non-teaching staff."""
    return _CODES.get(code, STAFF)


def main_profile(profiles: set[str]) -> str:
    """The one profile a person is shown with when they have several functions."""
    for profile in _ORDER:
        if profile in profiles:
            return profile
    return STAFF
