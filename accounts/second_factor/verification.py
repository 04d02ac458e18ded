"""A session that has proved its second factor, and who has to."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from accounts.account.models import Account
from accounts.account.perms import must_use_second_factor
from accounts.second_factor.services import has_authenticator
from ent.database import clock
from signin.enums import Method
from signin.sessions.methods import METHODS_KEY, has_strength, note_methods, session_methods
from signin.sessions.recent_proof import RECENT, note_proof

CODE_GIVEN_AT_KEY = "code_given_at"
"""When a code of the application was given in this session, in seconds since 1970."""
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


def is_operator_verified(request: HttpRequest) -> bool:
    """Was a code given of our own application, which is still installed?

    The operators' desk counts nothing else, not even the academy's key.
    """
    account = cast("Account", request.user)
    return has_strength(request, Method.TOTP) and has_authenticator(account)


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
    """The second factor was proved: a new key and a new forgery secret for the session (T-B1).

    It is half of a recent proof: the other half is the password, or the academy.
    """
    note_methods(request, Method.TOTP)
    request.session.pop(PROVE_KEY, None)
    request.session[CODE_GIVEN_AT_KEY] = clock.now().timestamp()
    request.session.cycle_key()
    rotate_token(request)


def is_code_due(request: HttpRequest) -> bool:
    """Must a code be given before the password or the academy counts as a recent proof?"""
    given_at = float(request.session.get(CODE_GIVEN_AT_KEY, 0))
    if clock.now().timestamp() - given_at < RECENT.total_seconds():
        return False
    return has_authenticator(cast("Account", request.user))


def note_first_factor(request: HttpRequest) -> None:
    """Note that the password or the academy was proved: with the code, if any, a recent proof."""
    if not is_code_due(request):
        note_proof(request)


def forget_verification(request: HttpRequest) -> None:
    """The application was removed: take its code from what this session proved."""
    request.session[METHODS_KEY] = [
        value for value in request.session.get(METHODS_KEY, ()) if value != Method.TOTP.value
    ]
