"""The result of a dry run as a table to save."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from directory.rights.actors import Actor
from pronote_bridge.dry_run.enums import Reason
from pronote_bridge.dry_run.listed import ListedLine, listed
from pronote_bridge.dry_run.models import DryRunLineQuerySet

HEADER: Final = (
    "Population",
    "Ligne de la liste",
    "Nom dans Pronote",
    "Né(e) le",
    "Classe",
    "Élèves ou responsables",
    "Situation",
    "Explication",
    "Identifiant CAS",
    "Nom dans l’ENT",
    "Prénom dans l’ENT",
    "Né(e) le dans l’ENT",
    "Personnes possibles",
)
_BATCH: Final = 1_000


def result_rows(lines: DryRunLineQuerySet, actor: Actor) -> Iterator[tuple[str, ...]]:
    """Yield one row per line, in the order of the page; no identifier is written."""
    rows = list(lines)
    for start in range(0, len(rows), _BATCH):
        for one in listed(rows[start : start + _BATCH], actor):
            yield _row(one)


def _row(one: ListedLine) -> tuple[str, ...]:
    line, person = one.line, one.person
    born = person.birth_date if person is not None else None
    return (
        str(one.kind.label),
        str(line.number),
        line.name,
        f"{line.birth_date:%d/%m/%Y}" if line.birth_date else "",
        line.class_name,
        line.relatives,
        one.words,
        str(Reason(line.reason).label),
        one.identifier_words.removeprefix("Identifiant CAS\u00a0: "),
        person.family_name if person else "",
        person.given_name if person else "",
        f"{born:%d/%m/%Y}" if born else "",
        ", ".join(proposal.full_name for proposal in one.proposals),
    )
