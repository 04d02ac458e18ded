"""Addresses that no page can read.

PostgreSQL keeps no NUL in a text: a query whose parameter holds one fails. No address of ours ever
does, so the request is refused once, before any view, instead of in each of them (T-L2). A view
that answers programs in their own words says that it takes any query, and looks itself.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

_View = TypeVar("_View", bound=Callable[..., HttpResponse])


def takes_any_query(view: _View) -> _View:
    """Let queries with a NUL reach *view*, which must give none of it to the database."""
    view.takes_any_query = True  # type: ignore[attr-defined]
    return view


class RefuseNulMiddleware:
    """Answer 400 to an address that holds a NUL; what is posted goes through forms."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the path: no address of ours holds a NUL, whether it exists or not."""
        if "\x00" in request.path_info:
            raise BadRequest("the path holds a NUL")
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        """Look at the query, which is still encoded."""
        is_looked_at = not getattr(view, "takes_any_query", False)
        if is_looked_at and "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("the query holds a NUL")
