"""« Identité transmise »: the contract, and what it gives for a chosen person (R-G3)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from directory.search.listing import build_rows
from ent.pages.pagination import paginate
from ent.web.acts import asks_for_recent_proof
from sso.catalogue.access import may_open
from sso.catalogue.locking import ActorAndOrigin
from sso.catalogue.models import Service
from sso.catalogue.perms import can_manage_portal_services, persons_for_services
from sso.desk.contract.forms import AttributeFormSet, ContractForm, sources_for
from sso.desk.managed import managed, page_context, posted
from sso.release.contract_changes import change_contract, is_on_http, preview_for


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def contract(request: HttpRequest, service: uuid.UUID) -> HttpResponse:
    """What the service learns; a change may give names away, so the password is asked first."""
    by, found = managed(request, service)
    if request.method == "POST":
        return _change(request, service)
    return _contract_page(request, found, *_forms(request, found, by))


def _change(request: HttpRequest, service: uuid.UUID) -> HttpResponse:
    by, found = managed(request, service)
    form, attributes = _forms(request, found, by)
    if not (form.is_valid() and attributes.is_valid()):
        return _contract_page(request, found, form, attributes)
    change_contract(service=found, values=form.cleaned_data, attributes=attributes.lines, by=by)
    messages.success(request, "L’identité transmise est à jour. Vérifiez-la avec l’aperçu.")
    return redirect("services:contract", found.uuid)


def _forms(request: HttpRequest, service: Service, by: ActorAndOrigin) -> tuple[ContractForm, Any]:
    initial = list(service.attributes.values("name", "source", "format"))
    data = posted(request)
    is_whole_portal = can_manage_portal_services(by.actor)
    sources = sources_for(service, is_whole_portal=is_whole_portal)
    return (
        ContractForm(data, instance=service, sources=sources),
        AttributeFormSet(
            data, initial=initial, prefix="attribut", form_kwargs={"sources": sources}
        ),
    )


def _contract_page(
    request: HttpRequest, service: Service, form: ContractForm, attributes: Any
) -> HttpResponse:
    context = page_context(
        request, service, form=form, attributes=attributes, is_on_http=is_on_http(service)
    )
    return render(request, "sso/desk/contract.html", context)


@require_GET
def preview(request: HttpRequest, service: uuid.UUID) -> HttpResponse:
    """« Aperçu », first step: for whom?"""
    by, found = managed(request, service)
    typed = request.GET.get("q", "")[:200]
    page = None
    if typed.strip():
        persons = persons_for_services(by.actor).matching(typed).in_name_order()
        page = paginate(persons, request.GET.get("page"))
    rows = build_rows(by.actor, list(page)) if page is not None else []
    context = page_context(request, found, typed=typed, page=page, rows=rows)
    return render(request, "sso/desk/preview.html", context)


@require_GET
def preview_person(request: HttpRequest, service: uuid.UUID, person: uuid.UUID) -> HttpResponse:
    """« Aperçu »: the very answer that a validation would give for this person."""
    by, found = managed(request, service)
    chosen = get_object_or_404(
        persons_for_services(by.actor).select_related("main_school"), uuid=person
    )
    released, stays_behind = preview_for(service=found, person=chosen, by=by)
    context = page_context(
        request,
        found,
        person=chosen,
        released=released,
        stays_behind=stays_behind,
        decision=may_open(chosen, found),
    )
    return render(request, "sso/desk/preview_person.html", context)
