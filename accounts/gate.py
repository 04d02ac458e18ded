"""How many sign-ins may be under way, and how many passwords hashed at once, on this machine.

A hash costs 19 ms of a core and 19 MiB; without a bound a few hundred posts a second would take
every core and every thread from the people who are signed in (T-A10). The places are lock files:
they hold across processes, and a process that dies gives its place back.

- a *place* is taken for the whole sign-in; when none is left the answer is 503 at once, before any
  statement and without waiting, so that threads stay free for the other pages;
- a *hash slot* is taken around one hash; whoever has a place waits for it.
"""

from __future__ import annotations

import fcntl
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

RETRY_AFTER_SECONDS = 2
_PAUSE_SECONDS = 0.002
_LONGEST_WAIT_SECONDS = 5.0


class TooBusyError(Exception):
    """More sign-ins at once than this machine serves; the same request will pass in a moment."""


def hash_slot_count() -> int:
    """Return how many hashes may run at once: one a core by default."""
    return int(settings.SIGN_IN_HASH_SLOTS)


def place_count() -> int:
    """Return how many sign-ins may be under way at once."""
    return int(settings.SIGN_IN_PLACES)


@contextmanager
def sign_in_place() -> Iterator[None]:
    """Hold one place, or raise `TooBusyError` at once."""
    descriptor = try_lock("place", place_count())
    if descriptor is None:
        raise TooBusyError
    try:
        yield
    finally:
        os.close(descriptor)


@contextmanager
def hash_slot() -> Iterator[None]:
    """Hold one hash slot; wait for it, `TooBusyError` after five seconds."""
    deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
    while (descriptor := try_lock("hash", hash_slot_count())) is None:
        if time.monotonic() > deadline:
            raise TooBusyError
        time.sleep(_PAUSE_SECONDS)
    try:
        yield
    finally:
        os.close(descriptor)


def try_lock(kind: str, count: int) -> int | None:
    """Return the descriptor of one locked file of *count*, None when all are held.

    Closing it gives the place back; so does the end of the process.
    """
    folder = Path(settings.VAR_DIR) / "gate"
    first = random.randrange(count)  # noqa: S311 - spreads the tries, hides nothing
    for offset in range(count):
        path = folder / f"{kind}-{(first + offset) % count}"
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        return descriptor
    return None
