"""« Activation des comptes »: who has come in, by school, class and profile, and over time."""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from credentials.dashboard.overview import Overview, SchoolRow, overview_of, school_rows
from credentials.dashboard.school import SchoolActivation, activation_of
from credentials.dashboard.tables import (
    Table,
    table_of_classes,
    table_of_evolution,
    table_of_profiles,
    table_of_schools,
)
from credentials.enums import Pace
from credentials.forms.selection import PROFILE_PLURALS
from credentials.perms import schools_with_slips_of
from credentials.selection import LOCAL_PROFILES
from directory.actors import Actor, require
from directory.acts import Act
from directory.enums import Profile
from directory.exports import CSV, table_response
from directory.pages import page_of

_PROFILES: Final = [(profile, PROFILE_PLURALS[profile]) for profile in LOCAL_PROFILES]


def _profile(request: HttpRequest) -> Profile | None:
    asked = request.GET.get("profil", "")
    return Profile(asked) if asked in LOCAL_PROFILES else None


def _pace(request: HttpRequest) -> Pace:
    return Pace.DAY if request.GET.get("par") == Pace.DAY else Pace.WEEK


def _typed(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[:200]


def _listed(request: HttpRequest, actor: Actor) -> tuple[Overview, list[SchoolRow]]:
    found = overview_of(actor, profile=_profile(request), pace=_pace(request))
    sort = request.GET.get("tri", "nom")
    return found, school_rows(actor, found, typed=_typed(request), sort=sort)


@require_GET
def schools(request: HttpRequest) -> HttpResponse:
    """Show the schools of the actor's reach; who has one only sees that one."""
    actor = require(request, Act.SLIPS)
    few = list(schools_with_slips_of(actor).order_by("pk")[:2])
    if len(few) == 1:
        return redirect("credentials:activation-school", uai=few[0].uai)
    found, rows = _listed(request, actor)
    page = page_of(rows, request.GET.get("page"))
    context = {
        "overview": found,
        "page": page,
        "rows": list(page),
        "typed": _typed(request),
        "profile": _profile(request),
        "profiles": _PROFILES,
        "query": _kept(request, "q", "profil", "tri", "par"),
        "paces": _paces(request),
    }
    return render(request, "credentials/activation.html", context)


@require_GET
def school(request: HttpRequest, uai: str) -> HttpResponse:
    """Show one school by profile, by class and over time."""
    found = _activation(request, uai)
    actor = require(request, Act.SLIPS)
    context = {
        "found": found,
        "has_others": len(schools_with_slips_of(actor).order_by("pk")[:2]) > 1,
        "query": _kept(request, "tri", "par"),
        "paces": _paces(request),
    }
    return render(request, "credentials/activation_school.html", context)


@require_GET
def download(request: HttpRequest, table: str) -> HttpResponse:
    """Give what the list of schools shows, all its pages, as a file."""
    found, rows = _listed(request, require(request, Act.SLIPS))
    match table:
        case "etablissements":
            return _file(table_of_schools(rows))
        case "evolution":
            return _file(table_of_evolution(found.evolution, of_what="etablissements"))
        case _:
            raise Http404("no such table")


@require_GET
def download_school(request: HttpRequest, uai: str, table: str) -> HttpResponse:
    """Give one of the tables of a school as a file."""
    found = _activation(request, uai)
    match table:
        case "classes":
            return _file(table_of_classes(found.classes, uai=found.school.uai))
        case "profils":
            return _file(table_of_profiles(found.profiles, uai=found.school.uai))
        case "evolution":
            return _file(table_of_evolution(found.evolution, of_what=found.school.uai))
        case _:
            raise Http404("no such table")


def _activation(request: HttpRequest, uai: str) -> SchoolActivation:
    actor = require(request, Act.SLIPS)
    shown = get_object_or_404(schools_with_slips_of(actor), uai=uai.upper())
    sort = request.GET.get("tri", "nom")
    return activation_of(shown, actor=actor, pace=_pace(request), sort=sort)


def _file(table: Table) -> HttpResponse:
    return table_response(table.rows, header=table.header, name=table.name, file_format=CSV)


def _kept(request: HttpRequest, *names: str) -> str:
    """The part of the address that a file or another pace keeps."""
    query = request.GET.copy()
    for name in [name for name in query if name not in names]:
        del query[name]
    return query.urlencode()


def _paces(request: HttpRequest) -> list[dict[str, Any]]:
    """Links between the two paces of the evolution, the rest of the address kept."""
    links = []
    for pace in Pace:
        query = request.GET.copy()
        query["par"] = pace.value
        links.append(
            {
                "label": pace.label,
                "href": f"?{query.urlencode()}#evolution",
                "is_current": pace == _pace(request),
            }
        )
    return links
