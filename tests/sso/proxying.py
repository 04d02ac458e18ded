"""A service that acts for somebody at another one, and the callback that it is granted by."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from lxml import etree

from sso.catalogue import registry
from sso.enums import AddressUse
from sso.models import Service
from sso.tickets import proxies
from tests.sso.kit import CAS, add_address, make_service

CALLBACK = "https://app.example.fr/pgt"
BEHIND = "https://derriere.example.fr/"


class Callbacks:
    """What the service's callback was sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self.status = 200
        monkeypatch.setattr(proxies, "get_status", self.get)

    def get(self, address: str) -> int:
        self.asked.append(address)
        return self.status

    @property
    def grant(self) -> str:
        return parse_qs(urlsplit(self.asked[-1]).query)["pgtId"][0]

    @property
    def iou(self) -> str:
        return parse_qs(urlsplit(self.asked[-1]).query)["pgtIou"][0]


def make_pair() -> tuple[Service, Service]:
    front = make_service(may_proxy=True)
    add_address(front, CALLBACK, AddressUse.PROXY_CALLBACK)
    behind = make_service(BEHIND, code="derriere")
    behind.allowed_proxies.add(front)
    registry.forget()
    return front, behind


def proxy_ticket(grant: str, target: str = BEHIND, **more: str) -> str:
    query = {"pgt": grant, "targetService": target, **more}
    return Client().get("/cas/proxy", query).content.decode()


def ticket_of(body: str) -> str:
    found = etree.fromstring(body.encode()).findtext(".//cas:proxyTicket", namespaces=CAS)
    assert found, body
    return str(found)
