"""A stronger proof is asked: where it can be given, or why it cannot (R-C6)."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.account.models import Account
from accounts.account.perms import may_install_second_factor
from accounts.doors.kinds import session_door
from accounts.second_factor import services as second_factor
from accounts.second_factor.verification import PROVE_KEY
from accounts.steps import services as steps
from ent.web.acts import needs_no_recent_proof
from signin.destinations import DESTINATION_KEY, connected_page, safe_path
from signin.enums import Method
from signin.form_ends import may_end_anywhere
from signin.sessions.methods import DEMAND, has_strength


@needs_no_recent_proof
@never_cache
@may_end_anywhere
@require_http_methods(["GET", "HEAD", "POST"])
def demand(request: HttpRequest) -> HttpResponse:
    """Redirect when the method was proved already, otherwise say what is missing."""
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
    if required == Method.TOTP:
        return _ask_for_code(request, next_path)
    context = {"required": required, "home_href": connected_page()}
    return render(request, "accounts/strength_missing.html", context, status=403)


def _ask_for_code(request: HttpRequest, next_path: str) -> HttpResponse:
    """Say why a code is asked, then lead to its page: installed already, or to be installed.

    A session may be older than its account's application, which no step of the sign-in asked for.
    """
    is_installed = second_factor.has_authenticator(cast("Account", request.user))
    if not (is_installed or may_install_second_factor(request)):
        missing = {"required": Method.TOTP, "home_href": connected_page()}
        return render(request, "accounts/strength_missing.html", missing, status=403)
    if request.method != "POST":
        context = {"is_installed": is_installed, "home_href": connected_page()}
        return render(request, "accounts/code_demanded.html", context)
    request.session[DESTINATION_KEY] = next_path
    if is_installed:
        request.session[PROVE_KEY] = True
    step = steps.PROVE_SECOND_FACTOR if is_installed else steps.ENROL_SECOND_FACTOR
    return HttpResponseRedirect(reverse(step), status=303)
