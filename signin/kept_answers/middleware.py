"""A refused form ends on a page that is opened by a GET.

A browser that comes back to the answer of a POST shows an error page of its own (« Confirmer le
nouvel envoi du formulaire »), because pages of ours are kept in no cache. So the answer to a
refused form is kept for ten minutes under an address of its own, and the browser is led there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token

from signin.form_tickets.checks import has_form_cookie
from signin.kept_answers.services import Answer, find_answer, keep_answer

KEPT: Final = "refus"
"""The parameter of an address that names the answer to show."""
_REFUSED: Final = re.compile(rb'role="alert"|class="notice notice-bad"|class="field-error"')
"""What a page holds that says what is wrong with a form (`templates/components`)."""
_KEPT_HEADERS: Final = ("Content-Type", "Cache-Control", "Retry-After")
_TOKEN: Final = re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]*"')


class KeptAnswerMiddleware:
    """Lead a browser whose form was refused to an address that shows the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Keep the answer of a refused form; give back one that was kept."""
        query = request.META.get("QUERY_STRING", "")
        if request.method == "GET" and f"{KEPT}=" in query and KEPT in request.GET:
            return _give_back(request)
        response = self.get_response(request)
        if request.method == "POST" and _is_navigation(request) and _is_refusal(response):
            return _keep(request, response)
        return response


def _is_navigation(request: HttpRequest) -> bool:
    """Is it a form that a browser sent, which will show the answer as a page and has our cookie?

    A program or a script is answered directly, as is a browser that does not say what it does.
    """
    return (
        request.headers.get("Sec-Fetch-Mode") == "navigate"
        and request.headers.get("Sec-Fetch-Dest") == "document"
        and has_form_cookie(request)
    )


def _is_refusal(response: HttpResponse) -> bool:
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    if not is_page or response.streaming:
        return False
    return 400 <= response.status_code < 500 or (
        response.status_code == 200 and _REFUSED.search(response.content) is not None
    )


def _keep(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    token = keep_answer(
        request,
        Answer(
            path=request.path,
            status=response.status_code,
            headers={
                name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers
            },
            csp_replace=getattr(response, "_csp_replace", {}),
            text=response.content.decode(response.charset),
        ),
    )
    if not token:
        return response
    query = request.META.get("QUERY_STRING", "")
    led = _led_to(request, f"{query}&{urlencode({KEPT: token})}" if query else f"{KEPT}={token}")
    led.cookies = response.cookies
    return led


def _give_back(request: HttpRequest) -> HttpResponse:
    """Show the answer with a fresh token in its forms; the plain page when it is kept no more."""
    answer = find_answer(request, request.GET[KEPT])
    if answer is None:
        query = request.META["QUERY_STRING"]
        rest = [part for part in query.split("&") if not part.startswith(f"{KEPT}=")]
        return _led_to(request, "&".join(rest))
    fresh = get_token(request)
    text = _TOKEN.sub(lambda found: f'{found[1]}{fresh}"', answer.text)
    response = HttpResponse(text, status=answer.status, headers=answer.headers)
    if answer.csp_replace:
        response._csp_replace = answer.csp_replace  # type: ignore[attr-defined]  # noqa: SLF001
    return response


def _led_to(request: HttpRequest, query: str) -> HttpResponse:
    """Redirect to the same path; the query goes as it came, byte for byte."""
    path = request.get_full_path().partition("?")[0]
    led = HttpResponseRedirect(path, status=303)
    if query:
        led.headers["Location"] = f"{path}?{query}"
    return led
