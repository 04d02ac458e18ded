"""Coming in through a door that leads elsewhere, and being signed out by its other side."""

from __future__ import annotations

import hashlib
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.account.models import Account
from accounts.doors.base import journal as door_journal
from accounts.doors.base.departure import Demand, Departure
from accounts.doors.base.models import Door
from accounts.doors.base.protocol import Assertion, DoorError, Return
from accounts.doors.bindings.matching import account_of
from accounts.doors.returns.departures import DEPARTURES_KEY, departures_kept_for
from accounts.doors.returns.models import DoorSession
from accounts.enums import DoorFault
from accounts.second_factor.verification import note_first_factor
from accounts.session_ends import journal as session_journal
from accounts.session_ends.closing import close_session
from accounts.sign_in.opening import note_sign_in, open_session
from ent.audit.origin import Origin
from signin.sessions.endings import end_sessions, on_sessions_ended
from signin.sessions.methods import note_methods
from signin.sessions.models import Session
from signin.sessions.store import DOOR_KEY, sign_on_of


class AnswerUsedError(Exception):
    """Another session was opened by this answer meanwhile."""


def identify(
    request: HttpRequest, door: Door, returned: Return, departure: Departure | None
) -> tuple[Account, Assertion]:
    """Validate what the browser brought back, then find the account of its subject.

    Raises `DoorError` when the other side gives no answer that counts, `BindingRefusedError` when
    nobody here is the one it names.
    """
    said = door.protocol.come_back(door, returned, departure)
    if departure is not None:
        hold_to(departure.demand, said)
    return account_for(request, door, said), said


def account_for(request: HttpRequest, door: Door, said: Assertion) -> Account:
    """Return the account of an assertion; raises `BindingRefusedError`."""
    account = account_of(door=door, assertion=said, origin=Origin.of(request, door=door.code))
    door.protocol.signed_in(request, door, account, said)
    return account


def hold_to(demand: Demand, said: Assertion) -> None:
    """What was demanded when leaving must stand in the answer."""
    if demand.renew and not said.is_fresh:
        raise DoorError(DoorFault.RENEW)
    if demand.method is not None and demand.method not in said.methods:
        raise DoorError(DoorFault.METHOD)


@transaction.atomic
def enter(
    request: HttpRequest, *, account: Account, door: Door, assertion: Assertion
) -> Account | None:
    """Open or go on with the session of who came back; return the other person whose session ended.

    Whoever was signed in here as somebody else is signed out first, services included. Somebody
    who comes back as themselves (a proof asked again, a second tab) keeps their sign-on.
    """
    origin = Origin.of(request, door=door.code)
    opened = _use_answer(door, assertion)
    previous = request.user if request.user.is_authenticated else None
    others = departures_kept_for(request, str(account.uuid))
    if previous is not None and previous.pk == account.pk:
        _go_on(request, door, assertion)
        previous = None
    else:
        if previous is not None:
            previous = Account.objects.select_related("person__main_school").get(pk=previous.pk)
            close_session(request=request, origin=origin)
        open_session(
            request,
            account=account,
            door_code=door.code,
            methods=assertion.methods,
            is_fresh=assertion.is_fresh,
        )
        note_sign_in(account=account, door_code=door.code)
        session_journal.signed_in(account, origin=origin, mode="academie")
    request.session[DEPARTURES_KEY] = others
    request.session.save()
    if opened is not None:
        _tie_answer(request, opened)
    return previous


def _use_answer(door: Door, said: Assertion) -> DoorSession | None:
    """A server that accepts a ticket twice does not open two sessions.

    Before anything of the browser's session changes: what is rolled back in the database would
    stay changed in the request.
    """
    names = {"session_hash": _hash(said.session), "sign_on": uuid4()}
    if not said.answer:
        return DoorSession.objects.create(door=door, **names) if said.session else None
    opened, is_new = DoorSession.objects.get_or_create(
        door=door, answer_hash=_hash(said.answer), defaults=names
    )
    if not is_new:
        raise AnswerUsedError
    return opened


def _tie_answer(request: HttpRequest, opened: DoorSession) -> None:
    """The answer names the sign-on: the other side ends it by the name that it gave."""
    sign_on = sign_on_of(request)
    if sign_on is None:
        raise AssertionError("a session was just opened")
    DoorSession.objects.filter(pk=opened.pk).update(sign_on=sign_on)


def _go_on(request: HttpRequest, door: Door, assertion: Assertion) -> None:
    """The same person: another key for the same session, richer by what was proved."""
    note_methods(request, *assertion.methods)
    request.session[DOOR_KEY] = door.code
    if assertion.is_fresh:
        note_first_factor(request)
    request.session.cycle_key()


def has_opened(request: HttpRequest, door: Door, answer: str) -> bool:
    """Did this very answer open the session that the browser holds?"""
    sign_on = sign_on_of(request)
    return sign_on is not None and _opened_by(door, answer).filter(sign_on=sign_on).exists()


def was_used(door: Door, answer: str) -> bool:
    """Did this answer open any session that still lives?"""
    return _opened_by(door, answer).exists()


def _opened_by(door: Door, answer: str) -> QuerySet[DoorSession]:
    return DoorSession.objects.filter(door=door, answer_hash=_hash(answer))


@transaction.atomic
def sign_out_by_door(*, door: Door, sessions: tuple[str, ...], origin: Origin) -> int:
    """End the sessions that the other side of this door names, and no others; return how many."""
    hashes = [_hash(name) for name in sessions if name]
    sign_ons = DoorSession.objects.filter(door=door, session_hash__in=hashes).values("sign_on")
    named = Session.objects.filter(sign_on__in=sign_ons)
    accounts = list(
        Account.objects.filter(uuid__in=named.values("principal")).select_related(
            "person__main_school"
        )
    )
    ended = end_sessions(sessions=named)
    for account in accounts:
        door_journal.signed_out_by_door(account, door=door, origin=origin)
        door.protocol.signed_out(account)
    return len(ended)


def _hash(name: str) -> bytes:
    """What is kept of a ticket, or of another name of an answer or a session."""
    return hashlib.sha256(name.encode()).digest()


def forget_answers(sign_ons: tuple[UUID, ...]) -> None:
    """What is kept of an answer goes with the session that it opened."""
    DoorSession.objects.filter(sign_on__in=sign_ons).delete()


def register() -> None:
    """Called when the room is ready."""
    on_sessions_ended(forget_answers)
