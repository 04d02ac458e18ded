"""Proving again who one is, before a dangerous act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from accounts import journal, throttle
from accounts.models import Account
from accounts.services import secrets
from accounts.services.sign_in import AUTHENTICATED_AT_KEY
from ent.addresses import address_group
from ent.audit.origin import Origin

RECENT = timedelta(minutes=15)
_P = ParamSpec("_P")
View = Callable[Concatenate[HttpRequest, _P], HttpResponse]


class WaitError(Exception):
    """Too many wrong passwords: the seconds to wait are the argument."""


def is_recently_authenticated(request: HttpRequest) -> bool:
    """Was a password typed in this session within the last 15 minutes?"""
    typed_at = float(request.session.get(AUTHENTICATED_AT_KEY, 0))
    return timezone.now().timestamp() - typed_at < RECENT.total_seconds()


def require_recent_authentication(view: View[_P]) -> View[_P]:
    """Ask for the password again before a dangerous act, then come back to its page.

    What was posted is not replayed: the person reads once more what will happen, and confirms.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        if is_recently_authenticated(request):
            return view(request, *args, **kwargs)
        back = urlencode({"next": request.get_full_path()})
        return HttpResponseRedirect(f"{reverse('accounts:confirm_password')}?{back}", status=303)

    return guarded


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
