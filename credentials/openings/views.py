"""« Ouvertures en attente »: files of codes beyond the day's ceiling."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from credentials.openings.services import allow as allow_it
from credentials.openings.services import waiting_openings
from directory.rights.actors import person_of, require
from directory.rights.acts import Act
from ent.audit.origin import Origin
from ent.pages.pagination import paginate
from ent.web.acts import asks_for_recent_proof


@require_GET
@asks_for_recent_proof
def openings(request: HttpRequest) -> HttpResponse:
    """List who waits for more codes than their day's ceiling, within the actor's authorities."""
    actor = require(request, Act.IMPORT)
    page = paginate(waiting_openings(actor), request.GET.get("page"))
    return render(request, "credentials/openings.html", {"page": page, "rows": page.object_list})


@require_POST
def allow(request: HttpRequest, opening: uuid.UUID) -> HttpResponse:
    """Allow one opening for today."""
    actor = require(request, Act.IMPORT)
    found = get_object_or_404(waiting_openings(actor, decided_too=True), uuid=opening)
    done = allow_it(opening=found, actor=person_of(request), origin=Origin.of(request))
    words = "Ouverture permise pour aujourd’hui" if done else "Cette ouverture était déjà permise"
    messages.success(request, f"{words}\u00a0: {found.person.full_name}, {found.name}.")
    return redirect("credentials:openings")
