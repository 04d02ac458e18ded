"""Addresses that no page can read.

PostgreSQL keeps no NUL in a text: a query whose parameter holds one fails. No address of ours ever
does, so the request is refused once, before any view, instead of in each of them (T-L2).
"""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse


class RefuseNulMiddleware:
    """Answer 400 to an address that holds a NUL; what is posted goes through forms."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the path and at the query, which is still encoded."""
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("the address holds a NUL")
        return self.get_response(request)
