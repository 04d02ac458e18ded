"""Talking with a CAS server, over python-cas (Apereo CAS Protocol Specification 3.0.3).

Of python-cas we keep the addresses and the reading of answers; the fetching is ours (total
deadline, no redirect, capped body), `renew` is also asked at validation, and nothing of an answer
is logged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import ParseError

from cas import CASClientV1, CASClientV2, CASClientV3
from django.conf import settings
from django.urls import reverse
from lxml import etree

from accounts.doors.base.departure import Demand
from accounts.doors.base.fetch import BoundedSession
from accounts.doors.base.models import Door
from accounts.doors.base.protocol import DoorError
from accounts.doors.cas.models import CasServer
from accounts.enums import CasVersion, DoorFault
from ent.web.small_xml import parse_small
from signin.enums import Method

_NAMESPACE = "{http://www.yale.edu/tp/cas}"
_LONGEST_VALUE = 254
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


def login_address(server: CasServer, demand: Demand, *, key_method: str = "") -> str:
    """Return the academy's login page, with what is demanded of it."""
    more = {}
    if demand.method == Method.KEY and server.method_parameter:
        more[server.method_parameter] = key_method
    client = _client(server, server.public_url, demand, extra_login_params=more)
    return str(client.get_login_url())


def logout_address(server: CasServer, back: str) -> str:
    """Return the academy's logout page, which sends back to *back* when it can."""
    client = _client(server, server.public_url, Demand())
    return str(client.get_logout_url(redirect_url=back))


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


def _client(server: CasServer, address: str, demand: Demand, **more: Any) -> Any:
    return _CLIENTS[server.version](
        service_url=service_address(server.door),
        server_url=address.rstrip("/") + "/",
        renew=demand.renew,
        **more,
    )
