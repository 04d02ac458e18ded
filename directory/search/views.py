"""« Rechercher un utilisateur »."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from directory.desk.registry import cards_for
from directory.rights.actors import Actor, require
from directory.rights.acts import Act
from directory.search.exports import export_persons
from directory.search.facets import chosen_facet_links, facet_links, facets_of
from directory.search.forms import Criteria, SearchForm
from directory.search.listing import build_rows, persons_in_order, sorted_by
from directory.search.registry import bulk_acts_for
from directory.search.results import look_up
from directory.search.ticked import NOBODY_TICKED
from ent.audit.origin import Origin
from ent.pages.pagination import paginate
from ent.pages.previous import previous_page
from ent.tabular.responses import EXPORT_FORMATS
from ent.web.acts import asks_for_recent_proof

ADVANCED = "avancee"
_NO_FORMAT = "Choisissez ce que devient la sélection : une liste CSV ou Excel."


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
    sort = request.GET.get("tri", "")
    found = look_up(actor, criteria, descending=sort == "-nom")
    page = paginate(sorted_by(found, sort), request.GET.get("page"), counted=found.count)
    return {
        "criteria": criteria,
        "page": page,
        "rows": build_rows(actor, persons_in_order(list(page))),
        "found": found,
        "facet_groups": facet_links(request.GET, facets_of(actor, found, criteria)),
        "chosen_facets": chosen_facet_links(request.GET, criteria),
        "bulk_acts": bulk_acts_for(request),
        "export_formats": EXPORT_FORMATS,
    }


@require_POST
@asks_for_recent_proof
def export(request: HttpRequest) -> HttpResponse:
    """Export the ticked persons, with the columns that the list shows and no other."""
    actor = require(request, Act.SEARCH)
    identifiers, file_format = request.POST.getlist("personne"), request.POST.get("format", "")
    if not identifiers or not file_format:
        messages.warning(request, NOBODY_TICKED if not identifiers else _NO_FORMAT)
        return redirect(previous_page(request, reverse("directory:search")))
    return export_persons(
        actor=actor,
        identifiers=identifiers,
        file_format=file_format,
        origin=Origin.of(request),
    )
