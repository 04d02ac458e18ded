"""`/cas/logout`: the sign-on ends, services are told by the worker, nobody waits (R-B9)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

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
    """End the session; then back to a registered service, or our own page. `url` is ignored."""
    close_session(request=request, origin=Origin.of(request))
    found = find_service(request.GET.get("service", ""))
    if found is not None:
        return send_back(request, found[1])
    return signed_out(request)
