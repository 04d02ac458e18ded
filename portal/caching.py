"""Public pages from memory: rendered once, then a dictionary lookup and an ETag.

Nothing of a person is in these pages, so one body serves everybody. A change shows within
``KEPT_SECONDS`` on every process, without any message between them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

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
    response = HttpResponse(body, content_type=content_type)
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = f"public, max-age={BROWSER_SECONDS}"
    conditional = get_conditional_response(request, etag=tag, response=response)
    return conditional if isinstance(conditional, HttpResponse) else response
