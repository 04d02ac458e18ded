"""Coming in through an academy, and being signed out by it."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django_cas_ng.signals import cas_user_logout
from lxml import etree

from accounts import journal
from accounts.doors.base import Assertion
from accounts.doors.cas import hash_ticket
from accounts.doors.departures import DEPARTURES_KEY, other_departures
from accounts.doors.xml import parse_small
from accounts.models import Account, Door, DoorSession, Session
from accounts.services.endings import end_sessions, on_sessions_ended
from accounts.services.sign_in import AUTHENTICATED_AT_KEY, note_sign_in, open_session
from accounts.services.sign_out import close_session
from accounts.sessions import DOOR_KEY, sign_on_of
from accounts.strength import note_methods
from ent.audit.origin import Origin

_SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
_MOST_TICKETS = 20


class TicketUsedError(Exception):
    """Another session was opened by this ticket meanwhile."""


@transaction.atomic
def enter(
    request: HttpRequest, *, account: Account, door: Door, assertion: Assertion
) -> Account | None:
    """Open or go on with the session of who came back; return the other person whose session ended.

    Whoever was signed in here as somebody else is signed out first, services included. Somebody
    who comes back as themselves (a proof asked again, a second tab) keeps their sign-on.
    """
    origin = Origin.of(request, door=door.code)
    opened = _use_ticket(door, assertion.ticket_hash)
    previous = request.user if request.user.is_authenticated else None
    others = other_departures(request)
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
        journal.signed_in(account, origin=origin, mode="academie")
    request.session[DEPARTURES_KEY] = others
    request.session.save()
    _tie_ticket(request, opened)
    return previous


def _use_ticket(door: Door, ticket_hash: bytes) -> DoorSession:
    """A server that accepts a ticket twice does not open two sessions.

    Before anything of the browser's session changes: what is rolled back in the database would
    stay changed in the request.
    """
    opened, is_new = DoorSession.objects.get_or_create(
        door=door, ticket_hash=ticket_hash, defaults={"sign_on": uuid4()}
    )
    if not is_new:
        raise TicketUsedError
    return opened


def _tie_ticket(request: HttpRequest, opened: DoorSession) -> None:
    """The ticket names the sign-on: the academy ends it by the ticket."""
    sign_on = sign_on_of(request)
    if sign_on is None:
        raise AssertionError("a session was just opened")
    DoorSession.objects.filter(pk=opened.pk).update(sign_on=sign_on)


def _go_on(request: HttpRequest, door: Door, assertion: Assertion) -> None:
    """The same person: another key for the same session, richer by what was proved."""
    note_methods(request, *assertion.methods)
    request.session[DOOR_KEY] = door.code
    if assertion.is_fresh:
        request.session[AUTHENTICATED_AT_KEY] = timezone.now().timestamp()
    request.session.cycle_key()


def has_opened(request: HttpRequest, door: Door, ticket: str) -> bool:
    """Did this very ticket open the session that the browser holds?"""
    sign_on = sign_on_of(request)
    return sign_on is not None and _opened_by(door, ticket).filter(sign_on=sign_on).exists()


def was_used(door: Door, ticket: str) -> bool:
    """Did this ticket open any session that still lives?"""
    return _opened_by(door, ticket).exists()


def _opened_by(door: Door, ticket: str) -> QuerySet[DoorSession]:
    return DoorSession.objects.filter(door=door, ticket_hash=hash_ticket(ticket))


def tickets_to_end(logout_request: str) -> list[str]:
    """Return the tickets that a logout request of the academy names; nothing for rubbish (T-E7)."""
    root = parse_small(logout_request.encode())
    if root is None or root.tag != f"{_SAMLP}LogoutRequest":
        return []
    found: list[etree._Element] = root.findall(f"{_SAMLP}SessionIndex")
    return [(index.text or "").strip() for index in found[:_MOST_TICKETS]]


@transaction.atomic
def sign_out_by_door(*, door: Door, tickets: list[str], origin: Origin) -> int:
    """End the sessions that these tickets of this door opened, and no others; return how many."""
    hashes = [hash_ticket(ticket) for ticket in tickets if ticket]
    sign_ons = DoorSession.objects.filter(door=door, ticket_hash__in=hashes).values("sign_on")
    sessions = Session.objects.filter(sign_on__in=sign_ons)
    accounts = [
        session.account for session in sessions.select_related("account__person__main_school")
    ]
    ended = end_sessions(sessions=sessions)
    for account in accounts:
        if account is not None:
            journal.signed_out_by_door(account, door=door, origin=origin)
            cas_user_logout.send(sender=sign_out_by_door, user=account, session=None, ticket="")
    return len(ended)


def forget_tickets(sign_ons: tuple[UUID, ...]) -> None:
    """What is kept of a ticket goes with the session that it opened."""
    DoorSession.objects.filter(sign_on__in=sign_ons).delete()


def register() -> None:
    """Called when the room is ready."""
    on_sessions_ended(forget_tickets)
