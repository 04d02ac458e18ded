"""What the pages show, as rows of a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from credentials.dashboard.counting import Counts
from credentials.dashboard.evolution import Evolution
from credentials.dashboard.overview import SchoolRow
from credentials.dashboard.school import ClassRow, ProfileRow
from credentials.enums import Pace

_COUNTS = (
    "Comptes",
    "Activés",
    "Activés (%)",
    "Non activés",
    "Code remis",
    "Code à remettre",
    "Bloqués",
)


@dataclass(frozen=True, slots=True)
class Table:
    """A file to be: every value is text, escaped by `ent.tabular` when it is written."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def table_of_schools(rows: Iterable[SchoolRow]) -> Table:
    """One line per school."""
    return Table(
        name="Activation-etablissements",
        header=("UAI", "Établissement", "Commune", *_COUNTS),
        rows=[
            (row.school.uai, row.school.name, row.school.town, *_cells(row.counts)) for row in rows
        ],
    )


def table_of_profiles(rows: Iterable[ProfileRow], *, uai: str) -> Table:
    """One line per profile."""
    return Table(
        name=f"Activation-{uai}-profils",
        header=("Profil", *_COUNTS),
        rows=[(row.label, *_cells(row.counts)) for row in rows],
    )


def table_of_classes(rows: Iterable[ClassRow], *, uai: str) -> Table:
    """One line per class: pupils and parents together, then each."""
    return Table(
        name=f"Activation-{uai}-classes",
        header=(
            "Classe",
            *_COUNTS,
            "Élèves",
            "Élèves activés",
            "Parents",
            "Parents activés",
        ),
        rows=[
            (
                row.group.code,
                *_cells(row.counts),
                str(row.pupils.total),
                str(row.pupils.active),
                str(row.parents.total),
                str(row.parents.active),
            )
            for row in rows
        ],
    )


def table_of_evolution(evolution: Evolution, *, of_what: str) -> Table:
    """One line per week or day."""
    step = "Semaine du" if evolution.pace == Pace.WEEK else "Jour"
    return Table(
        name=f"Activation-{of_what}-evolution",
        header=(step, "Premières activations", "Depuis le début"),
        rows=[(f"{one.day:%d/%m/%Y}", str(one.number), str(one.so_far)) for one in evolution.steps],
    )


def _cells(counts: Counts) -> tuple[str, ...]:
    return tuple(
        str(number)
        for number in (
            counts.total,
            counts.active,
            counts.percent,
            counts.pending,
            counts.handed,
            counts.waiting,
            counts.blocked,
        )
    )
