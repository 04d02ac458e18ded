"""No act of power with an old proof: the form is kept, the proof is asked, the form is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from signin.destinations import connected_page, safe_path
from signin.kept_forms.filling import fill_page
from signin.kept_forms.refusals import refusal_of
from signin.kept_forms.services import keep_form, take_form
from signin.sessions.recent_proof import is_recently_authenticated, recent_proof_address

KEPT: Final = "reprise"
"""The parameter of an address that names the form to show again."""
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_SHOWN = (
    "Votre identité est confirmée, et rien n’est encore fait. Vérifiez ce que vous aviez saisi,"
    " puis validez."
)
_NOT_DONE = "Votre identité est confirmée. L’action n’est pas faite\u00a0: demandez-la à nouveau."
_TOO_LATE = (
    "Ce que vous aviez saisi n’est plus gardé (dix minutes, une seule fois)\u00a0: recommencez."
)
_FILES = "Les fichiers ne sont pas gardés\u00a0: choisissez-les à nouveau."
_TOO_LONG = "Ce que vous aviez envoyé était trop long pour être gardé\u00a0: recommencez."


class RecentProofMiddleware:
    """Ask who posts again, when they proved it more than a quarter of an hour ago."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Show a kept form in the page of its act."""
        # The query is read where it names a form: what cannot be read is the view's to answer.
        is_named = request.method == "GET" and f"{KEPT}=" in request.META.get("QUERY_STRING", "")
        token = request.GET.get(KEPT, "") if is_named else ""
        if not token or not request.session.session_key or not is_recently_authenticated(request):
            return self.get_response(request)
        return self._show_again(request, token)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        """Refuse whoever may not act; of the others keep what is posted, and ask for a proof."""
        is_opened = request.method in _SAFE
        if needs_none(view) or (is_opened and not getattr(view, "asks_for_recent_proof", False)):
            return None
        if not request.session.session_key or not request.user.is_authenticated:
            return None
        if is_recently_authenticated(request):
            return None
        if (refusal := refusal_of(request, view, args, kwargs)) is not None:
            return refusal
        if is_opened:
            address = recent_proof_address(request.get_full_path())
            return HttpResponseRedirect(address, status=303)
        if request.headers.get("Sec-Fetch-Dest") == "empty":  # a script of the page, not a form
            return HttpResponse(status=403)
        page = _page_of_form(request)
        token = keep_form(request, page=page)
        if not token:
            messages.warning(request, _TOO_LONG)
        address = _with_token(page, token)
        return HttpResponseRedirect(recent_proof_address(address), status=303)

    def _show_again(self, request: HttpRequest, token: str) -> HttpResponse:
        posted = take_form(request, token)
        if posted is None or urlsplit(posted.shown_at).path != request.path:
            messages.warning(request, _TOO_LATE)
            return HttpResponseRedirect(_without_token(request), status=303)
        request.GET = _query_without_token(request)  # type: ignore[assignment]
        messages.info(request, f"{_SHOWN} {_FILES}" if posted.had_files else _SHOWN)
        response = self.get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if response.status_code == 200 and is_page and not response.streaming:
            filled = fill_page(response.content.decode(response.charset), posted)
            if filled is not None:
                response.content = filled.encode(response.charset)
                return response
        if response.status_code == 405:  # an act that is one button, of a page that nobody named
            messages.warning(request, _NOT_DONE)
            return HttpResponseRedirect(connected_page(), status=303)
        return response


def needs_none(view: Callable[..., HttpResponse]) -> bool:
    """Is the view public, or one whose POST concerns its author only?"""
    is_public = getattr(view, "login_required", True) is False
    return is_public or getattr(view, "needs_no_recent_proof", False)


def _page_of_form(request: HttpRequest) -> str:
    """Return the page that held the posted form: ours by its `Referer`, else the form's address."""
    here = f"{request.scheme}://{request.get_host()}"
    referer = request.headers.get("Referer", "")
    page = referer.removeprefix(here) if referer.startswith(f"{here}/") else ""
    path, _, text = (safe_path(page) or request.get_full_path()).partition("?")
    query = QueryDict(text, mutable=True)
    query.pop(KEPT, None)
    return f"{path}?{query.urlencode()}" if query else path


def _with_token(page: str, token: str) -> str:
    if not token:
        return page
    return f"{page}{'&' if '?' in page else '?'}{urlencode({KEPT: token})}"


def _without_token(request: HttpRequest) -> str:
    query = _query_without_token(request)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def _query_without_token(request: HttpRequest) -> QueryDict:
    query = request.GET.copy()
    query.pop(KEPT, None)
    return query
