"""`/cas/logout`: the sign-on ends, services are told by the worker, nobody waits (R-B9)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.doors import session_door
from accounts.doors.again import ask_again
from accounts.models import Door
from accounts.reachable import reachable_during_steps
from accounts.services.sign_out import close_session
from accounts.views.sign_out import signed_out
from ent.audit.origin import Origin
from sso.registry import find_service
from sso.returning import send_back


@reachable_during_steps
@login_not_required
@never_cache
@require_GET
def logout(request: HttpRequest) -> HttpResponse:
    """End the session; then back to a registered service, or our own page. `url` is ignored.

    Whoever came in through an academy proves again next time, as after our own button (R-B9):
    the academy's session may outlive this one.
    """
    door = session_door(request)
    close_session(request=request, origin=Origin.of(request))
    response = _after(request, door)
    if door is not None:
        ask_again(response)
    return response


def _after(request: HttpRequest, door: Door | None) -> HttpResponse:
    found = find_service(request.GET.get("service", ""))
    if found is not None:
        return send_back(request, found[1])
    if door is not None:
        return HttpResponseRedirect(reverse("accounts:signing_out_there", args=[door.code]))
    return signed_out(request)
