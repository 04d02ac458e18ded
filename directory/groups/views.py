"""Classes and groups: their list, and the page of one."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from directory.enums import AccessState, GroupKind, MembershipRole
from directory.groups.taught import describe_taught, pupils_of, taught_groups
from directory.models.persons import Person
from directory.rights.actors import actor_of, person_of, require
from directory.rights.acts import Act
from directory.rights.walls import visible_groups, visible_persons, visible_schools
from directory.search.listing import PersonRow, build_rows
from ent.pages.pagination import paginate


@require_GET
def groups(request: HttpRequest) -> HttpResponse:
    """« Parcourir »: the classes and groups that a search may be limited to."""
    actor = require(request, Act.SEARCH)
    found = (
        visible_groups(actor)
        .filter(is_present=True)
        .select_related("school")
        .order_by("school__search_key", "school_id", "kind", "sort_key", "code", "pk")
    )
    typed = request.GET.get("q", "").strip()[:100]
    if typed:
        found = found.matching(typed)
    kept = request.GET.copy()
    for name in ("q", "page", "groupe"):
        kept.pop(name, None)
    page = paginate(found, request.GET.get("page"))
    context = {"page": page, "typed": typed, "kept": kept, "kept_query": kept.urlencode()}
    return render(request, "directory/groups.html", context)


@require_GET
def group(request: HttpRequest, group: uuid.UUID) -> HttpResponse:
    """Show a class or group: its teachers and its pupils."""
    actor = require(request, Act.SEARCH)
    shown = get_object_or_404(visible_groups(actor).select_related("school"), uuid=group)
    members = visible_persons(actor).filter(memberships__group=shown).distinct()
    pupils = members.filter(memberships__role=MembershipRole.PUPIL).in_name_order()
    page = paginate(pupils, request.GET.get("page"))
    teachers = (
        Person.objects.filter(memberships__group=shown)
        .exclude(memberships__role=MembershipRole.PUPIL)
        .distinct()
        .in_name_order()
    )
    context = {
        "group": shown,
        "is_class": shown.kind == GroupKind.CLASS,
        "page": page,
        "rows": build_rows(actor, list(page)),
        "teachers": list(teachers),
        "can_see_school": visible_schools(actor).filter(pk=shown.school_id).exists(),
    }
    return render(request, "directory/group.html", context)


@require_GET
def my_classes(request: HttpRequest) -> HttpResponse:
    """« Mes classes »: those that the feed says one teaches."""
    shown = describe_taught(person_of(request))
    return render(request, "directory/my_classes.html", {"taught": shown})


@require_GET
def my_class(request: HttpRequest, group: uuid.UUID) -> HttpResponse:
    """Show the pupils of a class that one teaches, and whether they have come in."""
    taught = taught_groups(person_of(request)).select_related("school")
    shown = get_object_or_404(taught, uuid=group)
    pupils = list(pupils_of(shown))
    context = {
        "group": shown,
        "rows": [PersonRow(person=pupil) for pupil in pupils],
        "active_count": sum(pupil.access_state == AccessState.ACTIVE for pupil in pupils),
        "can_manage": visible_groups(actor_of(request)).filter(pk=shown.pk).exists(),
    }
    return render(request, "directory/my_class.html", context)
