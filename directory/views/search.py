"""« Rechercher un utilisateur »."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from directory.actors import Actor, require
from directory.acts import Act
from directory.exports import EXPORT_FORMATS, export_persons
from directory.extensions import bulk_acts_for, cards_for
from directory.facets import chosen_facet_links, facet_links, facets_of
from directory.forms.search import Criteria, SearchForm
from directory.listing import build_rows, find_persons, order_persons
from directory.models import Group
from directory.pages import CappedPaginator, page_of
from ent.audit.origin import Origin

ADVANCED = "avancee"


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Simple and advanced search, by GET: what was asked stands in the address."""
    actor = require(request, Act.SEARCH)
    is_advanced = request.GET.get("vue") == ADVANCED
    form = SearchForm(request.GET, actor=actor, is_advanced=is_advanced)
    here = reverse("directory:search")
    context: dict[str, Any] = {
        "form": form,
        "is_advanced": is_advanced,
        "page": None,
        "reset_href": f"{here}?vue={ADVANCED}" if is_advanced else here,
        "desk_href": reverse("directory:administration") if cards_for(request) else "",
        "criteria": None,
    }
    if form.is_valid():
        context |= _results(request, actor, form.criteria())
    return render(request, "directory/search.html", context)


def _results(request: HttpRequest, actor: Actor, criteria: Criteria) -> dict[str, Any]:
    found = find_persons(actor, criteria)
    paginator = CappedPaginator(found)
    is_sortable = not paginator.is_capped
    sort = request.GET.get("tri", "")
    if not is_sortable and sort.removeprefix("-") != "nom":
        sort = "nom"
    page = page_of(order_persons(found, sort), request.GET.get("page"), like=paginator)
    has_facets = paginator.count > 1 and is_sortable
    return {
        "criteria": criteria,
        "page": page,
        "rows": build_rows(actor, list(page)),
        "is_capped": paginator.is_capped,
        "is_sortable": is_sortable,
        "facet_groups": facet_links(request.GET, facets_of(actor, found)) if has_facets else [],
        "chosen_facets": chosen_facet_links(request.GET, criteria),
        "bulk_acts": bulk_acts_for(request),
        "export_formats": EXPORT_FORMATS,
    }


@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """Export the ticked persons, with the columns that the list shows and no other."""
    actor = require(request, Act.SEARCH)
    return export_persons(
        actor=actor,
        identifiers=request.POST.getlist("personne"),
        file_format=request.POST.get("format", ""),
        origin=Origin.of(request),
    )


@require_GET
def browse_groups(request: HttpRequest) -> HttpResponse:
    """« Parcourir »: the classes and groups that a search may be limited to."""
    actor = require(request, Act.SEARCH)
    groups = (
        Group.objects.visible_to(actor)
        .filter(is_present=True)
        .select_related("school")
        .order_by("school__name", "school_id", "kind", "sort_key", "code", "pk")
    )
    typed = request.GET.get("q", "").strip()[:100]
    if typed:
        groups = groups.matching(typed)
    kept = request.GET.copy()
    for name in ("q", "page", "groupe"):
        kept.pop(name, None)
    page = page_of(groups, request.GET.get("page"))
    context = {"page": page, "typed": typed, "kept": kept, "kept_query": kept.urlencode()}
    return render(request, "directory/groups.html", context)
