"""« Activation des comptes »: who has come in, by school, class and profile, and over time."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from credentials.dashboard.filters import ActivationFilterForm, Filters, SchoolActivationForm
from credentials.dashboard.overview import overview_of, school_rows
from credentials.dashboard.school import SchoolActivation, activation_of
from credentials.dashboard.tables import (
    Table,
    table_of_classes,
    table_of_evolution,
    table_of_profiles,
    table_of_schools,
)
from credentials.enums import Pace
from credentials.perms import schools_with_slips_of
from directory.rights.actors import Actor, require
from directory.rights.acts import Act
from directory.schools.lookup import school_or_404
from ent.pages.pagination import paginate
from ent.tabular.responses import CSV, table_response


@require_GET
def schools(request: HttpRequest) -> HttpResponse:
    """Show the schools of the actor's reach; who has one only sees that one."""
    actor = require(request, Act.SLIPS)
    few = list(schools_with_slips_of(actor).order_by("pk")[:2])
    if len(few) == 1:
        return redirect("credentials:activation-school", uai=few[0].uai)
    form = ActivationFilterForm(request.GET)
    filters = form.filters()
    found = overview_of(actor, filters)
    rows = school_rows(actor, found, filters)
    page = paginate(rows, request.GET.get("page"))
    context = {
        "overview": found,
        "page": page,
        "rows": list(page),
        "form": form,
        "query": form.query(),
        "paces": _paces(request, filters),
    }
    return render(request, "credentials/activation.html", context)


@require_GET
def school(request: HttpRequest, uai: str) -> HttpResponse:
    """Show one school by profile, by class and over time."""
    actor = require(request, Act.SLIPS)
    form = SchoolActivationForm(request.GET)
    filters = form.filters()
    found = _activation(actor, uai, filters)
    context = {
        "found": found,
        "has_others": len(schools_with_slips_of(actor).order_by("pk")[:2]) > 1,
        "query": form.query(),
        "paces": _paces(request, filters),
    }
    return render(request, "credentials/activation_school.html", context)


@require_GET
def download(request: HttpRequest, table: str) -> HttpResponse:
    """Give what the list of schools shows, all its pages, as a file."""
    actor = require(request, Act.SLIPS)
    filters = ActivationFilterForm(request.GET).filters()
    found = overview_of(actor, filters)
    match table:
        case "etablissements":
            return _file(table_of_schools(school_rows(actor, found, filters)))
        case "evolution":
            return _file(table_of_evolution(found.evolution, of_what="etablissements"))
        case _:
            raise Http404("no such table")


@require_GET
def download_school(request: HttpRequest, uai: str, table: str) -> HttpResponse:
    """Give one of the tables of a school as a file."""
    actor = require(request, Act.SLIPS)
    found = _activation(actor, uai, SchoolActivationForm(request.GET).filters())
    match table:
        case "classes":
            return _file(table_of_classes(found.classes, uai=found.school.uai))
        case "profils":
            return _file(table_of_profiles(found.profiles, uai=found.school.uai))
        case "evolution":
            return _file(table_of_evolution(found.evolution, of_what=found.school.uai))
        case _:
            raise Http404("no such table")


def _activation(actor: Actor, uai: str, filters: Filters) -> SchoolActivation:
    shown = school_or_404(schools_with_slips_of(actor), uai)
    return activation_of(shown, actor=actor, pace=filters.pace, sort=filters.sort)


def _file(table: Table) -> HttpResponse:
    return table_response(table.rows, header=table.header, name=table.name, file_format=CSV)


def _paces(request: HttpRequest, filters: Filters) -> list[dict[str, Any]]:
    """Links between the two paces of the evolution, the rest of the address kept."""
    links = []
    for pace in Pace:
        query = request.GET.copy()
        query["par"] = pace.value
        links.append(
            {
                "label": pace.label,
                "href": f"?{query.urlencode()}#evolution",
                "is_current": pace == filters.pace,
            }
        )
    return links
