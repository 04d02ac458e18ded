"""What higher rooms add to a person's sheet: panels and buttons.

They register in their ``AppConfig.ready``; the same code registered again replaces the first.
Whatever is registered gets the request (the actor: ``directory.rights.actors.actor_of``) and checks
its own rights: the directory shows what it returns and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from directory.models.persons import Person


@dataclass(frozen=True, slots=True)
class SheetPanel:
    """A part of a person's sheet.

    ``build`` returns the context of ``template``, or ``None`` to show nothing. It may run
    one or two queries.
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
class ShownPanel:
    """A panel that has something to say about this person."""

    title: str
    template: str
    context: Mapping[str, Any]
    code: str


_panels: dict[str, SheetPanel] = {}
_acts: dict[str, SheetActs] = {}


def register_panel(panel: SheetPanel) -> None:
    """Add a part to every sheet."""
    _panels[panel.code] = panel


def register_sheet_acts(acts: SheetActs) -> None:
    """Add buttons to every sheet."""
    _acts[acts.code] = acts


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
    makers = sorted(_acts.values(), key=lambda acts: (acts.rank, acts.code))
    return [act for maker in makers for act in maker.build(request, person)]
