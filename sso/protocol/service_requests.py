"""What a service asks of `/cas/login`, read once and believed only after it was looked up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from signin.enums import Method
from sso.catalogue.addresses import Address
from sso.catalogue.models import Service
from sso.catalogue.registry import find_service
from sso.enums import ReturnMethod
from sso.realms import SignInRequest, sso_policy

#: A longer address is kept as it is where a query allows it: it travels in « next » once more.
_ESCAPED_UP_TO = 1500
_KEPT_WHEN_LONG = ":/?@!$()*,;'"
_LONGEST_DEMAND = 200
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
class ServiceRequest:
    """One request of a service for a ticket."""

    text: str = ""
    parameter: str = "service"
    service: Service | None = None
    address: Address | None = None
    renew: bool = False
    gateway: bool = False
    warn: bool = False
    method: ReturnMethod = ReturnMethod.GET
    demand: tuple[str, str] = ("", "")
    """The parameter that names a way of signing in, and what it names, as it was sent."""
    demanded: Method | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """Read the query; renew beats gateway, and a method that we do not know is GET."""
        query = request.GET
        parameter, text = service_text(query)
        found = find_service(text) if text else None
        method = query.get("method", "").upper()
        renew = is_set(query, "renew")
        demand = _demand_in(query)
        return cls(
            demand=demand,
            demanded=sso_policy().method_called(demand[1]) if demand[1] else None,
            text=text,
            parameter=parameter,
            service=found[0] if found else None,
            address=found[1] if found else None,
            renew=renew,
            gateway=is_set(query, "gateway") and not renew and bool(found),
            warn=is_set(query, "warn"),
            method=ReturnMethod(method) if method in ReturnMethod.values else ReturnMethod.GET,
        )

    @property
    def is_unregistered(self) -> bool:
        """Does it name a service that nobody registered?"""
        return bool(self.text) and self.service is None

    @property
    def has_unknown_demand(self) -> bool:
        """Does it ask for a way of signing in that means nothing here? It is not ignored."""
        return bool(self.demand[1]) and self.demanded is None

    @property
    def sign_in(self) -> SignInRequest:
        """The sign-in that goes on with the same request."""
        return SignInRequest(service=self.service, own_path=self.own_path, renew=self.renew)

    @property
    def ticket_parameter(self) -> str:
        """What the ticket is called on the way back."""
        return "SAMLart" if self.parameter == "TARGET" else "ticket"

    @property
    def own_path(self) -> str:
        """Our address that makes the same request, after whatever comes between."""
        values = {self.parameter: self.text}
        if self.renew:
            values["renew"] = "true"
        if self.method != ReturnMethod.GET:
            values["method"] = self.method.value
        if self.warn:
            values["warn"] = "true"
        if self.demand[1]:
            values[self.demand[0]] = self.demand[1]
        query = urlencode(
            {name: value for name, value in values.items() if value},
            safe="" if len(self.text) <= _ESCAPED_UP_TO else _KEPT_WHEN_LONG,
        )
        return reverse("sso:login") + (f"?{query}" if query else "")


def _demand_in(query: QueryDict) -> tuple[str, str]:
    """Return the parameter of this realm that asks for a method, and its value."""
    name = sso_policy().method_parameter()
    return name, query.get(name, "")[:_LONGEST_DEMAND] if name else ""
