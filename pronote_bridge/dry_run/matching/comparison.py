"""All the lists, line by line: what Pronote does with each, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from pronote_bridge.dry_run.enums import IdentifierCheck, Outcome, Reason
from pronote_bridge.dry_run.matching.likeness import is_theirs, proposals
from pronote_bridge.dry_run.matching.links import has_links, pupil_lines, with_children
from pronote_bridge.dry_run.matching.names import spelling
from pronote_bridge.dry_run.matching.pairs import claims_of, fitting, rule_of
from pronote_bridge.dry_run.matching.people import (
    Known,
    Listed,
    Owner,
    Register,
    Result,
    listed,
    register_of,
)
from pronote_bridge.dry_run.reading.lists import ListLine
from pronote_bridge.enums import ListKind
from pronote_bridge.population.members import Member

#: Guardians come last: they are found through pupils.
_ORDER: Final = (ListKind.STAFF, ListKind.TEACHERS, ListKind.PUPILS, ListKind.GUARDIANS)
_MATCHED: Final = {
    ListKind.PUPILS: Reason.SAME_BIRTH_DATE,
    ListKind.GUARDIANS: Reason.SAME_CHILD,
    ListKind.TEACHERS: Reason.SAME_NAMES,
    ListKind.STAFF: Reason.SAME_NAMES,
}


def compare(
    lists: Mapping[ListKind, Sequence[ListLine]],
    members: Iterable[Member],
    owners: Mapping[str, Owner],
) -> dict[ListKind, list[Result]]:
    """Return what Pronote does with each line of each list, in the order of the lines.

    *owners*: whose the identifiers of the lists are or were, by the identifier in small letters.
    """
    registers = _registers(members)
    people = {kind: listed(lines) for kind, lines in lists.items()}
    results: dict[ListKind, list[Result]] = {}
    for kind in _ORDER:
        if kind not in people:
            continue
        is_linked = False
        if kind == ListKind.GUARDIANS:
            pupils = people.get(ListKind.PUPILS, [])
            lines = pupil_lines(pupils, _persons(results.get(ListKind.PUPILS, [])))
            is_linked = has_links(people[kind], lines)
            people[kind] = with_children(people[kind], lines, registers[ListKind.PUPILS])
        comparison = _Comparison(kind, registers[kind], owners, is_linked=is_linked)
        results[kind] = comparison.results(people[kind])
    return results


def _registers(members: Iterable[Member]) -> dict[ListKind, Register]:
    by_kind: dict[ListKind, list[Member]] = {kind: [] for kind in ListKind}
    for member in members:
        by_kind[member.kind].append(member)
    return {kind: register_of(found) for kind, found in by_kind.items()}


def _persons(results: Sequence[Result]) -> dict[int, int]:
    """Return who each line of the pupils' list is to Pronote, by the number of the line.

    An identifier counts whoever it was given for: Pronote follows it.
    """
    found = {}
    for result in results:
        has_owner = result.check in {IdentifierCheck.OURS, IdentifierCheck.OTHER}
        person = result.owner_id if has_owner else result.person_id
        if person is not None:
            found[result.line.number] = person
    return found


def _alike_pairs(
    people: Sequence[Listed], free: Sequence[Sequence[Known]], claims: Mapping[int, int]
) -> dict[int, Known | None]:
    """Return whom lines that say the same of several guardians stand for, by place.

    Each of these guardians answers for another of the pupils, so Pronote, which knows which line
    answers for which pupil, pairs as many lines as there are guardians. Here the first lines are
    paired, in the order of the guardians, and the rest with nobody.
    """
    groups: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for number, (person, choice) in enumerate(zip(people, free, strict=True)):
        if person.is_alike and choice and not person.line.identifier:
            groups[tuple(known.person_id for known in choice)].append(number)
    pairs: dict[int, Known | None] = {}
    for numbers in groups.values():
        choice, children = free[numbers[0]], people[numbers[0]].children
        answered = [children.intersection(known.member.children_ids) for known in choice]
        has_one_each = sum(map(len, answered)) == len(choice) == len(set().union(*answered))
        are_theirs = all(claims[known.person_id] == len(numbers) for known in choice)
        if has_one_each and are_theirs and 1 < len(numbers) >= len(choice):
            pairs |= dict(zip_longest(numbers, choice))
    return pairs


@dataclass(slots=True)
class _Comparison:
    """One list against its register."""

    kind: ListKind
    register: Register
    owners: Mapping[str, Owner]
    is_linked: bool

    def results(self, people: Sequence[Listed]) -> list[Result]:
        """Return what becomes of each line."""
        fits = rule_of(self.kind, has_links=self.is_linked)
        everybody = fitting(people, self.register, fits, taken=())
        taken = self._taken(people)
        free = [
            []
            if person.line.identifier
            else [known for known in found if known.person_id not in taken]
            for person, found in zip(people, everybody, strict=True)
        ]
        claims = claims_of(free)
        alike = _alike_pairs(people, free, claims)
        return [
            self._of_identifier(person, natural)
            if person.line.identifier
            else self._of_alike(person, alike[number])
            if number in alike
            else self._of_line(person, choice, natural, claims)
            for number, (person, choice, natural) in enumerate(
                zip(people, free, everybody, strict=True)
            )
        ]

    def _taken(self, people: Sequence[Listed]) -> set[int]:
        """Return who has their pair already: their identifier stands on some line."""
        found = (self.owners.get(person.line.identifier.lower()) for person in people)
        return {owner.person_id for owner in found if owner is not None and owner.is_current}

    def _of_line(
        self,
        person: Listed,
        choice: Sequence[Known],
        natural: Sequence[Known],
        claims: Mapping[int, int],
    ) -> Result:
        if len(choice) == 1 and claims[choice[0].person_id] == 1:
            return self._matched(person, choice[0])
        if choice:
            is_shared = any(claims[known.person_id] > 1 for known in choice)
            outcome = Outcome.HOMONYM if is_shared else Outcome.AMBIGUOUS
            reason = Reason.SEVERAL_LINES if is_shared else Reason.SEVERAL_PERSONS
        else:
            outcome = Outcome.UNMATCHED
            reason = Reason.TAKEN if natural else self._why_nobody(person)
        return Result(
            person.line, outcome, reason, proposals=proposals(person, self.register, choice)
        )

    def _of_alike(self, person: Listed, known: Known | None) -> Result:
        if known is not None:
            return self._matched(person, known, Reason.LINES_ALIKE)
        return Result(
            person.line,
            Outcome.UNMATCHED,
            Reason.LINES_ALIKE,
            proposals=proposals(person, self.register, ()),
        )

    def _matched(self, person: Listed, known: Known, reason: Reason | None = None) -> Result:
        if reason is None:
            is_by_name = self.kind == ListKind.GUARDIANS and not self.is_linked
            reason = Reason.NAMES_ALONE if is_by_name else _MATCHED[self.kind]
        ours = spelling(known.member.family_name, known.member.given_name)
        return Result(
            person.line,
            Outcome.MATCHED,
            reason,
            person_id=known.person_id,
            is_exact=ours == spelling(person.line.name, ""),
        )

    def _of_identifier(self, person: Listed, natural: Sequence[Known]) -> Result:
        """Judge a line that has an identifier: Pronote keeps it, whatever the names."""
        owner = self.owners.get(person.line.identifier.lower())
        check = self._check(person, owner, natural)
        is_ours = check == IdentifierCheck.OURS
        return Result(
            person.line,
            Outcome.MATCHED if is_ours else Outcome.UNMATCHED,
            Reason.IDENTIFIER if is_ours else Reason.WRONG_IDENTIFIER,
            person_id=owner.person_id if owner is not None and is_ours else None,
            check=check,
            owner_id=None if owner is None else owner.person_id,
            proposals=() if is_ours else proposals(person, self.register, natural),
        )

    def _check(
        self, person: Listed, owner: Owner | None, natural: Sequence[Known]
    ) -> IdentifierCheck:
        if owner is None:
            return IdentifierCheck.UNKNOWN
        if natural:
            is_same = any(known.person_id == owner.person_id for known in natural)
        else:
            is_same = is_theirs(person, owner, self._children(owner))
        if not is_same:
            return IdentifierCheck.OTHER
        return IdentifierCheck.OURS if owner.is_current else IdentifierCheck.FORMER

    def _children(self, owner: Owner) -> set[int]:
        if self.kind != ListKind.GUARDIANS:
            return set()
        return {
            child
            for known in self.register.people
            if known.person_id == owner.person_id
            for child in known.member.children_ids
        }

    def _why_nobody(self, person: Listed) -> Reason:
        """Return why no member fits, from what is missing to what differs."""
        if not person.key.whole:
            return Reason.NO_NAME
        is_known = bool(self.register.of_name(person.key))
        if not is_known:
            return Reason.LOST_LETTERS if "?" in person.line.name else Reason.NO_SUCH_NAME
        if self.kind == ListKind.GUARDIANS:
            if not person.has_pupils:
                return Reason.NO_CHILD
            return Reason.OTHER_CHILDREN if person.children else Reason.CHILD_UNMATCHED
        if self.kind == ListKind.PUPILS and person.line.birth_date is None:
            return Reason.BAD_BIRTH_DATE if person.line.birth_text else Reason.NO_BIRTH_DATE
        return Reason.OTHER_BIRTH_DATE
