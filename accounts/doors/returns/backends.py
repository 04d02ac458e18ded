"""Django's authentication backends, reduced to what we let them do.

`authenticate()` of any library (the operators' admin has a form of its own) proves nothing here:
people come in through a door (`accounts.local.sign_in`), which counts tries and bounds hashing.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from accounts.account.models import Account


class DoorBackend(BaseBackend):
    """Finds the account of a session; never checks a secret."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Refuse: there is no side door."""
        return

    def get_user(self, user_id: int) -> Account | None:
        """Return the account that a session names."""
        return Account.objects.select_related("person").filter(pk=user_id).first()
