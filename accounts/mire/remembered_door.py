"""« Mémoriser ce choix »: the door that this browser chose, in a signed cookie (T-A12).

The cookie holds two words out of closed lists. Whatever else it holds is ignored and the mire is
shown; nothing of it ever becomes an address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.doors.base.models import Door
from accounts.enums import Audience

COOKIE_NAME = "preau_choix"
MAX_AGE_SECONDS = 365 * 24 * 3600
_SALT = "accounts.mire.remembered_door"
_LONGEST = 512
_CODE = re.compile(r"[-a-zA-Z0-9_]{1,60}")


@dataclass(frozen=True, kw_only=True, slots=True)
class RememberedDoor:
    """A profile and a door that serves it."""

    audience: Audience
    door: Door

    @classmethod
    def remembered(cls, request: HttpRequest) -> Self | None:
        """Return the choice of the cookie when it is ours and still makes sense."""
        value = request.COOKIES.get(COOKIE_NAME, "")
        if not value or len(value) > _LONGEST:
            return None
        try:
            content = signing.loads(value, salt=_SALT, max_age=MAX_AGE_SECONDS)
        except (signing.BadSignature, ValueError):
            return None
        if not isinstance(content, list) or len(content) != 2:
            return None
        return cls.between(str(content[0]), str(content[1]))

    @classmethod
    def between(cls, audience: str, door_code: str) -> Self | None:
        """Return the choice of these two words, None when they do not go together."""
        if audience not in Audience.values or not _CODE.fullmatch(door_code):
            return None
        door = Door.objects.serving(Audience(audience)).filter(code=door_code).first()
        return cls(audience=Audience(audience), door=door) if door is not None else None

    def remember(self, response: HttpResponse) -> None:
        """Keep the choice in this browser for a year."""
        response.set_cookie(
            COOKIE_NAME,
            signing.dumps([self.audience.value, self.door.code], salt=_SALT),
            max_age=MAX_AGE_SECONDS,
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )


def forget_door(response: HttpResponse) -> None:
    """Ask the browser to forget; the next visit shows the whole mire."""
    response.delete_cookie(COOKIE_NAME, samesite="Lax")
