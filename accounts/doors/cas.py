"""Doors of kind CAS, over python-cas (protocol: Apereo CAS Protocol Specification 3.0.3).

Of python-cas we keep the addresses and the reading of answers; the fetching is ours (total
deadline, no redirect, capped body), `renew` is also asked at validation, and nothing of an answer
is logged.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import ParseError

from cas import CASClientV1, CASClientV2, CASClientV3
from django.conf import settings
from django.urls import reverse
from lxml import etree

from accounts.doors import breaker
from accounts.doors.base import Assertion, Demand, DoorError
from accounts.doors.fetch import BoundedSession
from accounts.doors.places import take_place
from accounts.doors.xml import parse_small
from accounts.enums import CasVersion, DoorFault, Method
from accounts.models import CasServer, Door

TICKET = re.compile(r"ST-[A-Za-z0-9._-]{1,253}")
_NAMESPACE = "{http://www.yale.edu/tp/cas}"
_LONGEST_SUBJECT = 200
_LONGEST_VALUE = 254
# Where servers name the method that was used, besides the parameter it was asked with.
_METHOD_ATTRIBUTES = ("authenticationMethod", "authnContextClass")
_FAULTS = {
    "INVALID_SERVICE": DoorFault.SERVICE,
    "UNAUTHORIZED_SERVICE": DoorFault.SERVICE,
    "INVALID_REQUEST": DoorFault.SERVICE,
    "INTERNAL_ERROR": DoorFault.BROKEN,
}


class _Fetching:
    """What the three clients of python-cas have in common here: how they fetch."""

    url_suffix: str
    renew: bool
    server_url: str
    service_url: str
    session: BoundedSession
    logout_redirect_param_name = "service"

    def get_verification_response(self, ticket: str) -> bytes:
        """Ask the server about a ticket; `renew` holds at validation too."""
        params = {"ticket": ticket, "service": self.service_url}
        if self.renew:
            params["renew"] = "true"
        return bytes(
            self.session.get(urljoin(self.server_url, self.url_suffix), params=params).content
        )


class _V1(_Fetching, CASClientV1):  # type: ignore[misc]
    url_suffix = "validate"


class _V2(_Fetching, CASClientV2):  # type: ignore[misc]
    pass


class _V3(_Fetching, CASClientV3):  # type: ignore[misc]
    pass


_CLIENTS: dict[str, Callable[..., Any]] = {
    CasVersion.V1: _V1,
    CasVersion.V2: _V2,
    CasVersion.V3: _V3,
}


def service_address(door: Door) -> str:
    """Return the one address by which this door knows the ENT: constant, without any state."""
    return settings.PUBLIC_BASE_URL + reverse("accounts:door_return", args=[door.code])


def way_address(door: Door) -> str:
    """Return the academy's login page, nothing demanded of it."""
    return CasWay().start(door, Demand())


def hash_ticket(ticket: str) -> bytes:
    """Return what is kept of a ticket."""
    return hashlib.sha256(ticket.encode()).digest()


class CasWay:
    """Leave for the academy's login page; come back with a ticket; leave for its logout page."""

    def start(self, door: Door, demand: Demand) -> str:
        """Return the academy's login page, with what is demanded of it."""
        server = door.cas
        more = {}
        if demand.method == Method.KEY and server.method_parameter:
            more[server.method_parameter] = server.key_method
        client = _client(server, server.public_url, demand, extra_login_params=more)
        return str(client.get_login_url())

    def come_back(self, door: Door, query: Mapping[str, str], demand: Demand) -> Assertion:
        """Validate the ticket, directly with the academy."""
        ticket = query.get("ticket", "")
        if not TICKET.fullmatch(ticket):
            raise DoorError(DoorFault.TICKET)
        user, attributes = ask(door, ticket, demand)
        return self._assertion(door.cas, user, attributes, ticket, demand)

    def sign_out(self, door: Door, back: str) -> str:
        """Return the academy's logout page, which sends back to *back* when it can."""
        client = _client(door.cas, door.cas.public_url, Demand())
        return str(client.get_logout_url(redirect_url=back))

    def subject(self, raw: str) -> str:
        """Trimmed and in lower case: academies' logins have no case, whatever was typed there."""
        subject = unicodedata.normalize("NFC", raw).strip().lower()
        is_plain = all(unicodedata.category(char)[0] not in "CZ" for char in subject)
        if not subject or len(subject) > _LONGEST_SUBJECT or not is_plain:
            raise DoorError(DoorFault.SUBJECT)
        return subject

    def _assertion(
        self,
        server: CasServer,
        user: str,
        attributes: dict[str, tuple[str, ...]],
        ticket: str,
        demand: Demand,
    ) -> Assertion:
        said = {value.lower() for value in attributes.get("isFromNewLogin", ())}
        if demand.renew and "false" in said:
            raise DoorError(DoorFault.RENEW)
        methods = {Method.ACADEMIC}
        if server.key_method and server.key_method in _methods_named(server, attributes):
            methods.add(Method.KEY)
        if demand.method is not None and demand.method not in methods:
            raise DoorError(DoorFault.METHOD)
        return Assertion(
            subject=self.subject(user),
            attributes=attributes,
            methods=frozenset(methods),
            is_fresh=demand.renew or "true" in said,
            ticket_hash=hash_ticket(ticket),
        )


def ask(door: Door, ticket: str, demand: Demand) -> tuple[str, dict[str, tuple[str, ...]]]:
    """Return whom the server names for a ticket, within places and breaker."""
    breaker.ensure_closed_circuit(door)
    try:
        content = fetch_answer(door.cas, ticket, demand, release=take_place(door))
        said = read_answer(door.cas, content)
    except DoorError as error:
        if error.fault.is_server_unwell:
            breaker.note_failure(door, error.fault)
        elif error.fault != DoorFault.BUSY:
            breaker.note_answer(door)
        raise
    breaker.note_answer(door)
    return said


def fetch_answer(
    server: CasServer, ticket: str, demand: Demand, *, release: Callable[[], None]
) -> bytes:
    """Fetch the server's answer about a ticket, within its deadline."""
    session = BoundedSession(deadline_seconds=server.deadline_seconds, release=release)
    address = server.back_channel_url or server.public_url
    client = _client(server, address, demand, session=session)
    return bytes(client.get_verification_response(ticket))


def read_answer(server: CasServer, content: bytes) -> tuple[str, dict[str, tuple[str, ...]]]:
    """Return the user and the attributes of an answer; `DoorError` for a refusal or rubbish."""
    if server.version == CasVersion.V1:
        return _read_first_version(content), {}
    root = parse_small(content)
    if root is None or root.tag != f"{_NAMESPACE}serviceResponse" or not len(root):
        raise DoorError(DoorFault.NOT_CAS)
    if root[0].tag == f"{_NAMESPACE}authenticationFailure":
        raise DoorError(_FAULTS.get(root[0].get("code", ""), DoorFault.TICKET))
    try:
        # Written again from the tree that was judged: never the bytes that arrived.
        user, attributes, _ = CASClientV3.parse_response_xml(etree.tostring(root))
    except (AttributeError, IndexError, ValueError, ParseError):
        raise DoorError(DoorFault.NOT_CAS) from None
    if not user:
        raise DoorError(DoorFault.NOT_CAS)
    return str(user), {name: _values(value) for name, value in attributes.items()}


def _read_first_version(content: bytes) -> str:
    word, _, rest = content.decode("utf-8", "replace").partition("\n")
    if word.strip() == "no":
        raise DoorError(DoorFault.TICKET)
    if word.strip() != "yes":
        raise DoorError(DoorFault.NOT_CAS)
    return rest.partition("\n")[0].strip()


def _values(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(str(one).strip()[:_LONGEST_VALUE] for one in values if one)


def _methods_named(server: CasServer, attributes: Mapping[str, tuple[str, ...]]) -> set[str]:
    names = (server.method_parameter, *_METHOD_ATTRIBUTES)
    return {value for name in names for value in attributes.get(name, ())}


def _client(server: CasServer, address: str, demand: Demand, **more: Any) -> Any:
    return _CLIENTS[server.version](
        service_url=service_address(server.door),
        server_url=address.rstrip("/") + "/",
        renew=demand.renew,
        **more,
    )
