"""What a signed-in person sees first, and the one-click switch of school."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from directory.models import Person
from directory.schools.current import choose_place, current_place, person_of, places_of
from ent.pages.blocks import blocks_for
from ent.pages.names import calm_name
from ent.pages.tiles import allowed_tiles
from ent.web.acts import needs_no_recent_proof
from portal.connected.children import choose_child, shown_children
from portal.connected.service_tiles import service_tiles
from portal.models import NewsItem, NewsQuerySet
from portal.school_pages.contacts import public_email, public_phone
from sso.catalogue.tiles import ServiceTile

NEWS_SHOWN = 10


@require_safe
def connected(request: HttpRequest) -> HttpResponse:
    """« Accueil »: what waits, children, services, the school's news (R-B8)."""
    person = person_of(request)
    place = current_place(request)
    school = place.school if place is not None else None
    first, others = _services(request, person) if person is not None else ([], [])
    return render(
        request,
        "portal/connected.html",
        {
            "person": person,
            "place": place,
            "email": public_email(school),
            "phone": public_phone(school),
            "blocks": blocks_for(request),
            "tiles": allowed_tiles(request),
            "first_services": first,
            "services": others,
            "news": _news(request).select_related("school")[:NEWS_SHOWN],
        },
    )


def _services(request: HttpRequest, person: Person) -> tuple[list[ServiceTile], list[ServiceTile]]:
    place = current_place(request)
    active = place.profile if place is not None else None
    schools = [choice.school for choice in places_of(request)]
    in_blocks = {pk for child in shown_children(request, person) for pk in child.services}
    return service_tiles(request, person, schools, active, without=in_blocks)


def _news(request: HttpRequest) -> NewsQuerySet:
    """The news that are for whoever is signed in, where they are now."""
    place = current_place(request)
    school = place.school if place is not None else None
    profile = place.profile.value if place is not None else ""
    return NewsItem.objects.for_reader(person_of(request), school, profile)


@require_safe
def connected_news(request: HttpRequest, item_uuid: str) -> HttpResponse:
    """One piece of news, for people of its school (or of the portal)."""
    item = get_object_or_404(_news(request).select_related("school"), uuid=item_uuid)
    return render(request, "portal/connected_news.html", {"item": item})


@needs_no_recent_proof
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Go to another of one's schools, or to a child.

    Somebody else's school or child changes nothing and says nothing.
    """
    person = person_of(request)
    wanted = request.POST.get("enfant", "")
    if wanted and person is not None:
        child = choose_child(request, person, wanted=wanted)
        where = f"l’espace de {child.name}" if child is not None else ""
    else:
        place = choose_place(request, key=request.POST.get("uai", ""))
        where = f"l’espace « {calm_name(place.school.name)} »" if place is not None else ""
    if where:
        messages.success(request, f"Vous êtes maintenant sur {where}.")
    return redirect("portal:connected")
