"""The sheet of one person."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from directory.journal.events import events_about
from directory.models.persons import Person
from directory.rights.actors import Actor, actor_of
from directory.rights.acts import Act, Scope
from directory.rights.perms import can_hold_roles, can_search, giveable_roles
from directory.rights.walls import readable_persons
from directory.search.listing import PersonRow
from directory.sheets.contents import build_sheet
from directory.sheets.opening_limit import TooManySheetsError, count_sheet
from directory.sheets.registry import panels_for, sheet_acts_for
from ent.audit.origin import Origin


@require_GET
def sheet(request: HttpRequest, person: uuid.UUID) -> HttpResponse:
    """Show a person within the actor's scope; anybody else's sheet does not exist."""
    actor = actor_of(request)
    shown = get_object_or_404(readable_persons(actor).select_related("main_school"), uuid=person)
    if shown.pk != actor.person_id:
        try:
            count_sheet(actor=actor, origin=Origin.of(request))
        except TooManySheetsError as wait:
            context = {"seconds": wait.seconds}
            page = render(request, "directory/too_fast.html", context, status=429)
            page.headers["Retry-After"] = str(wait.seconds)
            return page
    return render(request, "directory/person.html", _sheet_context(request, actor, shown))


def _sheet_context(request: HttpRequest, actor: Actor, person: Person) -> dict[str, Any]:
    content = build_sheet(actor, person)
    line = PersonRow(person=person)
    acts = sheet_acts_for(request, person)
    return {
        "sheet": content,
        "state_label": line.state_label,
        "state_tone": line.state_tone,
        "panels": panels_for(request, person),
        "acts": [act for act in acts if act.href],
        "impossible_acts": [act for act in acts if not act.href],
        "events": events_about(actor, person),
        "can_search": can_search(actor),
        "can_open_schools": any(
            reach.scope is not Scope.CLASSES for reach in actor.reaches(Act.SEARCH)
        ),
        "can_give_roles": bool(giveable_roles(actor, person)) and can_hold_roles(actor, person),
    }
