"""The entries of « Annuaire > Administration », of this room and of higher ones.

A room registers its entries in its ``AppConfig.ready``; the same code registered again replaces the
first. They stand in three titled groups, each with what it counts now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from django.http import HttpRequest

from ent.text.folding import fold


class DeskGroup(Enum):
    """The groups of the desk, in their order: the value is also the anchor in the page."""

    CREDENTIALS = "identifiants"
    DIRECTORY = "annuaire"
    PORTAL = "gestion-portail"

    @property
    def title(self) -> str:
        """What stands above the group's entries."""
        return _TITLES[self]


_TITLES = {
    DeskGroup.CREDENTIALS: "Comptes et identifiants",
    DeskGroup.DIRECTORY: "Annuaire",
    DeskGroup.PORTAL: "Gestion portail",
}


@dataclass(frozen=True, slots=True)
class DeskCard:
    """An entry of « Annuaire > Administration ».

    ``figure`` says what there is now (« 7 fichiers »), "" when there is nothing to say; it is asked
    when the desk is shown, and costs one cheap statement.
    """

    code: str
    title: str
    words: str
    icon: str
    url_name: str
    is_allowed: Callable[[HttpRequest], bool]
    rank: int = 100
    group: DeskGroup = DeskGroup.PORTAL
    figure: Callable[[HttpRequest], str] | None = None


_cards: dict[str, DeskCard] = {}


def register_card(card: DeskCard) -> None:
    """Add an entry to the administration desk."""
    _cards[card.code] = card


def cards_for(request: HttpRequest) -> list[DeskCard]:
    """Return the entries of the administration desk that the actor may open."""
    cards = sorted(_cards.values(), key=lambda card: (card.rank, fold(card.title)))
    return [card for card in cards if card.is_allowed(request)]


def has_cards(request: HttpRequest) -> bool:
    """Has the actor anything to administer? It asks their roles, nothing else."""
    return any(card.is_allowed(request) for card in _cards.values())
