"""« Annuaire > Administration > Guichets »: doors as data, tried before anybody needs them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import journal
from accounts.door_forms import AcademicDoorForm, LocalDoorForm, authorities_for, kind_of_form
from accounts.doors.cas import service_address
from accounts.doors.trying import Finding, try_door
from accounts.enums import DoorKind
from accounts.models import Door
from accounts.models.doors import DoorQuerySet
from accounts.services.confirmation import require_recent_authentication
from accounts.services.door_settings import save_door
from directory.actors import Actor, require
from directory.acts import Act, Scope
from ent.audit.origin import Origin

LOCAL = "local"


def doors_of(actor: Actor) -> DoorQuerySet:
    """Return the doors that the actor sets: all, or those of their authority."""
    doors = Door.objects.select_related("authority", "cas", "health")
    if actor.has_whole_portal(Act.PORTAL_SETTINGS):
        return doors
    return doors.filter(authority__in=_authority_ids(actor))


def _authority_ids(actor: Actor) -> set[int]:
    reaches = actor.reaches(Act.PORTAL_SETTINGS)
    return {r.authority_id for r in reaches if r.scope is Scope.AUTHORITY and r.authority_id}


@require_safe
def doors(request: HttpRequest) -> HttpResponse:
    """List the doors: whom they serve, where they lead, how they are."""
    actor = require(request, Act.PORTAL_SETTINGS)
    context = {"doors": doors_of(actor), "ADMIN": Act.PORTAL_SETTINGS}
    return render(request, "accounts/doors.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_recent_authentication  # whoever says where a door leads says who everybody is
def add(request: HttpRequest) -> HttpResponse:
    """Add an academic door, or a local one."""
    actor = require(request, Act.PORTAL_SETTINGS)
    kind = DoorKind.LOCAL if request.GET.get("nature") == LOCAL else DoorKind.CAS
    return _edit(request, actor, None, kind)


@require_http_methods(["GET", "HEAD", "POST"])
@require_recent_authentication
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a door, open or close it."""
    actor = require(request, Act.PORTAL_SETTINGS)
    door = get_object_or_404(doors_of(actor), code=code)
    return _edit(request, actor, door, DoorKind(door.kind))


@require_POST
def test(request: HttpRequest, code: str) -> HttpResponse:
    """« Tester »: contact the server now, within its deadline, and explain."""
    actor = require(request, Act.PORTAL_SETTINGS)
    door = get_object_or_404(doors_of(actor).filter(cas__isnull=False), code=code)
    findings, fault = try_door(door)
    journal.door_tested(door, fault=fault, actor=actor.uuid, origin=Origin.of(request))
    form = _form(actor, door, DoorKind(door.kind), None)
    return _page(request, form, door, findings)


def _edit(request: HttpRequest, actor: Actor, door: Door | None, kind: DoorKind) -> HttpResponse:
    form = _form(actor, door, kind, request)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form, door, [])
    server = form.server_values() if isinstance(form, AcademicDoorForm) else {}
    saved = save_door(
        door=form.instance,
        kind=kind,
        server=server,
        changed=form.changed_data,
        actor=actor.uuid,
        origin=Origin.of(request),
    )
    if server:
        messages.success(request, "C’est enregistré. Testez maintenant la liaison.")
        return redirect("accounts:door-edit", code=saved.code)
    messages.success(request, f"Le guichet «\u00a0{saved.label}\u00a0» est enregistré.")
    return redirect("accounts:doors")


def _form(
    actor: Actor, door: Door | None, kind: DoorKind, request: HttpRequest | None
) -> LocalDoorForm:
    whole = actor.has_whole_portal(Act.PORTAL_SETTINGS)
    posted = request.POST if request is not None and request.method == "POST" else None
    return kind_of_form(kind)(
        posted,
        instance=door,
        authorities=authorities_for(whole, _authority_ids(actor)),
        is_whole_portal=whole,
    )


def _page(
    request: HttpRequest, form: LocalDoorForm, door: Door | None, findings: list[Finding]
) -> HttpResponse:
    is_academic = isinstance(form, AcademicDoorForm)
    context = {
        "form": form,
        "door": door,
        "is_academic": is_academic,
        "can_be_tested": door is not None and hasattr(door, "cas"),
        "service": service_address(door) if door is not None and is_academic else "",
        "findings": findings,
        "is_well": all(finding.is_well for finding in findings),
    }
    return render(request, "accounts/door_form.html", context)
