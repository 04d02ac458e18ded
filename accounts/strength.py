"""How strongly somebody signed in, and how to ask for more (R-C6).

A session keeps the methods that were proved in it; they only ever grow with a proof, and die with
the session. A service or an act names the method that it requires. The academy's key is proved by
the academy alone: the way to it is the academic door, asked anew with that demand, and only a
validated response that names the method counts.
"""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from accounts.destinations import safe_path
from accounts.enums import Method
from accounts.models import Session

METHODS_KEY = "methods"
DEMAND = "exiger"
"""The parameter of a door's address that names the method asked of it."""


def session_methods(request: HttpRequest) -> frozenset[Method]:
    """Return what was proved in this session; nothing for nobody."""
    kept = request.session.get(METHODS_KEY, ()) if request.user.is_authenticated else ()
    return frozenset(Method(value) for value in kept if value in Method.values)


def has_strength(request: HttpRequest, required: Method) -> bool:
    """Tell whether the method was proved in this session. There is no way round."""
    return required in session_methods(request)


def sign_on_has_strength(sign_on: UUID, required: Method) -> bool:
    """Tell the same of a session without its request: what acts for somebody has no browser."""
    return required in sign_on_methods(sign_on)


def sign_on_methods(sign_on: UUID) -> frozenset[Method]:
    """Return what was proved in the session of a sign-on; nothing when there is none."""
    proved = Session.objects.filter(sign_on=sign_on).values_list("data__methods", flat=True).first()
    kept = proved if isinstance(proved, list) else ()
    return frozenset(Method(value) for value in kept if value in Method.values)


def note_methods(request: HttpRequest, *methods: Method) -> None:
    """Add what was just proved to the session."""
    kept = {str(value) for value in request.session.get(METHODS_KEY, ())}
    request.session[METHODS_KEY] = sorted(kept | {method.value for method in methods})


def demand_address(request: HttpRequest, *, required: Method, next_path: str) -> str:
    """Return the address of ours where the method can be proved, then *next_path* is opened.

    The page of the door says what is asked and why; when nothing can prove it (no academic door,
    a door that knows no key), the page says that instead.
    """
    query = urlencode({DEMAND: required.value, "next": safe_path(next_path)})
    return f"{reverse('accounts:strength')}?{query}"
