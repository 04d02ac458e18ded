"""A session that has proved its second factor, and who has to."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

import django_otp
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils import timezone

from accounts.enums import Method
from accounts.models import Account, Authenticator
from accounts.perms import must_use_second_factor
from accounts.strength import METHODS_KEY, note_methods, session_methods

AUTHENTICATED_AT_KEY = "authenticated_at"
PROVE_KEY = "second_factor_due"
"""In a session whose account has an application, until its code is given."""


def note_application(request: HttpRequest) -> None:
    """Note at sign-in that a code is due, so that pages ask the database nothing about it."""
    request.session[PROVE_KEY] = True


def is_verified(request: HttpRequest) -> bool:
    """Has the session proved a second factor that is enough for this account?

    The academy's key counts as one, but not for operators: their desk asks for a device of ours.
    """
    return is_enough(session_methods(request), cast("Account", request.user))


def is_enough(methods: Collection[Method], account: Account) -> bool:
    """Is a second factor that is enough for this account among what was proved?"""
    return Method.TOTP in methods or (Method.KEY in methods and not account.is_operator)


def must_prove(request: HttpRequest) -> bool:
    """Is a code of the account's application due before anything else?"""
    return PROVE_KEY in request.session and not is_verified(request)


def must_enrol(request: HttpRequest, *, is_bound: bool | None = None) -> bool:
    """Must an application be installed first? Asked at each request: a role may be new.

    Whoever has just read the person's roles for something else says so by *is_bound*.
    """
    if is_verified(request):
        return False
    return must_use_second_factor(request) if is_bound is None else is_bound


def mark_verified(request: HttpRequest) -> None:
    """The second factor was proved: a new key and a new forgery secret for the session (T-B1)."""
    account = cast("Account", request.user)
    note_methods(request, Method.TOTP)
    request.session.pop(PROVE_KEY, None)
    request.session[AUTHENTICATED_AT_KEY] = timezone.now().timestamp()
    django_otp.login(request, Authenticator.objects.get(user=account.pk))
    request.session.cycle_key()
    rotate_token(request)


def forget_verification(request: HttpRequest) -> None:
    """The application is gone: this session proved nothing that still exists."""
    request.session[METHODS_KEY] = [
        value for value in request.session.get(METHODS_KEY, ()) if value != Method.TOTP.value
    ]
    request.session.pop(django_otp.DEVICE_ID_SESSION_KEY, None)
