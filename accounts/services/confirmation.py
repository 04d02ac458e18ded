"""Proving again who one is, before a dangerous act (R-B9).

What is asked depends on the account: a code of the application when there is one, else the
password, else (an academic account without application) the academy, asked anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import Enum, auto
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from accounts import journal, throttle
from accounts.enums import AccountKind
from accounts.models import Account
from accounts.services import second_factor, secrets
from accounts.services.verification import AUTHENTICATED_AT_KEY
from accounts.throttle import WaitError
from ent.addresses import address_group
from ent.audit.origin import Origin

RECENT = timedelta(minutes=15)
_P = ParamSpec("_P")
View = Callable[Concatenate[HttpRequest, _P], HttpResponse]


class Asked(Enum):
    """What proves again who somebody is."""

    PASSWORD = auto()
    CODE = auto()
    ACADEMY = auto()


def is_recently_authenticated(request: HttpRequest) -> bool:
    """Was something proved in this session within the last 15 minutes?"""
    proved_at = float(request.session.get(AUTHENTICATED_AT_KEY, 0))
    return timezone.now().timestamp() - proved_at < RECENT.total_seconds()


def confirmation_address(next_path: str) -> str:
    """Return the address of the page that asks again, then leads to *next_path*."""
    return f"{reverse('accounts:confirm_password')}?{urlencode({'next': next_path})}"


def require_recent_authentication(view: View[_P]) -> View[_P]:
    """Ask again who it is before a dangerous act, then come back to its page.

    What was posted is not replayed: the person reads once more what will happen, and confirms.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        if is_recently_authenticated(request):
            return view(request, *args, **kwargs)
        return HttpResponseRedirect(confirmation_address(request.get_full_path()), status=303)

    return guarded


def what_is_asked(account: Account) -> Asked:
    """Return what this account proves with."""
    if second_factor.has_authenticator(account):
        return Asked.CODE
    return Asked.PASSWORD if account.kind == AccountKind.LOCAL else Asked.ACADEMY


def confirm_password(
    *, account: Account, typed: str, origin: Origin, devices: Mapping[str, Any]
) -> bool:
    """Check the current password of a signed-in person, counted like any other try."""
    source = throttle.source_of(
        login=account.login,
        address_group=address_group(origin.address or ""),
        device_id=str(devices.get(account.uuid.hex, "")),
    )
    admission = throttle.admit(source)
    if not admission.is_admitted:
        raise WaitError(admission.wait_seconds)
    if secrets.check_secret(account, typed).is_password:
        throttle.count_success(source, admission)
        return True
    throttle.count_failure(source)
    journal.sign_in_failed(account, origin=origin)
    return False
