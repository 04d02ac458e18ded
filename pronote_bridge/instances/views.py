"""« Pronote »: instances listed, made, changed, shared between schools, withdrawn."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from directory.models import School
from directory.rights.actors import require
from directory.rights.acts import Act
from ent.audit.origin import Origin
from ent.database.ordering import folded
from ent.pages.pagination import paginate
from ent.web.acts import asks_for_recent_proof
from pronote_bridge.instances.forms import AddForm, SchoolsForm, SettingsForm, TakeoverForm
from pronote_bridge.instances.models import Instance, schools_by_instance
from pronote_bridge.instances.perms import manageable_instances, schools_of, visible_instances
from pronote_bridge.instances.services import (
    change_instance,
    change_schools,
    create_instance,
    withdraw_instance,
)
from pronote_bridge.instances.takeover import Candidate, candidates_for, known_otherwise
from pronote_bridge.vendor.perms import can_keep_vendor
from sso.catalogue.locking import ActorAndOrigin
from sso.models import Service

#: How many of those who will have another identifier a page names; it counts them all.
MOST_NAMED = 200


def by_of(request: HttpRequest) -> ActorAndOrigin:
    """Who acts; 403 when no role administers Pronote anywhere."""
    return ActorAndOrigin(actor=require(request, Act.PRONOTE), origin=Origin.of(request))


def managed(request: HttpRequest, instance: uuid.UUID) -> tuple[ActorAndOrigin, Instance]:
    """The actor and an instance whose every school is theirs; any other is a 404."""
    by = by_of(request)
    return by, get_object_or_404(manageable_instances(by.actor), uuid=instance)


def posted(request: HttpRequest) -> QueryDict | None:
    """The fields of a POST, even none at all; None for a form that is only shown."""
    return request.POST if request.method == "POST" else None


@require_GET
def instances(request: HttpRequest) -> HttpResponse:
    """List the instances that serve a school of the actor."""
    actor = require(request, Act.PRONOTE)
    page = paginate(
        visible_instances(actor).order_by(folded("name"), "pk"), request.GET.get("page")
    )
    manageable = set(manageable_instances(actor).values_list("pk", flat=True))
    served = schools_by_instance(page.object_list)
    rows = [(one, served[one.pk], one.pk in manageable) for one in page.object_list]
    context = {"page": page, "rows": rows, "keeps_vendor": can_keep_vendor(actor)}
    return render(request, "pronote_bridge/instances.html", context)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def add(request: HttpRequest) -> HttpResponse:
    """Make an instance with its service; ask which identifiers go on when there is a choice."""
    by = by_of(request)
    form = AddForm(posted(request), schools=schools_of(by.actor))
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        candidates = candidates_for(form.chosen, instance=None)
        has_choice = candidates or known_otherwise(form.chosen, into=None).exists()
        choice = _choice(request, candidates, has_new=True) if has_choice else None
        if choice is None or choice.is_valid():
            takes_over = choice.chosen if choice is not None else None
            if made := _create(form, takes_over, by):
                messages.success(request, f"L’instance «\u00a0{made.name}\u00a0» est prête.")
                return redirect("pronote:instance", made.uuid)
        services = [one.service for one in candidates]
        context |= _choice_context(choice, form.chosen, [*services, None])
    return render(request, "pronote_bridge/instance_add.html", context)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def change(request: HttpRequest, instance: uuid.UUID) -> HttpResponse:
    """Change the settings; service and identifiers stay."""
    by, found = managed(request, instance)
    form = SettingsForm(posted(request), instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            change_instance(instance=found, settings=form.settings, by=by)
        except ValidationError as error:
            form.add_error(None, words_of(error))
        else:
            messages.success(request, "L’instance est à jour. Les identifiants n’ont pas changé.")
            return redirect("pronote:instance", found.uuid)
    return render(request, "pronote_bridge/instance_change.html", {"form": form, "instance": found})


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def schools(request: HttpRequest, instance: uuid.UUID) -> HttpResponse:
    """Let schools join or leave; whoever will have another identifier is named before."""
    by, found = managed(request, instance)
    form = SchoolsForm(posted(request), schools=schools_of(by.actor))
    form.initial.setdefault(
        "etablissements",
        form.initial_of([one for one in found.schools if one.is_active], is_typed=form.is_typed),
    )
    context: dict[str, Any] = {"form": form, "instance": found}
    if request.method == "POST" and form.is_valid():
        candidates = candidates_for(form.chosen, instance=found)
        choice = _choice(request, candidates, has_new=False)
        chosen = choice.chosen if choice.is_valid() else None
        if chosen is not None and _share(form, found, chosen, by):
            messages.success(request, "Les établissements de l’instance sont à jour.")
            return redirect("pronote:instance", found.uuid)
        context |= _choice_context(choice, form.chosen, [one.service for one in candidates])
    return render(request, "pronote_bridge/instance_schools.html", context)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def withdraw(request: HttpRequest, instance: uuid.UUID) -> HttpResponse:
    """Close an instance after a page that says what stays."""
    by, found = managed(request, instance)
    if request.method == "POST":
        withdraw_instance(instance=found, by=by)
        messages.success(
            request,
            f"L’instance «\u00a0{found.name}\u00a0» est retirée\u00a0: plus personne n’entre dans"
            " Pronote par l’ENT. Les identifiants attendent.",
        )
        return redirect("pronote:instances")
    return render(request, "pronote_bridge/instance_withdraw.html", {"instance": found})


def words_of(error: ValidationError) -> str:
    """Return the sentences of an error, for a message above a form."""
    return " ".join(error.messages)


def _create(form: AddForm, takes_over: Service | None, by: ActorAndOrigin) -> Instance | None:
    try:
        return create_instance(
            settings=form.settings, schools=form.chosen, takes_over=takes_over, by=by
        )
    except ValidationError as error:
        form.add_error(None, words_of(error))
        return None


def _share(form: SchoolsForm, found: Instance, takes_over: Service, by: ActorAndOrigin) -> bool:
    try:
        change_schools(instance=found, schools=form.chosen, takes_over=takes_over, by=by)
    except PermissionDenied:
        form.add_error(
            None,
            "Un de ces établissements partage un Pronote avec un autre que vous n’administrez pas"
            "\u00a0: demandez à un administrateur ENT.",
        )
    except ValidationError as error:
        form.add_error(None, words_of(error))
    else:
        return True
    return False


def _choice(
    request: HttpRequest, candidates: Sequence[Candidate], *, has_new: bool
) -> TakeoverForm:
    """The choice of a service; not asked yet, it is shown without an error."""
    data = request.POST if "service" in request.POST else None
    return TakeoverForm(data, candidates=candidates, has_new=has_new)


def _choice_context(
    choice: TakeoverForm | None, schools: Sequence[School], services: Sequence[Service | None]
) -> dict[str, Any]:
    """The choice, and for each answer (None: a new service) who would have another identifier."""
    changes = []
    for service in services:
        people = known_otherwise(schools, into=service).order_by("sort_key", "pk")
        if count := people.count():
            changes.append((service, count, people[:MOST_NAMED]))
    return {"choice": choice, "changes": changes}
