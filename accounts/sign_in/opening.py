"""Opening a session for an account whose owner proved who they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db import connection
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils import timezone

from accounts.account.models import Account
from accounts.steps import services as steps
from accounts.steps.pending import PendingSteps
from ent.audit.origin import device_family
from ent.database import clock
from signin.enums import Method
from signin.sessions.methods import METHODS_KEY
from signin.sessions.recent_proof import AUTHENTICATED_AT_KEY
from signin.sessions.store import (
    AGENT_KEY,
    DOOR_KEY,
    EPOCH_KEY,
    PRINCIPAL_KEY,
    SIGN_ON_KEY,
    new_sign_on,
)

CODE_GENERATION_KEY = "code_generation"
"""In a session that an activation code opened: the number of that code."""

#: Writes the sign-in into its own small table, which no import locks.
NOTE_SIGN_IN: Final = """
INSERT INTO accounts_signinstate AS s
    (account_id, first_sign_in_at, last_sign_in_at, last_door_code, sign_in_count)
SELECT %(account)s::bigint, %(now)s::timestamptz, %(now)s::timestamptz, %(door)s::text, 1
WHERE %(is_signed_in)s::bool
ON CONFLICT (account_id) DO UPDATE SET
    last_sign_in_at = EXCLUDED.last_sign_in_at, last_door_code = EXCLUDED.last_door_code,
    sign_in_count = s.sign_in_count + 1
"""


def note_sign_in(*, account: Account, door_code: str) -> None:
    """Write the sign-in into its own small table, which no import locks."""
    with connection.cursor() as cursor:
        cursor.execute(
            NOTE_SIGN_IN,
            {
                "account": account.pk,
                "now": timezone.now(),
                "door": door_code,
                "is_signed_in": True,
            },
        )


def open_session(
    request: HttpRequest,
    *,
    account: Account,
    door_code: str,
    methods: Iterable[Method],
    code_generation: int = 0,
    is_fresh: bool = True,
    pending: PendingSteps | None = None,
) -> bool:
    """Give the browser a new session and a new forgery secret; the old ones are dead (T-B1).

    Return whether the account's roles bind it to a second factor.

    *is_fresh*: was something proved just now? An academy that merely remembered somebody proved
    nothing that a dangerous act may rest on. *pending*: when it was read with the account.
    """
    request.session.flush()
    request.session.update(
        {
            PRINCIPAL_KEY: str(account.uuid),
            EPOCH_KEY: account.epoch,
            SIGN_ON_KEY: new_sign_on(),
            AUTHENTICATED_AT_KEY: clock.now().timestamp() if is_fresh else 0,
            DOOR_KEY: door_code,
            AGENT_KEY: device_family(request.headers.get("User-Agent", ""))[:40],
            METHODS_KEY: sorted(method.value for method in methods),
        }
    )
    if code_generation:
        request.session[CODE_GENERATION_KEY] = code_generation
    rotate_token(request)
    request.user = account
    return steps.prepare_steps(request, account, pending)
