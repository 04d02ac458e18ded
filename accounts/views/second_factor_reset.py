"""Resetting the second factor of somebody who lost the device."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import Account
from accounts.perms import can_reset_second_factor
from accounts.services import second_factor
from accounts.services.confirmation import require_recent_authentication
from directory.actors import actor_of
from directory.models import Person
from ent.audit.origin import Origin


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require_recent_authentication
def reset_page(request: HttpRequest, person: UUID) -> HttpResponse:
    """Say what will happen, then do it: no application, no session, the password stays."""
    actor = actor_of(request)
    readable = Person.objects.readable_by(actor)
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
