"""What higher rooms add to « Pour la sélection… » of the search.

They register in their ``AppConfig.ready``; the same code registered again replaces the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

from ent.text.folding import fold


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


_acts: dict[str, BulkAct] = {}


def register_bulk_act(act: BulkAct) -> None:
    """Add an entry to « Pour la sélection… »."""
    _acts[act.code] = act


def bulk_acts_for(request: HttpRequest) -> list[BulkAct]:
    """Return the entries of « Pour la sélection… » that the actor may use."""
    acts = sorted(_acts.values(), key=lambda act: (act.rank, fold(act.label)))
    return [act for act in acts if act.is_allowed(request)]
