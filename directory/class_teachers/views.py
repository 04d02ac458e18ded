"""« Enseignants des classes »: the page on which a head says who teaches whom."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from directory.class_teachers.forms import AttachForm
from directory.class_teachers.services import attach_teacher, attached, detach_teacher
from directory.enums import GroupKind, MembershipRole
from directory.models.groups import Group, Membership
from directory.models.schools import School
from directory.rights.actors import Actor, require
from directory.rights.acts import Act
from directory.rights.walls import visible_schools
from directory.schools.lookup import school_or_404
from ent.audit.origin import Origin
from ent.web.acts import asks_for_recent_proof


def _school(request: HttpRequest, uai: str) -> tuple[Actor, School]:
    actor = require(request, Act.GIVE_ROLES)
    return actor, school_or_404(visible_schools(actor, Act.GIVE_ROLES), uai)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def attach(request: HttpRequest, uai: str) -> HttpResponse:
    """Show the classes with their teachers; attach one to several."""
    actor, school = _school(request, uai)
    form = AttachForm(request.POST or None, school=school)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = attach_teacher(
                person=said["enseignant"],
                groups=said["classes"],
                school=school,
                ends_on=said["jusqu_au"],
                actor=actor,
                origin=Origin.of(request),
            )
        except ValidationError as refusal:
            form.add_error("jusqu_au", refusal)
        else:
            messages.success(request, _done(str(said["enseignant"].full_name), made))
            return redirect("directory:class-teachers", school.uai)
    context = {"school": school, "form": form, "rows": _rows(school)}
    return render(request, "directory/class_teachers.html", context)


@require_POST
@asks_for_recent_proof
def detach(request: HttpRequest, uai: str) -> HttpResponse:
    """Take a teacher out of a class to which they were attached by hand."""
    actor, school = _school(request, uai)
    try:
        found = get_object_or_404(
            attached().select_related("person", "group"),
            person__uuid=request.POST.get("enseignant", ""),
            group__uuid=request.POST.get("classe", ""),
            group__school=school,
        )
    except ValidationError:  # no UUID
        return redirect("directory:class-teachers", school.uai)
    detach_teacher(
        person=found.person,
        group=found.group,
        school=school,
        actor=actor,
        origin=Origin.of(request),
    )
    messages.success(request, f"{found.person.full_name} n’est plus de {found.group.code}.")
    return redirect("directory:class-teachers", school.uai)


def _done(name: str, made: int) -> str:
    if not made:
        return f"{name} était déjà de ces classes\u00a0: la date est à jour."
    return f"{name} est maintenant de {made} classe{'s' if made > 1 else ''} de plus."


def _rows(school: School) -> list[dict[str, Any]]:
    groups = Group.objects.filter(school=school, kind=GroupKind.CLASS, is_present=True)
    teachers: dict[int, list[Membership]] = {}
    found = Membership.objects.filter(group__in=groups, person__left_at__isnull=True)
    found = found.exclude(role=MembershipRole.PUPIL).select_related("person")
    for membership in found.order_by("person__sort_key", "pk"):
        teachers.setdefault(membership.group_id, []).append(membership)
    return [
        {"group": group, "teachers": teachers.get(group.pk, [])}
        for group in groups.order_by("sort_key", "code", "pk")
    ]
