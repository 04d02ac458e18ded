"""Schools: their list and the page of one, for those in charge."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from directory.groups.counts import classes_of, has_classes_without_teachers
from directory.rights.actors import require
from directory.rights.acts import Act
from directory.rights.walls import visible_persons, visible_schools
from directory.schools.counts import count_by_profile_and_state, counts_of_schools
from directory.schools.lookup import school_or_404
from ent.pages.pagination import paginate


@require_GET
def schools(request: HttpRequest) -> HttpResponse:
    """List the schools of the actor's reach, with their figures."""
    actor = require(request, Act.LIFE_CYCLE)
    typed = request.GET.get("q", "").strip()[:200]
    found = visible_schools(actor, Act.LIFE_CYCLE).active()
    found = found.matching(typed) if typed else found.in_name_order()
    page = paginate(found.select_related("authority"), request.GET.get("page"))
    context = {"page": page, "typed": typed, "rows": counts_of_schools(list(page))}
    return render(request, "directory/schools.html", context)


@require_GET
def school(request: HttpRequest, uai: str) -> HttpResponse:
    """Show one school: who is there by profile and state, and its classes."""
    actor = require(request, Act.SEARCH)
    shown = school_or_404(visible_schools(actor).select_related("authority"), uai)
    persons = visible_persons(actor).in_schools([shown])
    context = {
        "school": shown,
        "counts": count_by_profile_and_state(persons),
        "classes": classes_of(shown),
        "can_list_schools": actor.may(Act.LIFE_CYCLE),
        "can_attach_teachers": has_classes_without_teachers(shown)
        and visible_schools(actor, Act.GIVE_ROLES).filter(pk=shown.pk).exists(),
    }
    return render(request, "directory/school.html", context)
