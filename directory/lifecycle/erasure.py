"""Erasing persons (« Supprimé », R-D5; T-M6): every room forgets its own part, in one transaction.

A room registers its part in its `AppConfig.ready`; higher ranks come later:

    register_eraser("sso", 20, erase)

An eraser takes the primary keys of all the persons at once. What hangs on a person's row by cascade
needs none. The persons' rows go last, so that every eraser still finds them.

`directory.lifecycle.erasing` calls it in the night for whoever left three months ago.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from directory.models.persons import Person
from ent.audit.services import forget_identities

Eraser = Callable[[Sequence[int]], None]

#: Ranks of the room itself: after every other.
JOURNAL_RANK = 90
PERSONS_RANK = 100


@dataclass(frozen=True, slots=True)
class _Registered:
    rank: int
    room: str
    erase: Eraser


erasers: list[_Registered] = []


def register_eraser(room: str, rank: int, eraser: Eraser) -> None:
    """Let *room* forget erased persons; a rank is given once."""
    if any(known.rank == rank for known in erasers):
        raise ValueError(f"two erasers of rank {rank}")
    erasers.append(_Registered(rank, room, eraser))
    erasers.sort(key=lambda known: known.rank)


def registered_rooms() -> list[str]:
    """Return the rooms in the order in which they forget."""
    return [known.room for known in erasers]


@transaction.atomic
def erase_persons(person_ids: Iterable[int]) -> int:
    """Erase these persons everywhere, or nobody when one room fails; return how many.

    Rows are locked in the order of their keys, so that two erasures of overlapping sets wait for
    each other and never deadlock.
    """
    asked = Person.objects.filter(pk__in=list(person_ids)).order_by("pk")
    persons = list(asked.select_for_update(of=("self",)).values_list("pk", flat=True))
    if persons:
        for known in erasers:
            known.erase(persons)
    return len(persons)


def forget_in_journal(person_ids: Sequence[int]) -> None:
    """Cut the link between the persons and the journal's lines, which stay, pseudonymous."""
    uuids = Person.objects.filter(pk__in=person_ids).values_list("uuid", flat=True)
    forget_identities(person_uuids=list(uuids))


def delete_persons(person_ids: Sequence[int]) -> None:
    """Delete the rows of the persons, with what hangs on them by cascade."""
    Person.objects.filter(pk__in=person_ids).delete()
