"""Which space of Pronote opens for which function: a table, and nothing else.

Codes are AAF's (`ENTPersonFonctions`). A function that is not listed goes by its profile; a profile
that is not listed has no space of its own: the service's home opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from directory.enums import Profile
from pronote_bridge.enums import Space

FUNCTION_SPACES: Final[Mapping[str, Space]] = {
    "DIR": Space.HEAD,
    "ENS": Space.TEACHER,
    "DOC": Space.TEACHER,
    "EDU": Space.SCHOOL_LIFE,
    "AED": Space.SCHOOL_LIFE,
    "AES": Space.SCHOOL_LIFE,
    "SUR": Space.SCHOOL_LIFE,
}
PROFILE_SPACES: Final[Mapping[Profile, Space]] = {
    Profile.HEAD: Space.HEAD,
    Profile.TEACHER: Space.TEACHER,
    Profile.LIBRARIAN: Space.TEACHER,
    Profile.SCHOOL_LIFE: Space.SCHOOL_LIFE,
    Profile.STAFF: Space.SCHOOL_LIFE,
    Profile.GUARDIAN: Space.GUARDIAN,
    Profile.PUPIL: Space.PUPIL,
}


def space_of(profile: Profile, function_code: str) -> Space | None:
    """Return the space of somebody with this function and profile in the school."""
    return FUNCTION_SPACES.get(function_code) or PROFILE_SPACES.get(profile)
