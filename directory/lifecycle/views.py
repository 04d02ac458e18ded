"""« Comptes en départ »: who left, and when they will be erased."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from directory.lifecycle.dates import KEPT_MONTHS
from directory.lifecycle.leavers import describe_leavers, due_this_week, visible_leavers
from directory.rights.actors import require
from directory.rights.acts import Act
from directory.rights.walls import visible_schools
from ent.pages.pagination import paginate

#: Beyond this many schools a list to choose from is too long; one searches by name.
_MOST_SCHOOLS: Final = 50


@require_GET
def leavers(request: HttpRequest) -> HttpResponse:
    """List the leavers of the actor's reach, who left first at the top."""
    actor = require(request, Act.LIFE_CYCLE)
    schools = visible_schools(actor, Act.LIFE_CYCLE).active().in_name_order()
    chosen = schools.filter(uai=request.GET.get("etablissement", "")[:8]).first()
    is_this_week = request.GET.get("quand") == "semaine"
    typed = request.GET.get("q", "").strip()[:200]
    found = visible_leavers(actor)
    if chosen is not None:
        found = found.in_schools([chosen])
    if is_this_week:
        found = found.filter(due_this_week(timezone.localdate()))
    if typed:
        found = found.matching(typed)
    found = found.select_related("main_school").order_by("left_at", "pk")
    page = paginate(found, request.GET.get("page"))
    context = {
        "page": page,
        "rows": describe_leavers(list(page)),
        "typed": typed,
        "schools": list(schools[:_MOST_SCHOOLS]) if schools.count() <= _MOST_SCHOOLS else [],
        "chosen": chosen,
        "is_this_week": is_this_week,
        "months": KEPT_MONTHS,
    }
    return render(request, "directory/leavers.html", context)
