"""`warn`: from then on a session opens no further service in silence (CAS 3.0.3, 2.1.1, 2.2.1)."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from sso.catalogue.addresses import with_parameters
from sso.protocol.service_requests import is_set

WARN = "warn"
"""The parameter, of the address as of the sign-in form."""
_KEY = "sso_warn"


def note_wish(request: HttpRequest, query: QueryDict) -> None:
    """Note that whoever signed in wants to be asked, when *query* says so."""
    if is_set(query, WARN) and not request.session.get(_KEY):
        request.session[_KEY] = True


def is_for_services(path: str) -> bool:
    """Does the path ask for a ticket? Who signs in for it may ask to be warned before others."""
    return path.startswith(reverse("sso:login"))


def with_wish(path: str, query: QueryDict) -> str:
    """Return the path that asks for a ticket, with the wish that *query* holds.

    For who signs in elsewhere meanwhile: the wish travels with what the sign-in is for.
    """
    if not is_for_services(path) or not is_set(query, WARN) or f"{WARN}=" in path:
        return path
    return with_parameters(path, [(WARN, "true")])


def wants_warning(request: HttpRequest) -> bool:
    """Is somebody to be asked before a service opens?"""
    return bool(request.session.get(_KEY))
