"""One try at a local door, from what was typed to an open session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from accounts.account.logins import normalise_login
from accounts.account.models import Account
from accounts.doors.base.models import Door
from accounts.enums import SignInOutcome
from accounts.local import secrets, statements
from accounts.second_factor.verification import forget_verification
from accounts.sign_in.opening import open_session
from accounts.steps import services as steps
from accounts.steps.pending import PendingSteps
from ent.audit.origin import Origin
from ent.database import clock
from ent.text.typed import without_gaps
from ent.web.client_address import address_group
from signin.destinations import forget_destinations
from signin.enums import Method
from signin.passwords import hashing
from signin.sessions.methods import note_methods
from signin.sessions.recent_proof import AUTHENTICATED_AT_KEY
from signin.sessions.store import (
    DOOR_KEY,
    note_visit,
)
from signin.throttle import journal
from signin.throttle import services as throttle


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Attempt:
    """What was posted to a local door; its `repr` shows nothing of it."""

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
    pending: PendingSteps | None = None
    success: statements.TrySuccess | None = None
    wait_seconds: int = 0
    code_generation: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """What is left to do for a session that was prepared."""

    is_noted: bool
    """Was the success written already?"""
    is_written: bool = False
    """Is it the session of before, that goes on?"""
    is_bound: bool | None = None
    """Do the account's roles bind it to a second factor? None when that was not read."""


def attempt_sign_in(attempt: Attempt) -> SignIn:
    """Evaluate one try: one statement, the hash, one statement. Failures all cost the same."""
    login = normalise_login(attempt.login)
    start = statements.begin_try(
        door_code=attempt.origin.door,
        login=login,
        counted_as=login or without_gaps(attempt.login[:200]).lower(),
        address_group=address_group(attempt.origin.address or ""),
        devices=attempt.devices,
        ticket=attempt.ticket,
    )
    door, account, admission = start.door, start.account, start.admission
    if door is None or not door.asks_for_password:
        return SignIn(outcome=SignInOutcome.ELSEWHERE, door=door)
    if not start.is_ticket_fresh:
        return SignIn(outcome=SignInOutcome.STALE, door=door)
    if not admission.is_admitted:
        outcome = SignInOutcome.SLOWED if admission.is_address_slow else SignInOutcome.WAIT
        return SignIn(outcome=outcome, door=door, wait_seconds=admission.wait_seconds)
    proof = secrets.check_secret(account, attempt.secret)
    if account is not None and (proof.is_password or proof.is_code):
        return _succeed(account, proof, start, attempt)
    return _fail(start, attempt)


def _succeed(
    account: Account, proof: secrets.SecretCheck, start: statements.TryStart, attempt: Attempt
) -> SignIn:
    if proof.is_password and hashing.needs_new_hash(account.password):
        rehashed = hashing.hash_password(attempt.secret)
        Account.objects.filter(pk=account.pk, password=account.password).update(password=rehashed)
    outcome = SignInOutcome.PASSWORD if proof.is_password else SignInOutcome.CODE
    return SignIn(
        outcome=outcome,
        door=start.door,
        account=account,
        pending=start.pending,
        success=statements.success_of(
            account=account,
            start=start,
            origin=attempt.origin,
            mode=outcome.value,
            is_signed_in=proof.is_password,
        ),
        code_generation=0 if proof.is_password else proof.code_generation,
    )


def _fail(start: statements.TryStart, attempt: Attempt) -> SignIn:
    statements.note_failure(start=start, origin=attempt.origin)
    if start.admission.is_address_slow:
        if throttle.raise_address_alert(start.source):
            journal.address_slowed(origin=attempt.origin)
        return SignIn(
            outcome=SignInOutcome.SLOWED,
            door=start.door,
            wait_seconds=throttle.ADDRESS_PACE_SECONDS,
        )
    return SignIn(outcome=SignInOutcome.REFUSED, door=start.door)


def open_or_go_on(request: HttpRequest, *, result: SignIn) -> Opening:
    """Prepare a session for who signed in at a local door; whoever is signed in keeps theirs.

    A password asked again (renew, a second tab) ends nothing: the services that are open stay open
    and hear of the sign-out later. Whoever comes with a code starts anew. The caller fills the
    session, then writes it with `write_success`.
    """
    account, door, success = result.account, result.door, result.success
    if account is None or door is None or success is None:
        raise AssertionError("nobody signed in")
    known = request.user if request.user.is_authenticated else None
    is_same = known is not None and (known.pk, known.epoch) == (account.pk, account.epoch)
    is_noted = is_same and not result.code_generation
    if is_noted:
        statements.note_success(success)
        if _go_on(request, account, door.code, result.pending):
            return Opening(is_noted=True, is_written=True)
    is_bound = open_session(
        request,
        account=account,
        door_code=door.code,
        methods=[Method.CODE if result.code_generation else Method.PASSWORD],
        code_generation=result.code_generation,
        pending=result.pending,
    )
    return Opening(is_noted=is_noted, is_bound=is_bound)


def write_success(request: HttpRequest, *, result: SignIn, opening: Opening) -> None:
    """Note the success, its event and its new session in one statement.

    The session must be filled: what changes afterwards costs another statement at the end of the
    request.
    """
    if opening.is_written:
        return
    if opening.is_noted or result.success is None:
        request.session.create()
        return
    statements.note_success_with_session(request, result.success)


def _go_on(
    request: HttpRequest, account: Account, door_code: str, pending: PendingSteps | None
) -> bool:
    """Give the same session another key; return False when it ended meanwhile.

    The code of the application is asked again, as at any sign-in.
    """
    forget_verification(request)
    note_methods(request, Method.PASSWORD)
    forget_destinations(request)
    request.session.update({AUTHENTICATED_AT_KEY: clock.now().timestamp(), DOOR_KEY: door_code})
    steps.prepare_steps(request, account, pending)
    try:
        request.session.cycle_key()
    except SessionInterrupted:
        return False
    note_visit(request)
    rotate_token(request)
    request.user = account
    return True
