"""A stronger proof is asked: where it can be given, or why it cannot (R-C6)."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.destinations import connected_page, safe_path
from accounts.doors import session_door
from accounts.enums import Method
from accounts.strength import DEMAND, has_strength


@never_cache
@require_safe
def demand(request: HttpRequest) -> HttpResponse:
    """Lead on when the method was proved already, otherwise say what is missing."""
    wanted = request.GET.get(DEMAND, "")
    if wanted not in Method.values:
        raise Http404
    required = Method(wanted)
    next_path = safe_path(request.GET.get("next", "")) or connected_page()
    if has_strength(request, required):
        return HttpResponseRedirect(next_path, status=303)
    door = session_door(request)
    if door is not None and required == Method.KEY:
        query = urlencode({DEMAND: required.value, "next": next_path})
        address = f"{reverse('accounts:door', args=[door.code])}?{query}"
        return HttpResponseRedirect(address, status=303)
    context = {"required": required, "home_href": connected_page()}
    return render(request, "accounts/strength_missing.html", context, status=403)
