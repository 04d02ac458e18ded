"""« Annuaire > Administration > Rattachements »: which academic subject is whose account (R-B5)."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.account.perms import can_unbind
from accounts.doors.base.scope import doors_of
from accounts.doors.bindings.forms import BindingFilterForm, ResolveForm
from accounts.doors.bindings.models import DoorBinding, RefusedBinding
from accounts.doors.bindings.services import (
    CannotBindError,
    close_refusal,
    settle,
    unbind,
)
from directory.models import Person
from directory.rights.actors import Actor, require
from directory.rights.acts import Act
from ent.audit.origin import Origin
from ent.pages.pagination import paginate
from ent.web.acts import asks_for_recent_proof

_MOST_REFUSALS = 50


@require_safe
def bindings(request: HttpRequest) -> HttpResponse:
    """Claims that wait for a human, then the bindings themselves, searched."""
    actor = require(request, Act.PORTAL_SETTINGS)
    form = BindingFilterForm(request.GET)
    typed = form.cleaned_data["q"].strip() if form.is_valid() else ""
    page = paginate(_bindings(actor, typed), request.GET.get("page"))
    context = {
        "form": form,
        "typed": typed,
        "refusals": _refusals(actor, typed)[:_MOST_REFUSALS],
        "page": page,
        "rows": list(page),
    }
    return render(request, "accounts/bindings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@asks_for_recent_proof
def remove(request: HttpRequest, binding: uuid.UUID) -> HttpResponse:
    """« Détacher », after saying what follows; who may not learns it before any proof is asked."""
    actor = require(request, Act.PORTAL_SETTINGS)
    found = get_object_or_404(_bindings(actor, ""), uuid=binding)
    verdict = can_unbind(actor, found.account)
    if not verdict:
        context = {"binding": found, "refusal": verdict.reason}
        return render(request, "accounts/binding_remove.html", context, status=403)
    return _remove(request, found, actor)


def _remove(request: HttpRequest, found: DoorBinding, actor: Actor) -> HttpResponse:
    if request.method != "POST":
        context = {"binding": found, "refusal": ""}
        return render(request, "accounts/binding_remove.html", context)
    name = found.account.person.full_name
    unbind(binding=found, actor=actor.uuid, origin=Origin.of(request))
    messages.success(
        request,
        f"{name} est détaché de son identifiant académique\u00a0: ses sessions sont fermées, et "
        "sa prochaine connexion refera le rapprochement.",
    )
    return redirect("accounts:bindings")


@require_http_methods(["GET", "HEAD", "POST"])
@asks_for_recent_proof
def resolve(request: HttpRequest, refused: uuid.UUID) -> HttpResponse:
    """Say whose account it is, when one knows it from the person themselves."""
    actor = require(request, Act.PORTAL_SETTINGS)
    found = get_object_or_404(_refusals(actor, ""), uuid=refused)
    form = ResolveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        login, origin = form.cleaned_data["login"], Origin.of(request)
        try:
            account = settle(refused=found, login=login, actor=actor, origin=origin)
        except CannotBindError as error:
            form.add_error("login", str(error))
        else:
            name = account.person.full_name
            messages.success(request, f"{name} est rattaché\u00a0: sa connexion va fonctionner.")
            return redirect("accounts:bindings")
    return render(request, "accounts/binding_resolve.html", {"refused": found, "form": form})


@require_POST
def dismiss(request: HttpRequest, refused: uuid.UUID) -> HttpResponse:
    """« Classer »: nothing to do about it."""
    actor = require(request, Act.PORTAL_SETTINGS)
    found = get_object_or_404(_refusals(actor, ""), uuid=refused)
    close_refusal(refused=found, actor=actor.uuid, origin=Origin.of(request))
    messages.success(request, f"La demande {found.reference} est classée.")
    return redirect("accounts:bindings")


def _bindings(actor: Actor, typed: str) -> QuerySet[DoorBinding]:
    found = (
        DoorBinding.objects.filter(door__in=doors_of(actor).order_by())
        .select_related("door__authority", "account__person__main_school")
        .order_by("-bound_at", "-pk")
    )
    if not typed:
        return found
    named = Person.objects.all().matching(typed)
    return found.filter(
        Q(subject__icontains=typed)
        | Q(account__login=typed.lower())
        | Q(account__person__in=named)
        | Q(matched__iexact=typed)
    )


def _refusals(actor: Actor, typed: str) -> QuerySet[RefusedBinding]:
    found = (
        RefusedBinding.objects.filter(door__in=doors_of(actor).order_by())
        .select_related("door__authority")
        .order_by("-last_at", "-pk")
    )
    if not typed:
        return found
    return found.filter(
        Q(reference__iexact=typed) | Q(subject__icontains=typed) | Q(attribute__icontains=typed)
    )
