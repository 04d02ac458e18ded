"""The two sides of a comparison: lines of Pronote's lists, members of the ENT's file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from pronote_bridge.dry_run.enums import IdentifierCheck, Outcome, Reason
from pronote_bridge.dry_run.matching.names import NameKey, key_of, key_of_line
from pronote_bridge.dry_run.reading.lists import ListLine
from pronote_bridge.population.members import Member


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a list, and what it is compared by."""

    line: ListLine
    key: NameKey
    children: frozenset[int] = frozenset()
    """Persons of the ENT whom this guardian answers for, as far as the lists tell."""
    has_pupils: bool = False
    """Do the lists give this guardian any pupil, found in the ENT or not?"""
    is_alike: bool = False
    """Other lines say the same of other guardians: as many lines as pupils, one for each."""


@dataclass(frozen=True, slots=True)
class Known:
    """A member of the file, and what they are compared by."""

    member: Member
    key: NameKey

    @property
    def person_id(self) -> int:
        """The person of the directory."""
        return self.member.person_id


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose identifier it is, or was: somebody of the directory, in the file or not."""

    person_id: int
    is_current: bool
    family_name: str
    given_name: str
    birth_date: date | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What Pronote does with one line, and why."""

    line: ListLine
    outcome: Outcome
    reason: Reason
    person_id: int | None = None
    is_exact: bool = True
    """Are the names of a pair written letter for letter the same?"""
    check: IdentifierCheck = IdentifierCheck.NONE
    owner_id: int | None = None
    """Whose the identifier of the line is, or was."""
    proposals: tuple[int, ...] = ()
    """Persons who may be meant, likeliest first, where nobody is found."""


@dataclass(slots=True)
class Register:
    """The members of one list, by what they are looked for."""

    people: list[Known]
    by_name: dict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))
    by_family: dict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))
    by_birth: dict[date, list[Known]] = field(default_factory=lambda: defaultdict(list))
    by_child: dict[int, list[Known]] = field(default_factory=lambda: defaultdict(list))

    def of_name(self, key: NameKey) -> list[Known]:
        """Return whoever bears these names."""
        return [known for known in self.by_name.get(key.whole, ()) if known.key.agrees(key)]


def register_of(members: Iterable[Member]) -> Register:
    """Return the members of a list, ready to be looked for."""
    people = [Known(member, key_of(member.family_name, member.given_name)) for member in members]
    register = Register(people)
    for known in people:
        register.by_name[known.key.whole].append(known)
        if known.key.pair:
            register.by_family[known.key.pair[0]].append(known)
        if known.member.birth_date:
            register.by_birth[known.member.birth_date].append(known)
        for child in known.member.children_ids:
            register.by_child[child].append(known)
    return register


def listed(lines: Sequence[ListLine]) -> list[Listed]:
    """Return the lines of a list, ready to be compared."""
    return [Listed(line, key_of_line(line)) for line in lines]
