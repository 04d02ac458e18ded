"""Whom a line may be paired with by hand: those who are likely, and those whom one looks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from directory.models import Person
from directory.rights.actors import Actor
from directory.rights.acts import Act
from directory.rights.walls import visible_persons
from ent.text.folding import fold
from pronote_bridge.dry_run.models import DryRunLine
from pronote_bridge.enums import ListKind
from pronote_bridge.population.members import Member, members_of

MOST_FOUND: Final = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody of the file, and what they have in common with the line."""

    person: Person
    class_names: tuple[str, ...]
    children: tuple[str, ...]
    common: tuple[str, ...]


@dataclass(slots=True)
class File:
    """The people of one list of the file, and those of the pupils' list by their person."""

    members: dict[int, Member]
    pupils: dict[int, Member]


def file_of(line: DryRunLine) -> File:
    """Read the list of the file that a line belongs to."""
    kind = ListKind(line.source.kind)
    members: dict[int, Member] = {}
    pupils: dict[int, Member] = {}
    for member in members_of(line.source.dry_run.instance):
        if member.kind == kind:
            members[member.person_id] = member
        if member.kind == ListKind.PUPILS:
            pupils[member.person_id] = member
    return File(members, pupils)


def likely(line: DryRunLine, file: File, actor: Actor) -> list[Candidate]:
    """Return whom the comparison proposed, likeliest first."""
    return _candidates(line, [pk for pk in line.proposals if pk in file.members], file, actor)


def found_by(typed: str, line: DryRunLine, file: File, actor: Actor) -> list[Candidate]:
    """Return whose names or class begin with each of the words typed, in the order of names."""
    words = fold(typed).split()
    if not words:
        return []
    found = [pk for pk, member in file.members.items() if _bears(member, words)]
    return _candidates(line, found[:MOST_FOUND], file, actor)


def person_of_file(uuid: str, file: File, actor: Actor) -> Person | None:
    """Return the person of a posted form, None for anybody who is not in the list of the file."""
    try:
        asked = UUID(uuid)
    except ValueError:
        return None
    person = visible_persons(actor, Act.PRONOTE).filter(uuid=asked).first()
    return person if person is not None and person.pk in file.members else None


def _bears(member: Member, words: Sequence[str]) -> bool:
    borne = fold(" ".join((member.family_name, member.given_name, *member.class_names))).split()
    return all(any(own.startswith(word) for own in borne) for word in words)


def _candidates(line: DryRunLine, ids: Sequence[int], file: File, actor: Actor) -> list[Candidate]:
    people = visible_persons(actor, Act.PRONOTE).in_bulk(list(ids))
    return [
        _candidate(line, people[pk], file.members[pk], file.pupils) for pk in ids if pk in people
    ]


def _candidate(
    line: DryRunLine, person: Person, member: Member, pupils: Mapping[int, Member]
) -> Candidate:
    children = tuple(
        f"{pupils[pk].given_name} {pupils[pk].family_name}"
        for pk in member.children_ids
        if pk in pupils
    )
    return Candidate(person, member.class_names, children, tuple(_common(line, member, children)))


def _common(line: DryRunLine, member: Member, children: Sequence[str]) -> list[str]:
    """Return in words what the line and the member share."""
    words = set(fold(line.name).split())
    shared = []
    if words.issuperset(fold(member.family_name).split()):
        shared.append("même nom")
    if words.issuperset(fold(member.given_name).split()):
        shared.append("même prénom")
    if line.birth_date is not None and line.birth_date == member.birth_date:
        shared.append("même date de naissance")
    if line.class_name and fold(line.class_name) in {fold(name) for name in member.class_names}:
        shared.append("même classe")
    relatives = set(fold(line.relatives).split())
    if any(relatives.issuperset(fold(child).split()) for child in children):
        shared.append("même élève")
    return shared
