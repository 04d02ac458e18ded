"""Who is asking, and what they have to do first."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from signin.realms import realm_policy
from signin.sessions.principals import current_principal
from signin.sessions.store import note_visit

#: A page that asks again by itself says so with this header, or its view has ``is_polling = True``.
POLLING_HEADER = "X-Ent-Poll"


async def _current_principal_async(request: HttpRequest) -> Any:
    raise NotImplementedError("pages are served over WSGI")


class PrincipalMiddleware(AuthenticationMiddleware):
    """Set `request.user` from the session's row, and note the visit."""

    def process_request(self, request: HttpRequest) -> None:
        """Read the session only when the request asks for its user."""
        request.user = SimpleLazyObject(partial(current_principal, request))  # type: ignore[assignment]
        request.auser = partial(_current_principal_async, request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        """Note the visit of a signed-in person, unless the page asks by itself (T-B3)."""
        if POLLING_HEADER in request.headers or getattr(view, "is_polling", False):
            return
        if getattr(view, "is_reachable_during_steps", False):  # colours, logos, notices
            return
        if request.session.session_key and request.user.is_authenticated:
            note_visit(request)


class ForcedStepsMiddleware:
    """Before anything else: password, second factor, terms (R-B7, R-B8, R-E9, T-C1).

    Every address but the step's own, sign-out and what informs about rights leads to the step; its
    page shows no way to anywhere else (``request.has_forced_step``).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        """Send whoever has a step to do to that step."""
        if getattr(view, "is_reachable_during_steps", False):
            return None
        if not request.session.session_key or not request.user.is_authenticated:
            return None
        policy = realm_policy()
        step = policy.pending_step(request)
        if step is None:
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if policy.is_open_during_step(step, name):
            request.has_forced_step = True  # type: ignore[attr-defined]
            return None
        return HttpResponseRedirect(reverse(step), status=303)
