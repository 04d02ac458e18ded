"""Error pages: what happened and what to do next, in French, never a traceback."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

_log = logging.getLogger(__name__)


def _page(
    request: HttpRequest, name: str, status: int, context: dict[str, str] | None = None
) -> HttpResponse:
    return render(request, f"errors/{name}.html", context or {}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request cannot be understood."""
    return _page(request, "400", 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: the person is known and may not do this."""
    return _page(request, "403", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: it does not exist, or not for this person; both look the same."""
    return _page(request, "404", 404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token is missing or of another session; nothing was done."""
    return _page(request, "403_csrf", 403)


def too_many_requests(request: HttpRequest, *, retry_after_seconds: int) -> HttpResponse:
    """429: the visitor has to wait."""
    response = _page(request, "429", 429)
    response.headers["Retry-After"] = str(retry_after_seconds)
    return response


def unavailable(request: HttpRequest, *, retry_after_seconds: int) -> HttpResponse:
    """503: too much work at once; the same request will pass in a moment."""
    response = _page(request, "503", 503)
    response.headers["Retry-After"] = str(retry_after_seconds)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500 with a reference that stands in the log, so that a person can quote it (T-L2)."""
    reference = secrets.token_hex(4).upper()
    _log.error("server error, reference %s", reference)
    return _page(request, "500", 500, {"reference": reference})
