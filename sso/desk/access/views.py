"""« Accès population » and « Accès utilisateur »."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from directory.models import Person
from directory.search.listing import build_rows
from ent.pages.pagination import paginate
from ent.text.numbers import read_number
from ent.web.acts import asks_for_recent_proof
from sso.catalogue.audiences import (
    add_population,
    grant_access,
    remove_population,
    withdraw_access,
)
from sso.catalogue.models import ServiceGrant
from sso.catalogue.perms import persons_for_services
from sso.desk.access.forms import (
    ALL,
    OVER,
    GrantFilterForm,
    GrantForm,
    PopulationForm,
)
from sso.desk.managed import managed, page_context, posted


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def population(request: HttpRequest, service: uuid.UUID) -> HttpResponse:
    """« Accès population »: who it is open to, and one more."""
    by, found = managed(request, service)
    form = PopulationForm(posted(request), service=found, actor=by.actor)
    if request.method == "POST" and form.is_valid():
        added = add_population(
            service=found,
            profiles=form.cleaned_data["profils"],
            school=form.school,
            groups=form.groups,
            by=by,
        )
        if added:
            messages.success(request, "Accès ouvert à cette population, dès maintenant.")
        else:
            messages.info(request, "Cette population avait déjà accès\u00a0: rien n’a changé.")
        return redirect("services:population", found.uuid)
    rows = found.audiences.select_related("school", "group__school")
    return render(
        request, "sso/desk/population.html", page_context(request, found, form=form, rows=rows)
    )


@require_POST
def remove(request: HttpRequest, service: uuid.UUID) -> HttpResponse:
    """Close the service to one population; adding it again is all it takes to come back."""
    by, found = managed(request, service)
    number = read_number(request.POST.get("population", ""))
    audience = get_object_or_404(found.audiences, pk=number)
    remove_population(service=found, audience=audience, by=by)
    messages.success(request, "Accès retiré à cette population.")
    return redirect("services:population", found.uuid)


@require_GET
def users(request: HttpRequest, service: uuid.UUID) -> HttpResponse:
    """« Accès utilisateur »: « Récapitulatif des droits d’accès »."""
    _, found = managed(request, service)
    form = GrantFilterForm(request.GET)
    grants = _filtered(ServiceGrant.objects.filter(service=found), form)
    grants = grants.select_related("person__main_school", "granted_by")
    page = paginate(grants.order_by("-granted_at", "-pk"), request.GET.get("page"))
    context = page_context(
        request,
        found,
        form=form,
        page=page,
        today=timezone.localdate(),
        is_filtered=any(request.GET.get(name) for name in ("q", "etat")),
    )
    return render(request, "sso/desk/users.html", context)


def _filtered(grants: QuerySet[ServiceGrant], form: GrantFilterForm) -> QuerySet[ServiceGrant]:
    if not form.is_valid():
        return grants.none()
    asked, today = form.cleaned_data, timezone.localdate()
    if asked["q"]:
        grants = grants.filter(person__in=Person.objects.all().matching(asked["q"]))
    if asked["etat"] == ALL:
        return grants
    over = Q(withdrawn_at__isnull=False) | Q(expires_on__lt=today)
    return grants.filter(over) if asked["etat"] == OVER else grants.exclude(over)


@require_GET
def add(request: HttpRequest, service: uuid.UUID) -> HttpResponse:
    """« Ajouter des accès », first step: find the person."""
    by, found = managed(request, service)
    typed = request.GET.get("q", "")[:200]
    page = None
    if typed.strip():
        persons = persons_for_services(by.actor).matching(typed).in_name_order()
        page = paginate(persons, request.GET.get("page"))
    rows = build_rows(by.actor, list(page)) if page is not None else []
    context = page_context(request, found, typed=typed, page=page, rows=rows)
    return render(request, "sso/desk/user_add.html", context)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def give(request: HttpRequest, service: uuid.UUID, person: uuid.UUID) -> HttpResponse:
    """« Ajouter des accès », second step: until when."""
    by, found = managed(request, service)
    chosen = get_object_or_404(
        persons_for_services(by.actor).select_related("main_school"), uuid=person
    )
    form = GrantForm(posted(request))
    if request.method == "POST" and form.is_valid():
        end = form.cleaned_data["expires_on"]
        try:
            grant_access(service=found, person=chosen, expires_on=end, by=by)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            until = f", jusqu’au {end:%d/%m/%Y}" if end else ""
            messages.success(
                request, f"{chosen.full_name} a accès à «\u00a0{found.name}\u00a0»{until}."
            )
            return redirect("services:users", found.uuid)
    [row] = build_rows(by.actor, [chosen])
    return render(
        request, "sso/desk/user_give.html", page_context(request, found, form=form, row=row)
    )


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def withdraw(request: HttpRequest, service: uuid.UUID, grant: uuid.UUID) -> HttpResponse:
    """Withdraw an access, after a page that says what will happen."""
    by, found = managed(request, service)
    kept = get_object_or_404(
        ServiceGrant.objects.filter(service=found, withdrawn_at__isnull=True).select_related(
            "person", "service"
        ),
        uuid=grant,
    )
    if request.method == "POST":
        withdraw_access(grant=kept, by=by)
        messages.success(request, f"{kept.person.full_name} n’a plus cet accès en son nom.")
        return redirect("services:users", found.uuid)
    return render(request, "sso/desk/user_withdraw.html", page_context(request, found, grant=kept))
