"""« Connaître son identifiant », « Mot de passe oublié », and the page of a mailed link."""

from __future__ import annotations

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from ent.audit.origin import Origin
from ent.web.acts import needs_no_recent_proof
from ent.web.errors import unavailable
from guichet.authority.current import current_guichet
from guichet.lost.services import ask_for_link, ask_for_uid, link_of, use_link
from guichet.passwords.forms import NewPasswordForm
from guichet.passwords.services import OvertakenError
from signin.mailed_links import forget_token, swap_into_cookie, swapped_token
from signin.places import RETRY_AFTER_SECONDS, TooBusyError, sign_in_place

COOKIE = "guichet_lien"


class AddressForm(forms.Form):
    """The address that the academy knows."""

    email = forms.EmailField(
        label="Votre courriel",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": "Indiquez votre courriel."},
    )


class UidForm(forms.Form):
    """An academic identifier."""

    uid = forms.CharField(
        label="Identifiant académique",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
        error_messages={"required": "Indiquez votre identifiant."},
    )


@login_not_required
@needs_no_recent_proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def find_uid(request: HttpRequest) -> HttpResponse:
    """One neutral answer for every address; the mail lists the identifiers."""
    guichet = current_guichet()
    form = AddressForm(request.POST if request.method == "POST" else None)
    is_asked = form.is_bound and form.is_valid()
    if is_asked:
        ask_for_uid(form.cleaned_data["email"], guichet=guichet)
    context = {"form": form, "guichet": guichet, "is_asked": is_asked}
    return render(request, "guichet/find_uid.html", context)


@login_not_required
@needs_no_recent_proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten_password(request: HttpRequest) -> HttpResponse:
    """By the key, by a link to the confirmed personal address, or by the helpdesk."""
    guichet = current_guichet()
    form = UidForm(request.POST if request.method == "POST" else None)
    is_asked = form.is_bound and form.is_valid()
    if is_asked:
        ask_for_link(form.cleaned_data["uid"], guichet=guichet)
    context = {"form": form, "guichet": guichet, "is_asked": is_asked}
    return render(request, "guichet/forgotten_password.html", context)


@login_not_required
@never_cache
@require_safe
def password_link(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed address: its token goes into a cookie, and nothing is read (T-C4, T-C6)."""
    return swap_into_cookie(request, name=COOKIE, token=token, to=reverse("guichet:link_password"))


@login_not_required
@needs_no_recent_proof
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def link_password(request: HttpRequest) -> HttpResponse:
    """The page of a link: a new password, twice."""
    guichet = current_guichet()
    link = link_of(swapped_token(request, name=COOKIE), guichet=guichet)
    if link is None:
        return render(request, "guichet/link_refused.html", {"guichet": guichet}, status=410)
    form = NewPasswordForm(request.POST if request.method == "POST" else None, agent=link.agent)
    try:
        with sign_in_place():
            if form.is_bound and form.is_valid():
                use_link(link, form.cleaned_data["new_password"], origin=Origin.of(request))
                response = render(request, "guichet/link_done.html", {"guichet": guichet})
                forget_token(request, response, name=COOKIE)
                return response
    except TooBusyError:
        return unavailable(request, retry_after_seconds=RETRY_AFTER_SECONDS)
    except OvertakenError:
        return render(request, "guichet/link_refused.html", {"guichet": guichet}, status=410)
    return render(request, "guichet/choose_password.html", {"form": form, "agent": link.agent})
