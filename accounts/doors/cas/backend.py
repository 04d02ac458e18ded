"""django-cas-ng's backend, reduced to what a portal with several academies can use of it."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.http import HttpRequest
from django_cas_ng.backends import CASBackend

from accounts.doors.base.protocol import DoorError
from accounts.enums import DoorFault

_LONGEST_SUBJECT = 200


class AcademicBackend(CASBackend):
    """Spells user names, and is the sender of django-cas-ng's signals.

    It is in no list of Django's: `authenticate()` of the framework never reaches it.
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:  # type: ignore[override]
        """Refuse: a ticket is validated by the return of its door."""
        return

    def clean_username(self, username: str) -> str:
        """Trim it, in lower case: academies' logins have no case, whatever was typed there."""
        subject = unicodedata.normalize("NFC", username).strip().lower()
        is_plain = all(unicodedata.category(char)[0] not in "CZ" for char in subject)
        if not subject or len(subject) > _LONGEST_SUBJECT or not is_plain:
            raise DoorError(DoorFault.SUBJECT)
        return subject
