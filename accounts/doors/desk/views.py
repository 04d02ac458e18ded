"""« Annuaire > Administration > Guichets »: doors as data, tried before anybody needs them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.doors.base import journal
from accounts.doors.base.forms import DoorForm
from accounts.doors.base.models import Door
from accounts.doors.base.protocol import TrialResult
from accounts.doors.base.registry import find_protocol, protocol_of_kind
from accounts.doors.base.scope import authorities_of, doors_of
from accounts.doors.desk.services import save_door
from accounts.enums import DoorKind
from directory.rights.actors import Actor, require
from directory.rights.acts import Act
from ent.audit.origin import Origin
from ent.web.acts import asks_for_recent_proof

_ADDED = {"local": DoorKind.LOCAL, "ldap": DoorKind.LDAP}


@require_safe
def doors(request: HttpRequest) -> HttpResponse:
    """List the doors: whom they serve, where they lead, how they are."""
    actor = require(request, Act.PORTAL_SETTINGS)
    context = {"doors": doors_of(actor), "ADMIN": Act.PORTAL_SETTINGS}
    return render(request, "accounts/doors.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@asks_for_recent_proof  # whoever says where a door leads says who everybody is
def add(request: HttpRequest) -> HttpResponse:
    """Add an academic door, a local one, or a university's."""
    actor = require(request, Act.PORTAL_SETTINGS)
    kind = _ADDED.get(request.GET.get("nature", ""), DoorKind.CAS)
    return _edit(request, actor, None, kind)


@require_http_methods(["GET", "HEAD", "POST"])
@asks_for_recent_proof
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a door, open or close it."""
    actor = require(request, Act.PORTAL_SETTINGS)
    door = _door(actor, code)
    return _edit(request, actor, door, door.kind)


@require_POST
def test(request: HttpRequest, code: str) -> HttpResponse:
    """« Tester »: contact the server now, within its deadline, and explain."""
    actor = require(request, Act.PORTAL_SETTINGS)
    door = _door(actor, code)
    if not _can_be_tried(door):
        raise Http404
    results, fault = door.protocol.try_out(door)
    journal.door_tested(door, fault=fault, actor=actor.uuid, origin=Origin.of(request))
    form = _form(actor, door, door.kind, None)
    return _page(request, form, door, door.kind, results)


def _door(actor: Actor, code: str) -> Door:
    """Return the door of this code when the actor sets it and its kind works."""
    door = get_object_or_404(doors_of(actor), code=code)
    if find_protocol(door.kind) is None:
        raise Http404
    return door


def _can_be_tried(door: Door) -> bool:
    return door.has_server and door.protocol.can_be_tried


def _edit(request: HttpRequest, actor: Actor, door: Door | None, kind: str) -> HttpResponse:
    form = _form(actor, door, kind, request)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form, door, kind, [])
    saved = save_door(form=form, kind=kind, actor=actor.uuid, origin=Origin.of(request))
    if _can_be_tried(saved):
        messages.success(request, "C’est enregistré. Testez maintenant la liaison.")
        return redirect("accounts:door-edit", code=saved.code)
    messages.success(request, f"Le guichet «\u00a0{saved.label}\u00a0» est enregistré.")
    return redirect("accounts:doors")


def _form(actor: Actor, door: Door | None, kind: str, request: HttpRequest | None) -> DoorForm:
    posted = request.POST if request is not None and request.method == "POST" else None
    return protocol_of_kind(kind).form(
        posted,
        instance=door,
        authorities=authorities_of(actor),
        is_whole_portal=actor.has_whole_portal(Act.PORTAL_SETTINGS),
    )


def _page(
    request: HttpRequest,
    form: DoorForm,
    door: Door | None,
    kind: str,
    results: list[TrialResult],
) -> HttpResponse:
    protocol = protocol_of_kind(kind)
    context = {
        "form": form,
        "door": door,
        "is_ldap": kind == DoorKind.LDAP,
        "is_elsewhere": protocol.is_elsewhere,
        "can_be_tested": door is not None and _can_be_tried(door),
        "address_to_declare": protocol.address_to_declare(door) if door is not None else "",
        "results": results,
        "is_well": all(result.is_well for result in results),
    }
    return render(request, "accounts/door_form.html", context)
