"""« Annuaire > Administration »: one entry per thing to do, in three groups."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from directory.desk.registry import DeskCard, DeskGroup, cards_for
from directory.rights.actors import actor_of
from directory.rights.acts import Act


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Show what the actor may administer, each as a card with what it counts now."""
    found: dict[DeskGroup, list[dict[str, Any]]] = {group: [] for group in DeskGroup}
    for card in cards_for(request):
        shown = _shown(request, card)
        if shown is not None:
            found[card.group].append(shown)
    groups = [
        {"anchor": group.value, "title": group.title, "cards": cards}
        for group, cards in found.items()
        if cards
    ]
    if not groups:
        raise PermissionDenied("nothing to administer")
    context = {"groups": groups, "may_search": actor_of(request).may(Act.SEARCH)}
    return render(request, "directory/administration.html", context)


def _shown(request: HttpRequest, card: DeskCard) -> dict[str, Any] | None:
    try:
        href = reverse(card.url_name)
    except NoReverseMatch:
        return None  # the room is not installed in this process
    return {
        "title": card.title,
        "words": card.words,
        "icon": card.icon,
        "href": href,
        "figure": card.figure(request) if card.figure is not None else "",
    }
