"""Pages wait for the database for a few seconds only."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from ent.database.patience import patience


class PatienceMiddleware:
    """Bounds each answer of the database while a page is made (`DATABASE_PAGE_SECONDS`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Make the page within that patience."""
        with patience(settings.DATABASE_PAGE_SECONDS):
            return self.get_response(request)
