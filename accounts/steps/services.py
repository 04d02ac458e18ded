"""Forced steps after a sign-in: a password, the second factor, then the terms (R-B7, R-B8)."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from accounts.account.models import Account
from accounts.enums import AccountState
from accounts.second_factor import verification
from accounts.steps.pending import PendingSteps, find_pending_steps
from directory.models import School
from directory.schools.current import CAME_FROM_KEY
from directory.schools.remembered import keep_school
from signin.destinations import (
    DESTINATION_KEY,
    connected_page,
    keep_destination,
    take_destination,
)

CHOOSE_PASSWORD = "accounts:choose_password"  # noqa: S105 - the name of an address
PROVE_SECOND_FACTOR = "accounts:prove_second_factor"
ENROL_SECOND_FACTOR = "accounts:enrol_second_factor"
ACCEPT_TERMS = "accounts:accept_terms"
#: Who is signed in now, after the academy named somebody else: read before any step is done.
CHANGED_PERSON = "accounts:changed_person"
#: Where somebody who installs an application late in a session proves who they are: by password,
#: or at the academy, whose door they leave and come back through.
_OPEN_WHILE_ENROLLING = frozenset(
    {"accounts:confirm_password", "accounts:check_secret", "accounts:door", "accounts:door_return"}
)
PENDING_TERMS_KEY = "pending_terms"
STEPS_TAKEN_KEY = "steps_taken"


def prepare_steps(
    request: HttpRequest, account: Account, pending: PendingSteps | None = None
) -> bool:
    """Note in the session what waits, so that pages ask the database nothing about it.

    Return whether the account's roles bind it to a second factor. *pending*: who has read it with
    the account says so; else it is read.
    """
    pending = pending or find_pending_steps(account)
    if pending.has_application:
        verification.note_application(request)
    if pending.pending_terms is not None:
        request.session[PENDING_TERMS_KEY] = pending.pending_terms
    return account.is_operator or pending.is_bound


def must_choose_password(account: Account) -> bool:
    """Whoever came in with a code, or whose password was set by somebody else."""
    return account.must_choose_password or account.state == AccountState.PENDING


def pending_step(request: HttpRequest, *, is_bound: bool | None = None) -> str | None:
    """Return the name of the step's address, None when the way is free.

    *is_bound*: are roles known to require a second factor? None: they are read.
    """
    if must_choose_password(request.user):  # type: ignore[arg-type]
        return CHOOSE_PASSWORD
    if verification.must_prove(request):
        return PROVE_SECOND_FACTOR
    if verification.must_enrol(request, is_bound=is_bound):
        return ENROL_SECOND_FACTOR
    if PENDING_TERMS_KEY in request.session:
        return ACCEPT_TERMS
    return None


def opens_during(step: str, name: str) -> bool:
    """Does the page of that name open during the step?"""
    return name in {step, CHANGED_PERSON} or (
        step == ENROL_SECOND_FACTOR and name in _OPEN_WHILE_ENROLLING
    )


def keep_query(request: HttpRequest, *, school: School | None, next_path: str) -> None:
    """Keep what the sign-in was for until the steps are done, and its school in the browser.

    Whoever goes on to a service at once sees no page of ours that would keep the school.
    """
    if school is not None:
        request.session[CAME_FROM_KEY] = school.uai
        keep_school(request, school.uai)
    if next_path:
        keep_destination(request, next_path)


def address_of_signed_in(request: HttpRequest, *, next_path: str) -> str:
    """Return where somebody goes on who was signed in before: the step that is due, or the page."""
    step = pending_step(request)
    if step is None:
        return next_path or connected_page()
    if next_path:
        request.session[DESTINATION_KEY] = next_path
    return reverse(step)


def address_after_sign_in(request: HttpRequest, *, is_bound: bool | None = None) -> str:
    """Return where to go on: the next step, then the page that was asked for, or the connected one.

    Called when something was posted (a page that is only read changes no session). *is_bound*: as
    `prepare_steps` has just said it.
    """
    step = pending_step(request, is_bound=is_bound)
    if step is not None:
        return reverse(step)
    return take_destination(request)
