"""What higher rooms add to the directory's screens: the documented extension point.

The directory may not know ``accounts`` nor ``credentials``; they register, in their
``AppConfig.ready``, what belongs to them on a person's sheet, beside a row of the search, under
« Pour la sélection… » and on the administration desk. Registering the same code again replaces it.

Whatever is registered gets the request (for the actor: ``directory.actors.actor_of``) and checks
its own rights: the directory shows what it returns and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from directory.models import Person


@dataclass(frozen=True, slots=True)
class SheetPanel:
    """A part of a person's sheet.

    ``build`` returns the context of ``template``, or ``None`` to show nothing. One or two queries.
    """

    code: str
    title: str
    template: str
    build: Callable[[HttpRequest, Person], Mapping[str, Any] | None]
    rank: int = 100


@dataclass(frozen=True, slots=True)
class SheetAct:
    """A button of the sheet: a link to the room's own page, or the reason why it cannot be."""

    label: str
    href: str = ""
    icon: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SheetActs:
    """Gives the acts that a room offers on a person."""

    code: str
    build: Callable[[HttpRequest, Person], list[SheetAct]]
    rank: int = 100


@dataclass(frozen=True, slots=True)
class BulkAct:
    """An entry of « Pour la sélection… »: the ticked persons' UUIDs go by POST to ``url_name``.

    They arrive as repeated ``personne`` fields; the room checks every one of them against the
    actor's scope and refuses all when one is not there (T-F3).
    """

    code: str
    label: str
    url_name: str
    is_allowed: Callable[[HttpRequest], bool]
    rank: int = 100


@dataclass(frozen=True, slots=True)
class DeskCard:
    """An entry of « Annuaire > Administration »."""

    code: str
    title: str
    words: str
    icon: str
    url_name: str
    is_allowed: Callable[[HttpRequest], bool]
    rank: int = 100


_panels: dict[str, SheetPanel] = {}
_sheet_acts: dict[str, SheetActs] = {}
_bulk_acts: dict[str, BulkAct] = {}
_cards: dict[str, DeskCard] = {}


def register_panel(panel: SheetPanel) -> None:
    """Add a part to every sheet."""
    _panels[panel.code] = panel


def register_sheet_acts(acts: SheetActs) -> None:
    """Add buttons to every sheet."""
    _sheet_acts[acts.code] = acts


def register_bulk_act(act: BulkAct) -> None:
    """Add an entry to « Pour la sélection… »."""
    _bulk_acts[act.code] = act


def register_card(card: DeskCard) -> None:
    """Add an entry to the administration desk."""
    _cards[card.code] = card


@dataclass(frozen=True, slots=True)
class ShownPanel:
    """A panel that has something to say about this person."""

    title: str
    template: str
    context: Mapping[str, Any]
    code: str


def panels_for(request: HttpRequest, person: Person) -> list[ShownPanel]:
    """Build the panels of a sheet, in order."""
    shown = []
    for panel in sorted(_panels.values(), key=lambda panel: (panel.rank, panel.code)):
        context = panel.build(request, person)
        if context is not None:
            shown.append(
                ShownPanel(
                    title=panel.title, template=panel.template, context=context, code=panel.code
                )
            )
    return shown


def sheet_acts_for(request: HttpRequest, person: Person) -> list[SheetAct]:
    """Gather the acts that rooms offer on a person, in order."""
    makers = sorted(_sheet_acts.values(), key=lambda acts: (acts.rank, acts.code))
    return [act for maker in makers for act in maker.build(request, person)]


def bulk_acts_for(request: HttpRequest) -> list[BulkAct]:
    """Return the entries of « Pour la sélection… » that the actor may use."""
    acts = sorted(_bulk_acts.values(), key=lambda act: (act.rank, act.label))
    return [act for act in acts if act.is_allowed(request)]


def cards_for(request: HttpRequest) -> list[DeskCard]:
    """Return the entries of the administration desk that the actor may open."""
    cards = sorted(_cards.values(), key=lambda card: (card.rank, card.title))
    return [card for card in cards if card.is_allowed(request)]
