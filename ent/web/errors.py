"""Error pages: what happened and what to do next, in French, never a traceback."""

import logging
import secrets
import sys
from collections.abc import Callable

from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render

from ent.logging.responses import keep_out_of_the_log
from ent.outages.causes import WORDS, Outage, outage_of
from ent.outages.notices import tell_operators
from ent.pages.french import size_words
from ent.web.body_size import most_bytes

_log = logging.getLogger(__name__)

_TITLES = {
    400: "Demande non comprise",
    403: "Accès refusé",
    404: "Page introuvable",
    405: "Cette adresse ne s’ouvre pas ainsi",
    413: "Envoi trop volumineux",
    429: "Trop de demandes",
    500: "Erreur du service",
    503: "Service très sollicité",
}
_RETRY_AFTER_SECONDS = 30
_FRAMED = "errors/framed.html"
_BARE = "layout/bare.html"
# Shown when even the template of the error page fails.
_LAST_RESORT = (
    '<!doctype html><html lang="fr"><meta charset="utf-8"><title>Erreur du service</title>'
    "<h1>Erreur du service</h1><p>Recommencez dans un instant. Si l’erreur revient, donnez à "
    "l’assistance la référence {reference}.</p>"
)


def _page(request: HttpRequest, status: int, **context: str) -> HttpResponse:
    """Say who is signed in, as every page does; ours (5xx) ask neither database nor session."""
    context["title"] = _TITLES[status]
    template = f"errors/{status}.html"
    if status < 500:
        try:
            framed = {**context, "frame": _FRAMED}
            response = render(request, template, framed, status=status)
        except Exception:
            _log.exception("the frame of error %s failed", status)
        else:
            response.headers["Cache-Control"] = "no-store"
            return response
    return render(request, template, {**context, "frame": _BARE}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request cannot be understood; 413: nobody even began to read it, it is too large."""
    if isinstance(exception, SessionInterrupted):
        # The other of two clicks ended this session, or changed its key: lead where it has led.
        return HttpResponseRedirect(settings.LOGIN_REDIRECT_URL, status=303)
    if isinstance(exception, RequestDataTooBig):
        return _page(request, 413, most=size_words(_most_sent(request)))
    return _page(request, 400)


def _most_sent(request: HttpRequest) -> int:
    """The limit that was passed: of the whole, else of the fields around the files."""
    most = most_bytes(request)
    sent = request.META.get("CONTENT_LENGTH") or "0"
    is_whole = sent.isdecimal() and int(sent) > most
    return most if is_whole else int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: the person is known and may not do this."""
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: it does not exist, or not for this person; both look the same."""
    return _page(request, 404)


class NotAllowedMiddleware:
    """A page for whoever types the address of a button: Django's answer has no words at all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Give an empty 405 its page; one that says something keeps its words."""
        response = self.get_response(request)
        is_mute = isinstance(response, HttpResponseNotAllowed) and not response.content
        if not is_mute or request.method not in ("GET", "POST"):
            return response
        page = _page(request, 405)
        page.headers["Allow"] = response.headers["Allow"]
        return page


def too_many_requests(request: HttpRequest, *, retry_after_seconds: int) -> HttpResponse:
    """429: the visitor has to wait."""
    response = _page(request, 429)
    response.headers["Retry-After"] = str(retry_after_seconds)
    return response


def unavailable(request: HttpRequest, *, retry_after_seconds: int) -> HttpResponse:
    """503: too much work at once; the same request will pass in a moment."""
    response = _page(request, 503)
    response.headers["Retry-After"] = str(retry_after_seconds)
    return response


def _outage(request: HttpRequest, outage: Outage) -> HttpResponse:
    template, status = "errors/outage.html", 503
    context = {"title": "Service indisponible", "frame": _BARE, "happened": WORDS[outage]}
    response = render(request, template, context, status=status)
    response.headers["Retry-After"] = str(_RETRY_AFTER_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    keep_out_of_the_log(response)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500 with a reference that stands in the log, so that a person can quote it (T-L2).

    503 for what passes by itself (`ent.outages`): what is away, and what to do meanwhile.
    """
    reference = secrets.token_hex(4).upper()
    outage = outage_of(sys.exception())
    if outage is not None:
        _log.error("unavailable (%s), reference %s", outage.value, reference)
        tell_operators(outage)
        return _outage(request, outage)
    _log.error("server error, reference %s", reference)
    try:
        return _page(request, 500, reference=reference)
    except Exception:
        _log.exception("the page of error %s failed, too", reference)
        return HttpResponse(_LAST_RESORT.format(reference=reference), status=500)
