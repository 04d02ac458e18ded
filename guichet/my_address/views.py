"""« Mon adresse personnelle »: what it is for, another one, and the page of the mailed link."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ent.audit.origin import Origin
from ent.web.acts import asks_for_recent_proof, needs_no_recent_proof
from guichet.agents.current import agent_of
from guichet.my_address import services
from guichet.my_address.forms import AddressForm


@asks_for_recent_proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_address(request: HttpRequest) -> HttpResponse:
    """The address that serves, the one that waits for its link, and a field for another."""
    agent = agent_of(request)
    if request.method == "POST" and "retirer" in request.POST:
        services.remove_address(agent, origin=Origin.of(request))
        messages.success(request, "Votre adresse personnelle est retirée.")
        return HttpResponseRedirect(request.path, status=303)
    form = AddressForm(request.POST if request.method == "POST" else None, agent=agent)
    if form.is_bound and form.is_valid():
        services.ask_for_check(agent, form.cleaned_data["address"])
        messages.success(
            request, "Un courriel vient de partir à cette adresse\u00a0: ouvrez son lien."
        )
        return HttpResponseRedirect(request.path, status=303)
    return render(request, "guichet/my_address.html", {"form": form, "agent": agent})


@needs_no_recent_proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed link, opened by whoever asked: one button; reading a mail changes nothing."""
    agent = agent_of(request)
    if request.method == "POST" and services.confirm_address(
        token, agent, origin=Origin.of(request)
    ):
        messages.success(request, "Votre adresse personnelle est confirmée.")
        return HttpResponseRedirect(reverse("guichet:my_address"), status=303)
    address = services.address_of(token, agent)
    context = {"address": address}
    return render(request, "guichet/confirm_address.html", context, status=200 if address else 410)
