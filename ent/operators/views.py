"""The second lock of the operators' desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_otp import devices_for_user, login, match_token

from ent.operators.site import is_operator


class CodeForm(forms.Form):
    """One code of the operator's device."""

    code = forms.CharField(
        label="Code de votre appareil",
        max_length=16,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


@never_cache
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask an operator for a code; explain when no device is registered.

    The admin's own sign-in form counts no tries, so operators come in by a door like everybody
    and only then prove their second factor here.
    """
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("admin:index"), settings.LOGIN_URL)
    if not is_operator(request):
        raise PermissionDenied("not an operator")
    if admin.site.has_permission(request):
        return HttpResponseRedirect(reverse("admin:index"))
    user: Any = request.user
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        device = match_token(user, form.cleaned_data["code"].strip())
        if device is not None:
            login(request, device)
            return HttpResponseRedirect(reverse("admin:index"))
        form.add_error("code", "Ce code n’est pas, ou n’est plus, le bon.")
    has_device = next(devices_for_user(user), None) is not None
    context = {"form": form, "has_device": has_device}
    return render(request, "operators/second_factor.html", context)
