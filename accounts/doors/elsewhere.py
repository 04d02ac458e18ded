"""The page of a door whose people are known by another server."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from accounts.doors.base.models import Door
from accounts.doors.returns import pages
from accounts.doors.returns.leaving import show_button
from accounts.doors.secret_form.views import check_typed_secret, show_secret_form
from accounts.sign_in.query import SignInQuery
from signin.enums import Method
from signin.sessions.methods import DEMAND


def answer_door_elsewhere(
    request: HttpRequest, door: Door, sign_in_query: SignInQuery
) -> HttpResponse:
    """Evaluate a secret that was posted to the page that shows the form, else show the door."""
    if request.method == "POST" and door.protocol.asks_for_secret:
        return check_typed_secret(request, door, sign_in_query)
    return show_door_elsewhere(request, door, sign_in_query)


def show_door_elsewhere(
    request: HttpRequest, door: Door, sign_in_query: SignInQuery
) -> HttpResponse:
    """Show the button that leads there, or the form when the secret is typed here."""
    if request.GET.get(DEMAND, "") == Method.KEY and not door.key_method:
        return pages.no_key(request, door, sign_in_query)
    if door.protocol.asks_for_secret:
        return show_secret_form(request, door, sign_in_query)
    return show_button(request, door, sign_in_query)
