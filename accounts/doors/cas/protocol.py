"""Doors of kind CAS: leave for the academy's login page, come back with a ticket.

CAS has no place for a nonce of ours: the address that the academy knows is constant, and it adds a
ticket to it and nothing else (`docs/decisions/0037`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.http import HttpRequest
from django_cas_ng.signals import cas_user_authenticated, cas_user_logout
from lxml import etree

from accounts.account.models import Account
from accounts.doors.base.contact import ask_server
from accounts.doors.base.departure import Demand, Departure
from accounts.doors.base.models import Door
from accounts.doors.base.protocol import (
    Assertion,
    DoorError,
    DoorProtocol,
    Return,
    SignOut,
    Start,
    TrialResult,
)
from accounts.doors.cas.backend import AcademicBackend
from accounts.doors.cas.client import (
    fetch_answer,
    login_address,
    logout_address,
    read_answer,
    service_address,
)
from accounts.doors.cas.forms import CasDoorForm
from accounts.doors.cas.trial import try_door
from accounts.enums import DoorFault
from ent.web.small_xml import parse_small
from signin.enums import Method

_TICKET = re.compile(r"ST-[A-Za-z0-9._-]{1,253}")
# Where servers name the method that was used, besides the parameter it was asked with.
_METHOD_ATTRIBUTES = ("authenticationMethod", "authnContextClass")
_SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
_MOST_TICKETS = 20


class CasProtocol(DoorProtocol):
    """A CAS server of an academy, or the academy's own guichet, which speaks CAS too (R-C1)."""

    form = CasDoorForm
    settings_relation = "cas"
    can_be_tried = True

    def start(self, door: Door, departure: Departure) -> Start:
        """Lead to the academy's login page."""
        demand = departure.demand
        return Start(address=login_address(door.cas, demand, key_method=door.key_method))

    def classify(self, request: HttpRequest, door: Door) -> Return | SignOut:
        """A browser comes with a ticket or without; what is posted ends sessions."""
        if request.method == "POST":
            tickets = tickets_to_end(request.POST.get("logoutRequest", ""))
            return SignOut(sessions=tuple(ticket for ticket in tickets if ticket))
        ticket = request.GET.get("ticket", "")
        return Return(values={"ticket": ticket} if ticket else {}, answer=ticket)

    def come_back(self, door: Door, returned: Return, departure: Departure | None) -> Assertion:
        """Validate the ticket, directly with the academy."""
        ticket = returned.answer
        if not _TICKET.fullmatch(ticket):
            raise DoorError(DoorFault.TICKET)
        demand = departure.demand if departure is not None else Demand()
        user, attributes = ask_server(
            door,
            lambda release: read_answer(
                door.cas, fetch_answer(door.cas, ticket, demand, release=release)
            ),
        )
        said = {value.lower() for value in attributes.get("isFromNewLogin", ())}
        return Assertion(
            subject=self.subject(user),
            attributes=attributes,
            methods=_methods_of(door, attributes),
            is_fresh="true" in said or (demand.renew and "false" not in said),
            answer=ticket,
            session=ticket,
        )

    def sign_out(self, door: Door, back: str) -> str:
        """Return the academy's logout page, which sends back to *back* when it can."""
        return logout_address(door.cas, back)

    def subject(self, raw: str) -> str:
        """One spelling for each subject."""
        return AcademicBackend().clean_username(raw)

    def address_to_declare(self, door: Door) -> str:
        """Return the service that the academy must know."""
        return service_address(door)

    def try_out(self, door: Door) -> tuple[list[TrialResult], DoorFault | None]:
        """Validate an invented ticket and open the login page."""
        return try_door(door)

    def signed_in(
        self, request: HttpRequest, door: Door, account: Account, said: Assertion
    ) -> None:
        """Send django-cas-ng's signal."""
        cas_user_authenticated.send(
            sender=AcademicBackend,
            user=account,
            created=False,
            username=said.subject,
            attributes=dict(said.attributes),
            pgtiou=None,
            ticket=said.answer,
            service=service_address(door),
            request=request,
        )

    def signed_out(self, account: Account) -> None:
        """Send django-cas-ng's signal."""
        cas_user_logout.send(sender=AcademicBackend, user=account, session=None, ticket="")


def tickets_to_end(logout_request: str) -> list[str]:
    """Return the tickets that a logout request of the academy names; nothing for rubbish (T-E7)."""
    root = parse_small(logout_request.encode())
    if root is None or root.tag != f"{_SAMLP}LogoutRequest":
        return []
    found: list[etree._Element] = root.findall(f"{_SAMLP}SessionIndex")
    return [(index.text or "").strip() for index in found[:_MOST_TICKETS]]


def _methods_of(door: Door, attributes: Mapping[str, tuple[str, ...]]) -> frozenset[Method]:
    names = (door.cas.method_parameter, *_METHOD_ATTRIBUTES)
    named = {value for name in names for value in attributes.get(name, ())}
    if door.key_method and door.key_method in named:
        return frozenset({Method.ACADEMIC, Method.KEY})
    return frozenset({Method.ACADEMIC})
