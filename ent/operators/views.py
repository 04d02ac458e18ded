"""The second lock of the operators' desk."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ent.operators.site import is_operator


@never_cache
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """Lead whoever is verified in, and tell an operator who is not what to do.

    The admin's own sign-in form counts no tries, so operators come in by a door like everybody;
    the forced steps of a sign-in ask them for their second factor.
    """
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("admin:index"), settings.LOGIN_URL)
    if not is_operator(request):
        raise PermissionDenied("not an operator")
    if admin.site.has_permission(request):
        return HttpResponseRedirect(reverse("admin:index"))
    return render(request, "operators/second_factor.html")
