"""Who enters the operators' desk: an operator who has just proved a second factor.

No setting opens it without: a demonstration without a device shows the page that explains it.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


def is_operator(request: HttpRequest) -> bool:
    """Is somebody signed in whose account is an operator's, and still alive?"""
    user: Any = request.user
    return bool(user.is_authenticated and user.is_active and user.is_staff)


def is_verified(request: HttpRequest) -> bool:
    """Has this session proved a second factor? (``django_otp`` adds the method to the user.)"""
    check = getattr(request.user, "is_verified", None)
    return bool(check is not None and check())


class OperatorsSite(admin.AdminSite):
    """Django's admin site with two locks."""

    site_header = "Préau – exploitation"
    site_title = "Exploitation"
    index_title = "Tables techniques"
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        """Operators with a proved second factor, and nobody else."""
        return is_operator(request) and is_verified(request)
