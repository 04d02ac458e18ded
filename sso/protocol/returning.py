"""Sending the browser back to a service: GET, POST or headers; the address byte for byte."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sso.catalogue.addresses import Address, as_header, with_parameters
from sso.enums import ReturnMethod


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
        response = HttpResponse(status=303, headers={"Location": as_header(target)})
    elif method == ReturnMethod.POST:
        context = {"address": address, "parameter": parameter, "ticket": ticket}
        response = render(request, "sso/post_back.html", context)
    else:
        headers = {parameter: ticket, "service": address.location}
        response = HttpResponse(content_type="text/plain; charset=utf-8", headers=headers)
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
