"""What somebody typed into a form of signing in, for the form that asks again."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest

LONGEST_LOGIN: Final = 200


def typed_login(request: HttpRequest) -> dict[str, str]:
    """Return what another try starts with: the login as it was typed, never the password.

    Nothing is looked up, so the page is the same whatever the account is (T-A1).
    """
    return {"username": request.POST.get("username", "")[:LONGEST_LOGIN]}
