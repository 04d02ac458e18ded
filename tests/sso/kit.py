"""Registered services, and a browser that visits them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlsplit

from django.test import Client
from lxml import etree

from signin.realms import current_realm
from sso.catalogue import registry
from sso.catalogue.addresses import read_address
from sso.enums import AddressUse
from sso.models import Service, ServiceAddress, ServiceAudience

if TYPE_CHECKING:
    from tests.kit.responses import TestResponse

APP = "https://app.example.fr/entree"
CAS = {"cas": "http://www.yale.edu/tp/cas"}


def make_service(
    *addresses: str, code: str = "app", is_for_all: bool = True, **fields: Any
) -> Service:
    """A registered service at these addresses, open to everybody unless told otherwise."""
    service = Service.objects.create(
        code=code, **{"name": f"Service {code}", "realm": current_realm(), **fields}
    )
    for text in addresses or (APP,):
        add_address(service, text)
    if is_for_all:
        ServiceAudience.objects.create(service=service)
    registry.forget()
    return service


def add_address(
    service: Service, text: str, use: AddressUse = AddressUse.SIGN_IN
) -> ServiceAddress:
    """Register one more address."""
    address = read_address(text)
    made = ServiceAddress.objects.create(
        service=service,
        use=use,
        scheme=address.scheme,
        host=address.host,
        port=address.port,
        path_prefix=address.path,
    )
    registry.forget()
    return made


@dataclass(frozen=True, slots=True)
class Browser:
    """A person's browser, with what it asks of `/cas/`."""

    client: Client

    def login(self, service: str = APP, **parameters: str) -> TestResponse:
        """Go to `/cas/login` as a service sends one there."""
        query = {"service": service, **parameters} if service else parameters
        text = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        return self.client.get(f"/cas/login?{text}")

    def ticket(self, service: str = APP, **parameters: str) -> str:
        """Get a ticket for a service."""
        return ticket_in(self.login(service, **parameters))


def ticket_in(answer: TestResponse, name: str = "ticket") -> str:
    """Return the ticket that an answer sends back to the service."""
    assert answer.status_code == 303, (answer.status_code, answer.content[:300])
    (ticket,) = parse_qs(urlsplit(answer.headers["Location"]).query)[name]
    return ticket


def validate(
    ticket: str, service: str = APP, path: str = "serviceValidate", **parameters: str
) -> str:
    """Validate as a service does, without any cookie; return the body."""
    answer = Client().get(f"/cas/{path}", {"ticket": ticket, "service": service, **parameters})
    assert answer.status_code == 200
    return answer.content.decode()


def user_of(body: str) -> str:
    """Return the user of a successful answer, "" for a failure."""
    found = etree.fromstring(body.encode()).find("cas:authenticationSuccess/cas:user", CAS)
    return (found.text or "") if found is not None else ""


def code_of(body: str) -> str:
    """Return the code of a failure, "" for a success."""
    found = re.search(r'Failure code="([A-Z_]+)"', body)
    return found[1] if found else ""


def visit(browser: Browser, address: str) -> str:
    """Open a service whole: ticket and validation."""
    ticket = browser.ticket(address)
    assert user_of(validate(ticket, address))
    return ticket
