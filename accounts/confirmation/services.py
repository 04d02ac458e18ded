"""Proving again who one is, before a dangerous act (R-B9).

It is what the account's own sign-in asks: the code of its application when there is one, and the
password, or (an academic account) the academy, asked anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any, cast

from django.http import HttpRequest

from accounts.account.models import Account
from accounts.enums import AccountKind
from accounts.local import secrets
from accounts.second_factor.verification import is_code_due
from accounts.session_ends import journal
from ent.audit.origin import Origin
from ent.web.client_address import address_group
from signin.throttle import services as throttle
from signin.throttle.services import WaitError


class ProofKind(Enum):
    """The proof that an account is asked for again."""

    PASSWORD = auto()
    CODE = auto()
    ACADEMY = auto()


def next_proof(request: HttpRequest) -> ProofKind:
    """Return what the account has to prove next: the code first, then the rest."""
    account = cast("Account", request.user)
    if is_code_due(request):
        return ProofKind.CODE
    return ProofKind.PASSWORD if account.kind == AccountKind.LOCAL else ProofKind.ACADEMY


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
