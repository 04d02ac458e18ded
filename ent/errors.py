"""Error pages: what happened and what to do next, in French, never a traceback."""

import logging
import secrets
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

from ent.files.uploads import most_bytes
from ent.pages.french import size_words

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
# Shown when even the template of the error page fails.
_LAST_RESORT = (
    '<!doctype html><html lang="fr"><meta charset="utf-8"><title>Erreur du service</title>'
    "<h1>Erreur du service</h1><p>Recommencez dans un instant. Si l’erreur revient, donnez à "
    "l’assistance la référence {reference}.</p>"
)


def _page(request: HttpRequest, status: int, **context: str) -> HttpResponse:
    context["title"] = _TITLES[status]
    return render(request, f"errors/{status}.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request cannot be understood; 413: nobody even began to read it, it is too large."""
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


def server_error(request: HttpRequest) -> HttpResponse:
    """500 with a reference that stands in the log, so that a person can quote it (T-L2)."""
    reference = secrets.token_hex(4).upper()
    _log.error("server error, reference %s", reference)
    try:
        return _page(request, 500, reference=reference)
    except Exception:
        _log.exception("the page of error %s failed, too", reference)
        return HttpResponse(_LAST_RESORT.format(reference=reference), status=500)
