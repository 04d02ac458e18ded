"""What a signed-in person sees first, and the one-click switch of school."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from directory.enums import Profile
from ent.pages.names import calm_name
from ent.pages.tiles import allowed_tiles
from portal.contacts import public_email, public_phone
from portal.families import children_of
from portal.models import NewsItem
from portal.places import choose_place, current_place, person_of, places_of
from portal.service_tiles import service_tiles

NEWS_SHOWN = 10


@require_safe
def connected(request: HttpRequest) -> HttpResponse:
    """« Accueil »: services, children, the school's news (R-B8); at most twelve queries."""
    person = person_of(request)
    place = current_place(request)
    school = place.school if place is not None else None
    schools = [choice.school for choice in places_of(request)]
    is_guardian = person is not None and person.profile == Profile.GUARDIAN
    return render(
        request,
        "portal/connected.html",
        {
            "person": person,
            "place": place,
            "email": public_email(school),
            "phone": public_phone(school),
            "tiles": allowed_tiles(request),
            "services": service_tiles(person, schools) if person is not None else [],
            "is_guardian": is_guardian,
            "children": children_of(person) if person is not None and is_guardian else [],
            "news": NewsItem.objects.for_people_of(school).select_related("school")[:NEWS_SHOWN],
        },
    )


@require_safe
def connected_news(request: HttpRequest, item_uuid: str) -> HttpResponse:
    """One piece of news, for people of its school (or of the portal)."""
    place = current_place(request)
    shown = NewsItem.objects.for_people_of(place.school if place is not None else None)
    item = get_object_or_404(shown.select_related("school"), uuid=item_uuid)
    return render(request, "portal/connected_news.html", {"item": item})


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Go to another of one's schools; somebody else's school changes nothing and says nothing."""
    place = choose_place(request, key=request.POST.get("uai", ""))
    if place is not None:
        messages.success(
            request, f"Vous êtes maintenant sur l’espace « {calm_name(place.school.name)} »."
        )
    return redirect("portal:connected")
