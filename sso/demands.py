"""What a service asks of `/cas/login`, read once and believed only after it was looked up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from sso.addresses import Address
from sso.enums import ReturnMethod
from sso.models import Service
from sso.registry import find_service

_NO = frozenset({"false", "0", "no", "off"})


def is_set(query: QueryDict, name: str) -> bool:
    """Is the flag set? Its presence is enough, but « renew=false » is not renew."""
    return name in query and str(query[name]).strip().lower() not in _NO


def service_text(query: QueryDict) -> tuple[str, str]:
    """Return the parameter that names the service and its value; SAML 1.1 clients say TARGET."""
    if "service" not in query and "TARGET" in query:
        return "TARGET", query.get("TARGET", "")
    return "service", query.get("service", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One request of a service for a ticket."""

    text: str = ""
    parameter: str = "service"
    service: Service | None = None
    address: Address | None = None
    renew: bool = False
    gateway: bool = False
    warn: bool = False
    method: ReturnMethod = ReturnMethod.GET
    door_code: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """Read the query; renew beats gateway, and a method that we do not know is GET."""
        query = request.GET
        parameter, text = service_text(query)
        found = find_service(text) if text else None
        method = query.get("method", "").upper()
        renew = is_set(query, "renew")
        return cls(
            text=text,
            parameter=parameter,
            service=found[0] if found else None,
            address=found[1] if found else None,
            renew=renew,
            gateway=is_set(query, "gateway") and not renew and bool(found),
            warn=is_set(query, "warn"),
            method=ReturnMethod(method) if method in ReturnMethod.values else ReturnMethod.GET,
            door_code=query.get("guichet", "")[:60],
        )

    @property
    def is_unregistered(self) -> bool:
        """Does it name a service that nobody registered?"""
        return bool(self.text) and self.service is None

    @property
    def ticket_parameter(self) -> str:
        """What the ticket is called on the way back."""
        return "SAMLart" if self.parameter == "TARGET" else "ticket"

    @property
    def own_path(self) -> str:
        """The address of ours that makes the same demand, after whatever comes between."""
        values = {self.parameter: self.text}
        if self.renew:
            values["renew"] = "true"
        if self.method != ReturnMethod.GET:
            values["method"] = self.method.value
        if self.warn:
            values["warn"] = "true"
        query = urlencode({name: value for name, value in values.items() if value})
        return reverse("sso:login") + (f"?{query}" if query else "")
