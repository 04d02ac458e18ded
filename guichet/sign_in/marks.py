"""What a session knows of a first use that is under way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self
from uuid import UUID

from django.http import HttpRequest

from guichet.keys.models import OtpKey
from signin.sessions.models import Session

FIRST_USE_KEY = "first_use"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstUse:
    """Which key, and the step of the second code once it was given (-1 before)."""

    key: str
    first_step: int
    second_step: int = -1

    @classmethod
    def begun(cls, key: OtpKey) -> Self:
        """The first code was accepted a moment ago."""
        return cls(key=str(key.uuid), first_step=key.last_step)

    @classmethod
    def of(cls, request: HttpRequest) -> Self | None:
        """Return the first use of this session, None when there is none."""
        kept: Any = request.session.get(FIRST_USE_KEY)
        if not isinstance(kept, dict):
            return None
        return cls(
            key=str(kept["key"]),
            first_step=int(kept["first_step"]),
            second_step=int(kept["second_step"]),
        )

    def with_second(self, step: int) -> Self:
        """The second code was accepted."""
        return replace(self, second_step=step)

    def as_json(self) -> dict[str, Any]:
        """Return what the session keeps."""
        return {
            "key": self.key,
            "first_step": self.first_step,
            "second_step": self.second_step,
        }

    @property
    def is_second_code_given(self) -> bool:
        """Is only the PIN left to choose?"""
        return self.second_step >= 0


def is_first_use_under_way(sign_on: UUID) -> bool:
    """Does the session of this sign-on still lead to the steps of a first use?"""
    return Session.objects.filter(sign_on=sign_on, data__has_key=FIRST_USE_KEY).exists()
