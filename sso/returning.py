"""Sending the browser back to a service: GET, POST or headers; the address byte for byte."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.encoding import iri_to_uri

from sso.addresses import Address
from sso.enums import ReturnMethod


def with_parameters(address: str, parameters: list[tuple[str, str]]) -> str:
    """Append parameters to an address, before its fragment; what was there stays as it was."""
    before, mark, fragment = address.partition("#")
    pairs = [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in parameters]
    joint = "" if before.endswith(("?", "&")) else "&" if "?" in before else "?"
    return f"{before}{joint}{'&'.join(pairs)}{mark}{fragment}"


def send_back(
    request: HttpRequest,
    address: Address,
    *,
    ticket: str = "",
    method: ReturnMethod = ReturnMethod.GET,
    parameter: str = "ticket",
) -> HttpResponse:
    """Return to the service with a ticket (or without: gateway). Never stored by any cache."""
    if not ticket or method == ReturnMethod.GET:
        target = with_parameters(address.text, [(parameter, ticket)]) if ticket else address.text
        response = HttpResponse(status=303, headers={"Location": iri_to_uri(target)})
    elif method == ReturnMethod.POST:
        context = {"address": address, "parameter": parameter, "ticket": ticket}
        response = render(request, "sso/post_back.html", context)
    else:
        headers = {parameter: ticket, "service": iri_to_uri(address.text)}
        response = HttpResponse(content_type="text/plain; charset=utf-8", headers=headers)
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
