"""Who is who: by family name, given name and birth date; guardians through their children.

Names are compared folded. A pair is made when neither side has anybody else who fits: two pupils of
one name and one birth date are left to a hand. Only people without a pair are looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from demo.pronote.base.base import Base
from demo.pronote.base.people import EntPerson, Pairing, Person, Population

Fits = Callable[[Person, EntPerson], bool]


def match(base: Base) -> int:
    """Pair whoever can be paired without a hand; return how many."""
    paired = 0
    # Guardians come last: they are found through pupils who have their pair.
    for population in (
        Population.STAFF,
        Population.TEACHERS,
        Population.PUPILS,
        Population.GUARDIANS,
    ):
        people = [one for one in base.members(population) if not one.is_paired]
        for person, other in list(
            unique_pairs(people, base.unpaired_known(population), _rule(base, population))
        ):
            base.pair(person, other, Pairing.AUTOMATIC)
            paired += 1
    return paired


def unique_pairs(
    people: Iterable[Person], others: Iterable[EntPerson], fits: Fits
) -> Iterator[tuple[Person, EntPerson]]:
    """Return the pairs of one name where each fits the other and nobody else."""
    by_name: dict[tuple[str, str], list[EntPerson]] = defaultdict(list)
    for other in others:
        by_name[other.name_key].append(other)
    groups: dict[tuple[str, str], list[Person]] = defaultdict(list)
    for person in people:
        groups[person.name_key].append(person)
    for key, group in groups.items():
        candidates = {
            person.number: [other for other in by_name[key] if fits(person, other)]
            for person in group
        }
        for person in group:
            found = candidates[person.number]
            if len(found) == 1 and sum(found[0] in rest for rest in candidates.values()) == 1:
                yield person, found[0]


def _rule(base: Base, population: Population) -> Fits:
    """Return what must hold beside the names."""
    if population is Population.PUPILS:
        return _same_birth_date
    if population is Population.GUARDIANS:
        return _ShareAChild(base)
    return _birth_dates_agree


def _same_birth_date(person: Person, other: EntPerson) -> bool:
    return person.birth_date is not None and person.birth_date == other.birth_date


def _birth_dates_agree(person: Person, other: EntPerson) -> bool:
    """For staff and teachers, whose birth dates are mostly unknown on one side."""
    if person.birth_date is None or other.birth_date is None:
        return True
    return person.birth_date == other.birth_date


class _ShareAChild:
    """A guardian of the base and one of the ENT answer for one and the same pupil."""

    def __init__(self, base: Base) -> None:
        self._children: dict[str, set[int]] = defaultdict(set)
        """Numbers of the base's pupils, by the ENT's guardian."""
        for person in base.members(Population.PUPILS):
            pupil = base.known.get((Population.PUPILS, person.identifier))
            for guardian in pupil.guardians if pupil is not None else ():
                self._children[guardian].add(person.number)

    def __call__(self, person: Person, other: EntPerson) -> bool:
        return not self._children[other.identifier].isdisjoint(person.children)
