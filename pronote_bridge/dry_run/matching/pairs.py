"""Who fits whom: the rule by which Pronote pairs the people of its base with those of a file.

Names are compared folded. A pupil has the same birth date, a guardian answers for the same pupil,
and the birth dates of other adults must not contradict each other. A pair is made when each side
fits nobody else; only people without an identifier are looked at, on either side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Sequence

from pronote_bridge.dry_run.matching.people import Known, Listed, Register
from pronote_bridge.enums import ListKind

Fits = Callable[[Listed, Known], bool]


def rule_of(kind: ListKind, *, has_links: bool) -> Fits:
    """Return what must hold beside the names, for the people of a list."""
    if kind == ListKind.PUPILS:
        return _same_birth_date
    if kind == ListKind.GUARDIANS:
        return _share_a_child if has_links else _names_alone
    return _birth_dates_agree


def fitting(
    people: Sequence[Listed], register: Register, fits: Fits, taken: Container[int]
) -> list[list[Known]]:
    """Return for each line the members who fit it; those of *taken* have their pair already."""
    return [
        [
            known
            for known in register.of_name(person.key)
            if known.person_id not in taken and fits(person, known)
        ]
        if person.key.whole
        else []
        for person in people
    ]


def claims_of(found: Sequence[Sequence[Known]]) -> Counter[int]:
    """Return how many lines fit each member."""
    return Counter(known.person_id for choice in found for known in choice)


def _same_birth_date(person: Listed, known: Known) -> bool:
    born = person.line.birth_date
    return born is not None and born == known.member.birth_date


def _birth_dates_agree(person: Listed, known: Known) -> bool:
    """For staff and teachers, whose birth dates mostly stand on one side only."""
    ours, theirs = known.member.birth_date, person.line.birth_date
    return ours is None or theirs is None or ours == theirs


def _share_a_child(person: Listed, known: Known) -> bool:
    return not person.children.isdisjoint(known.member.children_ids)


def _names_alone(person: Listed, known: Known) -> bool:
    """For guardians whose pupils no list names: nothing more can be compared."""
    return True
