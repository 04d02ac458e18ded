"""Pages whose form may end somewhere else than on a page of ours.

A browser checks `form-action` along all the redirects that follow a posted form: under « 'self' »
the right password would be followed by nothing at all, and so it would under the service's own
origin as soon as the service goes on to another one, to an address in figures of IPv6 or to an
application of a telephone (decision 0042). So the pages of signing in say nothing about it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse

_P = ParamSpec("_P")
View = Callable[Concatenate[HttpRequest, _P], HttpResponse]


def may_end_anywhere(view: View[_P]) -> View[_P]:
    """Leave `form-action` out of what *view* answers: its form may lead to a service."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response._csp_replace = {"form-action": None}  # type: ignore[attr-defined]  # noqa: SLF001
        return response

    return answer
