"""One try at a local door, from what was typed to an open session."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import connection
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils import timezone

from accounts import journal, throttle
from accounts.enums import Method, SignInOutcome
from accounts.models import Account, Door
from accounts.models.accounts import LOGIN_PATTERN
from accounts.services import secrets, steps, trying
from accounts.services.verification import AUTHENTICATED_AT_KEY as AUTHENTICATED_AT_KEY
from accounts.services.verification import forget_verification
from accounts.services.waiting import Waiting
from accounts.sessions import AGENT_KEY, DOOR_KEY, SIGN_ON_KEY, new_sign_on, note_visit
from accounts.strength import METHODS_KEY, note_methods
from ent.addresses import address_group
from ent.audit.origin import Origin, device_family

CODE_GENERATION_KEY = "code_generation"
_BACKEND = "accounts.backends.DoorBackend"
_LOGIN = re.compile(LOGIN_PATTERN)


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Attempt:
    """What arrived at a local door; it never shows what it holds."""

    login: str
    secret: str
    origin: Origin
    """Its door is the one that is tried."""
    devices: Mapping[str, str]
    ticket: bytes | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """How the try ended at this door; *account* and *success* when a session may be opened."""

    outcome: SignInOutcome
    door: Door | None
    account: Account | None = None
    waiting: Waiting | None = None
    success: trying.Success | None = None
    wait_seconds: int = 0
    code_generation: int = 0


def normalise_login(typed: str) -> str:
    """Return the login as it is kept: trimmed, lower case, without the accents a child adds.

    Anything that cannot be a login becomes "", which no account bears; a Cyrillic look-alike has
    no accent to lose and stays what it is, that is nothing (T-I5).
    """
    decomposed = unicodedata.normalize("NFKD", typed[:200].strip().lower())
    login = "".join(char for char in decomposed if not unicodedata.combining(char))
    return login if _LOGIN.fullmatch(login) else ""


def attempt_sign_in(attempt: Attempt) -> SignIn:
    """Evaluate one try: one statement, the hash, one statement. Failures all cost the same."""
    login = normalise_login(attempt.login)
    beginning = trying.begin_try(
        door_code=attempt.origin.door,
        login=login,
        counted_as=login or attempt.login[:200].strip().lower(),
        address_group=address_group(attempt.origin.address or ""),
        devices=attempt.devices,
        ticket=attempt.ticket,
    )
    door, account, admission = beginning.door, beginning.account, beginning.admission
    if door is None or not door.asks_for_password:
        return SignIn(outcome=SignInOutcome.ELSEWHERE, door=door)
    if not beginning.is_ticket_fresh:
        return SignIn(outcome=SignInOutcome.STALE, door=door)
    if not admission.is_admitted:
        outcome = SignInOutcome.SLOWED if admission.is_address_slow else SignInOutcome.WAIT
        return SignIn(outcome=outcome, door=door, wait_seconds=admission.wait_seconds)
    proof = secrets.check_secret(account, attempt.secret)
    if account is not None and (proof.is_password or proof.is_code):
        return _succeed(account, proof, beginning, attempt)
    return _fail(beginning, attempt)


def _succeed(
    account: Account, proof: secrets.Proof, beginning: trying.Beginning, attempt: Attempt
) -> SignIn:
    if proof.is_password and secrets.needs_new_hash(account):
        rehashed = secrets.hash_password(attempt.secret)
        Account.objects.filter(pk=account.pk, password=account.password).update(password=rehashed)
    outcome = SignInOutcome.PASSWORD if proof.is_password else SignInOutcome.CODE
    return SignIn(
        outcome=outcome,
        door=beginning.door,
        account=account,
        waiting=beginning.waiting,
        success=trying.success_of(
            account=account,
            beginning=beginning,
            origin=attempt.origin,
            mode=outcome.value,
            is_signed_in=proof.is_password,
        ),
        code_generation=0 if proof.is_password else proof.code_generation,
    )


def _fail(beginning: trying.Beginning, attempt: Attempt) -> SignIn:
    trying.note_failure(beginning=beginning, origin=attempt.origin)
    if beginning.admission.is_address_slow:
        if throttle.raise_address_alert(beginning.source):
            journal.address_slowed(origin=attempt.origin)
        return SignIn(
            outcome=SignInOutcome.SLOWED,
            door=beginning.door,
            wait_seconds=throttle.ADDRESS_PACE_SECONDS,
        )
    return SignIn(outcome=SignInOutcome.REFUSED, door=beginning.door)


def note_sign_in(*, account: Account, door_code: str) -> None:
    """Write the sign-in into its own small table, which no import locks."""
    with connection.cursor() as cursor:
        cursor.execute(
            trying.NOTE_SIGN_IN,
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
    waiting: Waiting | None = None,
) -> bool:
    """Give the browser a new session and a new forgery secret; the old ones are dead (T-B1).

    Return whether the account's roles bind it to a second factor.

    *is_fresh*: was something proved just now? An academy that merely remembered somebody proved
    nothing that a dangerous act may rest on. *waiting*: when it was read with the account.
    """
    request.session.flush()
    request.session.update(
        {
            SESSION_KEY: str(account.pk),
            BACKEND_SESSION_KEY: _BACKEND,
            HASH_SESSION_KEY: account.get_session_auth_hash(),
            SIGN_ON_KEY: new_sign_on(),
            AUTHENTICATED_AT_KEY: timezone.now().timestamp() if is_fresh else 0,
            DOOR_KEY: door_code,
            AGENT_KEY: device_family(request.headers.get("User-Agent", ""))[:40],
            METHODS_KEY: sorted(method.value for method in methods),
        }
    )
    if code_generation:
        request.session[CODE_GENERATION_KEY] = code_generation
    rotate_token(request)
    request.user = account
    return steps.prepare_steps(request, account, waiting)


def open_or_go_on(request: HttpRequest, *, result: SignIn) -> bool | None:
    """Open a session for who signed in at a local door; whoever is signed in already keeps theirs.

    A password asked again (renew, a second tab) ends nothing: the services that are open stay open
    and hear of the sign-out later. Whoever comes with a code starts anew. Return whether the
    account's roles bind it to a second factor, None when that was not read.
    """
    account, door, success = result.account, result.door, result.success
    if account is None or door is None or success is None:
        raise AssertionError("nobody signed in")
    known = request.user if request.user.is_authenticated else None
    is_same = known is not None and (known.pk, known.epoch) == (account.pk, account.epoch)
    is_noted = is_same and not result.code_generation
    if is_noted:
        trying.note_success(success)
        if _go_on(request, account, door.code, result.waiting):
            return None
    is_bound = open_session(
        request,
        account=account,
        door_code=door.code,
        methods=[Method.CODE if result.code_generation else Method.PASSWORD],
        code_generation=result.code_generation,
        waiting=result.waiting,
    )
    if not is_noted:
        trying.note_success_with_session(request, success)
    return is_bound


def _go_on(request: HttpRequest, account: Account, door_code: str, waiting: Waiting | None) -> bool:
    """Give the same session another key; no, when it ended meanwhile.

    The code of the application is asked again, as at any sign-in.
    """
    forget_verification(request)
    note_methods(request, Method.PASSWORD)
    for name in (steps.DESTINATION_KEY, steps.SIGNED_IN_FOR_KEY):
        request.session.pop(name, None)
    request.session.update({AUTHENTICATED_AT_KEY: timezone.now().timestamp(), DOOR_KEY: door_code})
    steps.prepare_steps(request, account, waiting)
    try:
        request.session.cycle_key()
    except SessionInterrupted:
        return False
    note_visit(request)
    rotate_token(request)
    request.user = account
    return True
