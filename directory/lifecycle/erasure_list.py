"""The list of erasures: what a restored backup has to erase again (T-M6).

A file of each worker's machine, outside the database (`ERASURE_LIST`): one line for each person,
« day keyed-hash », the hash of their UUID under a key of the workers. It names nobody: only whoever
holds both a person's row and the key can tell that they stand in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from directory.lifecycle.erasure import erase_persons
from directory.models.persons import Person
from ent.sealing.hashing import keyed_hash, keyed_hashes
from ent.sealing.keys import KeyRole

_BATCH: Final = 200
_READ_AT_ONCE: Final = 5_000
_APPEND: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND


class UnreadableListError(ValueError):
    """A line of the list is not « day hash »; the message names its number."""


def note_erasures(uuids: Iterable[UUID]) -> None:
    """Append these persons to the list, on the disk before the erasure is committed.

    A line whose erasure is rolled back does no harm: that person was due.
    """
    today = timezone.localdate().isoformat()
    lines = "".join(
        f"{today} {keyed_hash(KeyRole.ERASURE_LIST, one.bytes).hex()}\n" for one in uuids
    )
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, _APPEND, 0o600), "a", encoding="ascii") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())


def replay_erasures(path: Path) -> int:
    """Erase again whoever stands in the list and in the database; return how many.

    Raises `UnreadableListError` and erases nobody when a line cannot be read.
    """
    listed = _read(path)
    found = [
        pk
        for pk, uuid in _everybody()
        if not listed.isdisjoint(keyed_hashes(KeyRole.ERASURE_LIST, uuid.bytes))
    ]
    persons = iter(found)
    while batch := list(islice(persons, _BATCH)):
        erase_persons(batch)
    return len(found)


def _everybody() -> Iterator[tuple[int, UUID]]:
    rows = Person.objects.order_by("pk").values_list("pk", "uuid")
    yield from rows.iterator(chunk_size=_READ_AT_ONCE)


def _read(path: Path) -> set[bytes]:
    listed = set()
    with path.open(encoding="ascii", errors="replace") as file:
        for number, line in enumerate(file, start=1):
            try:
                _, digest = line.split()
                listed.add(bytes.fromhex(digest))
            except ValueError:
                raise UnreadableListError(
                    f"{path}, ligne {number} : « jour empreinte » attendu."
                ) from None
    return listed


def _path() -> Path:
    return Path(settings.ERASURE_LIST)
