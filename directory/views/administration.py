"""« Annuaire > Administration »: one entry per thing to do."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from directory.extensions import cards_for


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Show what the actor may administer, each as a card."""
    cards = []
    for card in cards_for(request):
        try:
            href = reverse(card.url_name)
        except NoReverseMatch:
            continue  # the room is not installed in this process
        cards.append({"title": card.title, "words": card.words, "icon": card.icon, "href": href})
    if not cards:
        raise PermissionDenied("nothing to administer")
    return render(request, "directory/administration.html", {"cards": cards})
