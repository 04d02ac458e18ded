"""What the pages of a dry run show: populations with their numbers, lines with their people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from django.urls import reverse
from django.utils.http import urlencode

from directory.models import Person
from directory.rights.actors import Actor
from directory.rights.acts import Act
from directory.rights.walls import visible_persons
from ent.pages.french import moment_words
from pronote_bridge.dry_run.counting import waiting_numbers
from pronote_bridge.dry_run.enums import IdentifierCheck, ListState, Outcome, Reason, Situation
from pronote_bridge.dry_run.models import DryRun, DryRunLine, DryRunLineQuerySet, DryRunList
from pronote_bridge.enums import ListKind

_TONES: Final = {
    Outcome.MATCHED: "good",
    Outcome.UNMATCHED: "bad",
    Outcome.AMBIGUOUS: "warn",
    Outcome.HOMONYM: "warn",
}
_HAND_TONE: Final = "info"


@dataclass(frozen=True, slots=True)
class ListedPopulation:
    """One list with its numbers: what Pronote does by itself, and with the pairs made by hand.

    `numbers` is what `DryRunList.counts` keeps, with the pairs of this moment.
    """

    source: DryRunList
    numbers: Mapping[str, int]
    lines_href: str = ""
    """Address of the lines' page, "" when they are gone."""

    @property
    def kind(self) -> ListKind:
        """The population."""
        return ListKind(self.source.kind)

    @property
    def is_compared(self) -> bool:
        """Does it have numbers?"""
        return self.source.state == ListState.COMPARED

    @property
    def lines(self) -> int:
        """How many people the list holds."""
        return self._count("lignes")

    @property
    def matched(self) -> int:
        """How many Pronote pairs by itself."""
        return self._count(Outcome.MATCHED)

    @property
    def matched_after(self) -> int:
        """How many are paired once the pairs made by hand are made in Pronote."""
        return self.matched + self._count("main")

    @property
    def left(self) -> int:
        """How many still wait for a hand."""
        return self.lines - self.matched_after

    @property
    def unmatched(self) -> int:
        """How many meet nobody, and wait."""
        return self._count(Outcome.UNMATCHED)

    @property
    def ambiguous(self) -> int:
        """How many meet several people, and wait."""
        return self._count(Outcome.AMBIGUOUS)

    @property
    def homonyms(self) -> int:
        """How many share the one they meet, and wait."""
        return self._count(Outcome.HOMONYM)

    @property
    def wrong_identifiers(self) -> int:
        """How many have an identifier that is not their own of today."""
        return self._count("identifiants")

    @property
    def absent(self) -> int:
        """How many of the file no line is, by Pronote or by hand."""
        return self._count("absents") - self._count("main")

    @property
    def links(self) -> dict[str, str]:
        """Addresses of the lines behind the numbers, by situation; "" when they are gone."""
        kind = self.source.kind
        return {
            situation.name.lower(): self.lines_href
            and f"{self.lines_href}?{_asked(kind, situation)}#lignes"
            for situation in Situation
        }

    @property
    def columns_words(self) -> str:
        """How many of its columns serve."""
        used = sum(bool(column) for column in self.source.columns)
        return f"{used} colonne{'s' if used > 1 else ''} sur {len(self.source.columns)}"

    @property
    def title_of_problem(self) -> str:
        """What its notice says, when it was not compared."""
        what = "illisible" if self.source.state == ListState.REFUSED else "colonnes à préciser"
        return f"{self.kind.label}\u00a0: {what}"

    def _count(self, name: str) -> int:
        return self.numbers.get(name, 0)


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A dry run in the list of an instance's, with the numbers of all its lists together."""

    dry_run: DryRun
    populations: list[ListedPopulation]

    @property
    def lines(self) -> int:
        """How many people its lists hold."""
        return sum(one.lines for one in self.populations)

    @property
    def matched_after(self) -> int:
        """How many are paired, by Pronote or by hand."""
        return sum(one.matched_after for one in self.populations)

    @property
    def left(self) -> int:
        """How many still wait for a hand."""
        return sum(one.left for one in self.populations)

    @property
    def words(self) -> str:
        """What tells this row's buttons from those of the others, for a screen reader."""
        return f"le rapprochement du {moment_words(self.dry_run.created_at)}"


@dataclass(frozen=True, slots=True)
class ListedLine:
    """One line, with the people whom the actor may see among those it leads to."""

    line: DryRunLine
    person: Person | None
    owner: Person | None
    proposals: tuple[Person, ...] = ()

    @property
    def words(self) -> str:
        """The outcome in words."""
        if self.line.pairing is not None:
            return str(Situation.BY_HAND.label)
        return str(Outcome(self.line.outcome).label)

    @property
    def tone(self) -> str:
        """The tone of its badge."""
        if self.line.pairing is not None:
            return _HAND_TONE
        return _TONES[Outcome(self.line.outcome)]

    @property
    def kind(self) -> ListKind:
        """The population."""
        return ListKind(self.line.source.kind)

    @property
    def why(self) -> str:
        """The reason, in words."""
        if self.line.pairing is not None:
            return "Retenu ici. Faites-le aussi dans Pronote, après l’import."
        words = str(Reason(self.line.reason).label)
        if self.line.is_exact or self.line.outcome != Outcome.MATCHED:
            return words
        return f"{words} Aux majuscules, accents ou tirets près."

    @property
    def relatives_words(self) -> str:
        """What the relatives of the line are to it."""
        return "Élèves" if self.kind == ListKind.GUARDIANS else "Responsables"

    @property
    def about(self) -> str:
        """What tells this row's buttons from those of the others, for a screen reader."""
        return f"{self.line.name}, ligne {self.line.number}"

    @property
    def identifier_words(self) -> str:
        """What there is to say of the identifier that Pronote has, "" when all is well."""
        match IdentifierCheck(self.line.identifier_check):
            case IdentifierCheck.FORMER:
                return "Identifiant CAS\u00a0: un ancien identifiant de cette personne."
            case IdentifierCheck.OTHER:
                whose = "d’une autre personne"
                if self.owner is not None:
                    whose = f"de {self.owner.full_name}"
                return f"Identifiant CAS\u00a0: celui {whose}."
            case IdentifierCheck.UNKNOWN:
                return "Identifiant CAS\u00a0: inconnu de l’ENT."
            case _:
                return ""


@dataclass(slots=True)
class _Shown:
    """The people of a page, read once."""

    people: dict[int, Person] = field(default_factory=dict)

    def some(self, ids: Iterable[int | None]) -> tuple[Person, ...]:
        """Return those of *ids* whom the actor may see, in the same order."""
        return tuple(self.people[pk] for pk in ids if pk is not None and pk in self.people)

    def one(self, pk: int | None) -> Person | None:
        """Return one of them."""
        return self.people.get(pk) if pk is not None else None


def populations(dry_run: DryRun) -> list[ListedPopulation]:
    """Return the lists of a dry run with their numbers, pupils first."""
    waiting = waiting_numbers(dry_run)
    lines_href = reverse("pronote:dry-run", args=[dry_run.uuid]) if dry_run.is_open else ""
    found = [
        ListedPopulation(source, {**source.counts, **waiting.get(source.pk, {})}, lines_href)
        for source in dry_run.lists.all()
    ]
    order = list(ListKind)
    return sorted(found, key=lambda one: -order.index(one.kind))


def lines_of(
    dry_run: DryRun, *, kind: ListKind | None, situation: Situation, typed: str
) -> DryRunLineQuerySet:
    """Return the lines that a page or an export shows, in the order of the lists."""
    found = DryRunLine.objects.of_run(dry_run).in_situation(situation).matching(typed)
    if kind is not None:
        found = found.filter(source__kind=kind)
    return found.select_related("source", "pairing").order_by("-source__kind", "number")


def listed(lines: Iterable[DryRunLine], actor: Actor) -> list[ListedLine]:
    """Join to lines the people that they lead to: one query, within the walls."""
    lines = list(lines)
    shown = _shown_people(lines, actor)
    return [
        ListedLine(
            line=line,
            person=shown.one(line.pairing.person_id if line.pairing else line.person_id),
            owner=shown.one(line.owner_id),
            proposals=shown.some(line.proposals),
        )
        for line in lines
    ]


def _shown_people(lines: Iterable[DryRunLine], actor: Actor) -> _Shown:
    """Read the people of these lines whom the actor administers."""
    wanted: set[int] = set()
    for line in lines:
        paired = line.pairing.person_id if line.pairing is not None else None
        found = (line.person_id, line.owner_id, paired)
        wanted.update(pk for pk in found if pk is not None)
        wanted.update(line.proposals)
    people = visible_persons(actor, Act.PRONOTE).filter(pk__in=wanted)
    return _Shown({person.pk: person for person in people})


def _asked(kind: str, situation: Situation) -> str:
    return urlencode({"population": kind, "situation": situation.value})
