"""How strongly somebody signed in, and how to ask for more (R-C6).

A session keeps the methods that were proved in it; they only ever grow with a proof, and die with
the session. A service or an act names the method that it requires. The academy's key is proved by
the academy alone: the way to it is the academic door, asked anew with that demand, and only a
validated response that names the method counts.
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from signin.destinations import safe_path
from signin.enums import Method
from signin.realms import realm_policy
from signin.sessions.models import Session

METHODS_KEY = "methods"
DEMAND = "exiger"
"""The parameter of a door's address that names the method asked of it."""


def session_methods(request: HttpRequest) -> frozenset[Method]:
    """Return the methods proved in this session; none for somebody signed out."""
    kept = request.session.get(METHODS_KEY, ()) if request.user.is_authenticated else ()
    return frozenset(Method(value) for value in kept if value in Method.values)


def has_strength(request: HttpRequest, required: Method) -> bool:
    """Tell whether the method was proved in this session."""
    return required in session_methods(request)


def sign_on_methods(sign_on: UUID) -> frozenset[Method]:
    """Return what was proved in the session of a sign-on; nothing when there is none."""
    proved = Session.objects.filter(sign_on=sign_on).values_list("data__methods", flat=True).first()
    kept = proved if isinstance(proved, list) else ()
    return frozenset(Method(value) for value in kept if value in Method.values)


def note_methods(request: HttpRequest, *methods: Method) -> None:
    """Add what was just proved to the session."""
    kept = {str(value) for value in request.session.get(METHODS_KEY, ())}
    request.session[METHODS_KEY] = sorted(kept | {method.value for method in methods})


def strength_address(*, required: Method, next_path: str) -> str:
    """Return the address of ours where the method can be proved, then *next_path* is opened.

    The page of the door says what is asked and why; when nothing can prove it (no academic door,
    a door that knows no key), the page says that instead.
    """
    return realm_policy().strength_address(required=required, next_path=safe_path(next_path))
