"""The list, registering, « Informations générales », closing, deleting."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from ent.database.ordering import folded
from ent.pages.pagination import paginate
from ent.pages.tiles import all_tiles
from ent.text.folding import fold
from ent.web.acts import asks_for_recent_proof
from sso.catalogue.models import Service, ServiceAudience, ServiceGrant
from sso.catalogue.perms import can_manage_portal_services, services_managed_by
from sso.catalogue.presets import PRESETS, Preset
from sso.catalogue.registration import (
    change_service,
    delete_service,
    register_service,
    set_open,
)
from sso.desk.managed import (
    by_of,
    managed,
    page_context,
    posted,
    words_of,
)
from sso.desk.registration.forms import (
    CLOSED,
    OPEN,
    PORTAL,
    DeleteForm,
    GeneralForm,
    RegisterForm,
    ServiceFilterForm,
)
from sso.release.models import ServiceIdentifier


@require_GET
def services(request: HttpRequest) -> HttpResponse:
    """List the services that the actor manages, then the ENT's own, to be read."""
    actor = by_of(request).actor
    has_portal = can_manage_portal_services(actor)
    form = ServiceFilterForm(request.GET, has_portal=has_portal)
    found = _counted(_filtered(services_managed_by(actor), form))
    page = paginate(found.order_by("position", folded("name"), "pk"), request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "today": timezone.localdate(),
        "is_filtered": any(request.GET.get(name) for name in ("q", "de", "etat")),
        "own": all_tiles(),
    }
    return render(request, "sso/desk/services.html", context)


def _filtered(services: QuerySet[Service], form: ServiceFilterForm) -> QuerySet[Service]:
    if not form.is_valid():
        return services.none()
    asked = form.cleaned_data
    if asked["q"]:
        services = services.filter(pk__in=_named(services, asked["q"]))
    if asked.get("de"):
        services = services.filter(school__isnull=asked["de"] == PORTAL)
    if asked["etat"] in {OPEN, CLOSED}:
        services = services.filter(is_open=asked["etat"] == OPEN)
    return services


def _named(services: QuerySet[Service], typed: str) -> list[int]:
    """Whose name or school holds every word, accents aside: a portal has some hundred services."""
    words = fold(typed).split()
    known = services.values_list("pk", "name", "school__name")
    return [
        pk
        for pk, name, school in known
        if all(word in fold(f"{name} {school or ''}") for word in words)
    ]


def _counted(services: QuerySet[Service]) -> QuerySet[Service]:
    """Add how many populations and named users each has: two subqueries, whatever the rows."""

    def count_of(rows: QuerySet[Any]) -> Coalesce:
        counted = rows.filter(service=OuterRef("pk")).order_by().values("service")
        return Coalesce(Subquery(counted.annotate(n=Count("pk")).values("n")), 0)

    return services.annotate(
        populations=count_of(ServiceAudience.objects.all()),
        users=count_of(ServiceGrant.objects.in_force()),
    )


@require_GET
def choose_preset(request: HttpRequest) -> HttpResponse:
    """« Ajouter un service », first step: which kind."""
    by_of(request)
    return render(request, "sso/desk/presets.html", {"presets": PRESETS.values()})


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def register(request: HttpRequest, preset: str) -> HttpResponse:
    """« Ajouter un service », second step: tickets, and perhaps names, will go where it says."""
    by_of(request)
    chosen = PRESETS.get(preset)
    if chosen is None:
        raise Http404
    return _register(request, chosen)


def _register(request: HttpRequest, chosen: Preset) -> HttpResponse:
    """Its name, its owner, its address. Asked from the page on, so that nothing typed is lost."""
    by = by_of(request)
    form = RegisterForm(posted(request), actor=by.actor, preset=chosen)
    if request.method == "POST" and form.is_valid() and form.address is not None:
        try:
            made = register_service(
                preset=chosen,
                school=form.school,
                values=form.values,
                address=form.address,
                with_usual_attributes=form.cleaned_data.get("usual", False),
                by=by,
            )
        except ValidationError as error:
            form.add_error("host", words_of(error))
        else:
            messages.success(
                request,
                f"«\u00a0{made.name}\u00a0» est enregistré, ouvert à personne encore\u00a0: "
                "dites qui peut y entrer.",
            )
            return redirect("services:population", made.uuid)
    return render(request, "sso/desk/register.html", {"form": form, "preset": chosen})


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def general(request: HttpRequest, service: uuid.UUID) -> HttpResponse:
    """« Informations générales »."""
    by, found = managed(request, service)
    is_whole_portal = can_manage_portal_services(by.actor)
    form = GeneralForm(posted(request), instance=found, is_whole_portal=is_whole_portal)
    if request.method == "POST" and form.is_valid():
        return _save(request, service, form)
    context = page_context(request, found, form=form, today=timezone.localdate())
    return render(request, "sso/desk/general.html", context)


def _save(request: HttpRequest, service: uuid.UUID, form: GeneralForm) -> HttpResponse:
    """Among the settings are the proof that a service requires and its right to act for people."""
    by, found = managed(request, service)
    try:
        saved = change_service(service=found, values=form.cleaned_data, by=by)
    except ValidationError as error:  # what the form relied on has changed meanwhile
        form.add_error(None, words_of(error))
        context = page_context(request, found, form=form, today=timezone.localdate())
        return render(request, "sso/desk/general.html", context)
    messages.success(request, f"«\u00a0{saved.name}\u00a0» est à jour.")
    return redirect("services:service", saved.uuid)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def opening(request: HttpRequest, service: uuid.UUID) -> HttpResponse:
    """Close a service, or open it again, after a page that says what happens."""
    by, found = managed(request, service)
    if request.POST.get("etat") in {OPEN, CLOSED}:
        saved = set_open(service=found, is_open=request.POST.get("etat") == OPEN, by=by)
        state = "ouvert" if saved.is_open else "fermé\u00a0: plus personne n’y entre"
        messages.success(request, f"«\u00a0{saved.name}\u00a0» est {state}.")
        return redirect("services:service", saved.uuid)
    return render(request, "sso/desk/opening.html", page_context(request, found))


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def delete(request: HttpRequest, service: uuid.UUID) -> HttpResponse:
    """Delete for good."""
    managed(request, service)
    return _delete(request, service)


def _delete(request: HttpRequest, service: uuid.UUID) -> HttpResponse:
    by, found = managed(request, service)
    form = DeleteForm(posted(request), service=found)
    if request.method == "POST" and form.is_valid():
        try:
            delete_service(service=found, by=by)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"«\u00a0{found.name}\u00a0» est supprimé.")
            return redirect("services:services")
    known = ServiceIdentifier.objects.filter(service=found, is_current=True).count()
    context = page_context(request, found, form=form, known=known)
    return render(request, "sso/desk/delete.html", context)
