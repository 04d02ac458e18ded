"""Schools and classes: counts and lists for those in charge."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from directory.actors import require
from directory.acts import Act
from directory.enums import GroupKind, MembershipRole
from directory.listing import build_rows
from directory.models import Group, Person, School
from directory.pages import page_of
from directory.statistics import classes_of, count_by_profile_and_state, counts_of_schools


@require_GET
def schools(request: HttpRequest) -> HttpResponse:
    """List the schools of the actor's reach, with their figures."""
    actor = require(request, Act.LIFE_CYCLE)
    typed = request.GET.get("q", "").strip()[:200]
    found = School.objects.visible_to(actor, act=Act.LIFE_CYCLE).active()
    found = found.matching(typed) if typed else found.order_by("name", "uai")
    page = page_of(found.select_related("authority"), request.GET.get("page"))
    context = {"page": page, "typed": typed, "rows": counts_of_schools(list(page))}
    return render(request, "directory/schools.html", context)


@require_GET
def school(request: HttpRequest, uai: str) -> HttpResponse:
    """Show one school: who is there by profile and state, and its classes."""
    actor = require(request, Act.SEARCH)
    shown = get_object_or_404(
        School.objects.visible_to(actor).select_related("authority"), uai=uai.upper()
    )
    persons = Person.objects.visible_to(actor).in_schools([shown])
    context = {
        "school": shown,
        "counts": count_by_profile_and_state(persons),
        "classes": classes_of(shown),
        "can_list_schools": actor.may(Act.LIFE_CYCLE),
    }
    return render(request, "directory/school.html", context)


@require_GET
def group(request: HttpRequest, group: uuid.UUID) -> HttpResponse:
    """Show a class or group: its teachers and its pupils."""
    actor = require(request, Act.SEARCH)
    shown = get_object_or_404(Group.objects.visible_to(actor).select_related("school"), uuid=group)
    members = Person.objects.visible_to(actor).filter(memberships__group=shown).distinct()
    pupils = members.filter(memberships__role=MembershipRole.PUPIL).in_name_order()
    page = page_of(pupils, request.GET.get("page"))
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
        "can_see_school": School.objects.visible_to(actor).filter(pk=shown.school_id).exists(),
    }
    return render(request, "directory/group.html", context)
