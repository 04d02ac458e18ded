"""« Accès utilisateur »: who holds which role, giving and withdrawing (R-D8)."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from directory.enums import Profile, Role
from directory.models.persons import Person, PersonQuerySet
from directory.models.roles import RoleGrantQuerySet
from directory.rights.actors import Actor, require
from directory.rights.acts import Act
from directory.rights.perms import can_withdraw_role
from directory.rights.walls import visible_grants, visible_persons
from directory.roles.forms import OVER, RoleFilterForm, RoleForm
from directory.roles.services import give_role, withdraw_role
from directory.search.listing import build_rows
from ent.audit.origin import Origin
from ent.pages.french import of_name
from ent.pages.pagination import paginate
from ent.web.acts import asks_for_recent_proof


@require_GET
def summary(request: HttpRequest) -> HttpResponse:
    """« Récapitulatif des droits d’accès »."""
    actor = require(request, Act.GIVE_ROLES)
    form = RoleFilterForm(request.GET)
    grants = visible_grants(actor).select_related(
        "person", "school", "group__school", "authority", "granted_by", "withdrawn_by"
    )
    page = paginate(_filtered(grants, form).order_by("-granted_at", "-pk"), request.GET.get("page"))
    rows = [{"grant": grant, "verdict": can_withdraw_role(actor, grant)} for grant in page]
    context = {
        "form": form,
        "page": page,
        "rows": rows,
        "today": timezone.localdate(),
        "is_filtered": any(request.GET.get(name) for name in ("q", "role", "etat")),
    }
    return render(request, "directory/roles.html", context)


def _filtered(grants: RoleGrantQuerySet, form: RoleFilterForm) -> RoleGrantQuerySet:
    if not form.is_valid():
        return grants.none()
    asked = form.cleaned_data
    if asked["q"]:
        grants = grants.filter(person__in=Person.objects.all().matching(asked["q"]))
    if asked["role"]:
        grants = grants.filter(role=asked["role"])
    if not asked["etat"]:
        return grants.in_force()
    if asked["etat"] == OVER:
        over = Q(withdrawn_at__isnull=False) | Q(expires_on__lt=timezone.localdate())
        return grants.filter(over)
    return grants


def _possible_holders(actor: Actor) -> PersonQuerySet:
    """Whom a role may be given to: adults within the actor's reach, still there, not oneself."""
    return (
        visible_persons(actor, Act.GIVE_ROLES)
        .exclude(profile__in=[Profile.PUPIL, Profile.CONTACT])
        .exclude(pk=actor.person_id)
        .filter(left_at__isnull=True)
    )


@require_GET
def add(request: HttpRequest) -> HttpResponse:
    """« Ajouter des accès », first step: find the person."""
    actor = require(request, Act.GIVE_ROLES)
    typed = request.GET.get("q", "")
    page = None
    if typed.strip():
        found = _possible_holders(actor).matching(typed).in_name_order()
        page = paginate(found, request.GET.get("page"))
    rows = build_rows(actor, list(page)) if page is not None else []
    context = {"typed": typed[:200], "page": page, "rows": rows}
    return render(request, "directory/role_add.html", context)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def give(request: HttpRequest, person: uuid.UUID) -> HttpResponse:
    """« Ajouter des accès », second step: which role, where, until when."""
    actor = require(request, Act.GIVE_ROLES)
    holder = get_object_or_404(_possible_holders(actor).select_related("main_school"), uuid=person)
    place = {"uai": holder.main_school.uai} if holder.main_school is not None else {}
    form = RoleForm(request.POST or None, actor=actor, holder=holder, initial=place)
    if request.method == "POST" and form.is_valid():
        try:
            grant = give_role(
                person=holder,
                role=Role(form.cleaned_data["role"]),
                actor=actor,
                origin=Origin.of(request),
                school=None if form.group else form.school,
                group=form.group,
                authority=form.cleaned_data.get("authority"),
                expires_on=form.cleaned_data["expires_on"],
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            end = f", jusqu’au {grant.expires_on:%d/%m/%Y}" if grant.expires_on else ""
            messages.success(
                request,
                f"{holder.full_name} a maintenant l’accès « {grant.get_role_display()} », "
                f"dès cet instant{end}.",
            )
            return redirect("directory:roles")
    [row] = build_rows(actor, [holder])
    return render(request, "directory/role_give.html", {"form": form, "row": row})


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def withdraw(request: HttpRequest, grant: uuid.UUID) -> HttpResponse:
    """Withdraw a role, after a page that says what will happen."""
    actor = require(request, Act.GIVE_ROLES)
    kept = get_object_or_404(
        visible_grants(actor)
        .filter(withdrawn_at__isnull=True)
        .select_related("person", "school", "group__school", "authority"),
        uuid=grant,
    )
    verdict = can_withdraw_role(actor, kept)
    if request.method == "POST" and verdict:
        withdraw_role(grant=kept, actor=actor, origin=Origin.of(request))
        messages.success(
            request,
            f"L’accès « {kept.get_role_display()} » {of_name(kept.person.full_name)} est retiré.",
        )
        return redirect("directory:roles")
    context = {"grant": kept, "verdict": verdict}
    status = 403 if request.method == "POST" else 200
    return render(request, "directory/role_withdraw.html", context, status=status)
