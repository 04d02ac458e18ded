"""`/cas/logout`: the sign-on ends, services are told by the worker, nobody waits (R-B9)."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from signin.reachable import reachable_during_steps
from sso.catalogue.registry import find_service
from sso.protocol.parameters import read_parameters
from sso.protocol.returning import send_back
from sso.realms import sso_policy


@reachable_during_steps
@login_not_required
@never_cache
@csrf_exempt  # the protocol's sign-out is a GET that any page may make
@require_http_methods(["GET", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    """End the session; then back to a registered service, or a page of ours. `url` is ignored."""
    query, _ = read_parameters(request)
    service = query.get("service", "")
    if _came_without_cookies(request):
        address = f"{reverse('sso:logout')}?{urlencode({'service': service})}"
        return HttpResponseRedirect(address, status=303)
    found = find_service(service)
    back = send_back(request, found[1]) if found is not None else None
    return sso_policy().sign_out(request, back)


def _came_without_cookies(request: HttpRequest) -> bool:
    """Was it posted without a session? Browsers keep our cookies from another site's form.

    `SameSite=Lax`, and not every browser says where a form comes from; the GET that follows brings
    the cookies and does what was asked.
    """
    return request.method == "POST" and settings.SESSION_COOKIE_NAME not in request.COOKIES
