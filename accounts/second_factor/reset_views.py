"""Resetting the second factor of somebody who lost the device."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.account.models import Account
from accounts.account.perms import can_reset_second_factor
from accounts.second_factor import services as second_factor
from directory.rights.actors import actor_of
from directory.rights.walls import readable_persons
from ent.audit.origin import Origin
from ent.web.acts import asks_for_recent_proof


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@asks_for_recent_proof
def reset_page(request: HttpRequest, person: UUID) -> HttpResponse:
    """Say what will happen, then do it: no application, no session, the password stays."""
    actor = actor_of(request)
    readable = readable_persons(actor)
    account = get_object_or_404(
        Account.objects.select_related("person"), person__in=readable.filter(uuid=person)
    )
    if not can_reset_second_factor(actor, account):
        raise Http404
    sheet_href = reverse("directory:person", args=[person])
    if request.method != "POST":
        context = {"person": account.person, "sheet_href": sheet_href}
        return render(request, "accounts/second_factor_reset.html", context)
    was_there = second_factor.reset(account=account, actor=actor.uuid, origin=Origin.of(request))
    messages.success(
        request,
        "Le second facteur est réinitialisé\u00a0: la personne en installera un autre à sa "
        "prochaine connexion."
        if was_there
        else "Cette personne n’avait pas de second facteur. Ses connexions sont fermées.",
    )
    return HttpResponseRedirect(sheet_href, status=303)
