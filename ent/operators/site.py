"""Who enters the operators' desk: an operator who has just proved a second factor.

No setting opens it without: a demonstration without a device shows the page that explains it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

_checks: list[Callable[[HttpRequest], bool]] = []


def is_operator(request: HttpRequest) -> bool:
    """Is somebody signed in whose account is an operator's, and still alive?"""
    user: Any = request.user
    return bool(user.is_authenticated and user.is_active and user.is_staff)


def register_second_factor_check(check: Callable[[HttpRequest], bool]) -> None:
    """Say how to ask whether a request's session has proved a second factor."""
    _checks.append(check)


def is_verified(request: HttpRequest) -> bool:
    """Has this session proved a second factor? No, while no room can say so."""
    return bool(_checks) and all(check(request) for check in _checks)


class OperatorsSite(admin.AdminSite):
    """Django's admin site with two locks."""

    site_header = "Préau – exploitation"
    site_title = "Exploitation"
    index_title = "Tables techniques"
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        """Operators with a proved second factor, and nobody else."""
        return is_operator(request) and is_verified(request)
