"""Public pages from memory: rendered once, then a dictionary lookup and an ETag.

Nothing of a person is in these pages, so one body serves everybody. A change shows within
``KEPT_SECONDS`` on every process, without any message between them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

KEPT_SECONDS = 30
BROWSER_SECONDS = 60


def cached_answer(
    request: HttpRequest, *, key: str, render: Callable[[], HttpResponse]
) -> HttpResponse:
    """Answer from the cache, or render and keep; 304 when the browser has this very page.

    The browser is told to ask again after a minute, and then costs a few hundred bytes.
    """
    known = cache.get(key)
    if known is None:
        fresh = render()
        tag = f'"{hashlib.sha256(fresh.content).hexdigest()[:24]}"'
        known = (tag, fresh.content, fresh.headers["Content-Type"])
        cache.set(key, known, KEPT_SECONDS)
    tag, body, content_type = known
    # The weak comparison of RFC 9110, 13.1.2, on the one tag that this page has.
    asked = request.META.get("HTTP_IF_NONE_MATCH", "")
    response: HttpResponse
    if asked and tag in asked:
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(body, content_type=content_type)
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = f"public, max-age={BROWSER_SECONDS}"
    return response
