"""Which pupils a line of the guardians' list answers for.

Pronote's base knows; its lists say it in words: the guardians' list names pupils, or the pupils'
list names guardians, or both, and then both must agree.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pronote_bridge.dry_run.matching.names import names_in
from pronote_bridge.dry_run.matching.people import Listed, Register


@dataclass(frozen=True, slots=True)
class PupilLine:
    """A line of the pupils' list: its names, whom it names as guardians, and who it is for us."""

    name: str
    guardians: Counter[str]
    """How many times it names each."""
    person_id: int | None


def pupil_lines(pupils: Sequence[Listed], found: Mapping[int, int]) -> list[PupilLine]:
    """Return the lines of the pupils' list; *found*: number of the line → person."""
    return [
        PupilLine(
            name=pupil.key.whole,
            guardians=_names(pupil.line.guardians),
            person_id=found.get(pupil.line.number),
        )
        for pupil in pupils
    ]


def has_links(guardians: Sequence[Listed], pupils: Sequence[PupilLine]) -> bool:
    """Do the lists say at all who answers for whom?"""
    return any(guardian.line.children for guardian in guardians) or any(
        pupil.guardians for pupil in pupils
    )


def with_children(
    guardians: Sequence[Listed], pupils: Sequence[PupilLine], ours: Register
) -> list[Listed]:
    """Return the guardians with the pupils whom they answer for.

    Without the pupils' list, the names of the guardians' list are looked for among *ours*.
    """
    by_name: dict[str, list[PupilLine]] = defaultdict(list)
    by_guardian: dict[str, list[PupilLine]] = defaultdict(list)
    for pupil in pupils or _lines_of_ours(ours):
        by_name[pupil.name].append(pupil)
        for name in pupil.guardians:
            by_guardian[name].append(pupil)
    names_pupils = any(guardian.line.children for guardian in guardians)
    found = [
        _named(guardian, by_name) if names_pupils else by_guardian[guardian.key.whole]
        for guardian in guardians
    ]
    alike = _alike(guardians, found) if names_pupils else set()
    return [
        _with_pupils(guardian, lines, is_alike=number in alike)
        for number, (guardian, lines) in enumerate(zip(guardians, found, strict=True))
    ]


def _alike(guardians: Sequence[Listed], found: Sequence[Sequence[PupilLine]]) -> set[int]:
    """Return the places of lines of one name that name pupils of one name, one pupil for each line.

    There are as many lines as pupils, each line names one pupil and each pupil one such guardian:
    Pronote's base gives each line another pupil, though the list does not say which.
    """
    groups: dict[tuple[str, frozenset[int]], list[int]] = defaultdict(list)
    for number, (guardian, pupils) in enumerate(zip(guardians, found, strict=True)):
        name = guardian.key.whole
        is_one = _names(guardian.line.children).total() == 1
        if is_one and all(pupil.guardians[name] == 1 for pupil in pupils):
            groups[name, frozenset(map(id, pupils))].append(number)
    return {
        number
        for (_, pupils), numbers in groups.items()
        if len(numbers) == len(pupils) > 1
        for number in numbers
    }


def _named(guardian: Listed, by_name: Mapping[str, list[PupilLine]]) -> list[PupilLine]:
    """Return the lines of the pupils whom a guardian's line names.

    Of two pupils of one name, the one whose own line names this guardian.
    """
    named = [
        pupil for name in sorted(_names(guardian.line.children)) for pupil in by_name.get(name, ())
    ]
    agreed = [pupil for pupil in named if guardian.key.whole in pupil.guardians]
    return agreed or named


def _with_pupils(guardian: Listed, pupils: Sequence[PupilLine], *, is_alike: bool) -> Listed:
    children = frozenset(pupil.person_id for pupil in pupils if pupil.person_id is not None)
    return replace(guardian, children=children, has_pupils=bool(pupils), is_alike=is_alike)


def _lines_of_ours(ours: Register) -> list[PupilLine]:
    return [PupilLine(known.key.whole, Counter(), known.person_id) for known in ours.people]


def _names(cells: Sequence[str]) -> Counter[str]:
    return Counter(name for cell in cells for name in names_in(cell) if name)
