"""How many sign-ins may be under way, and how many passwords hashed at once, on this machine.

A hash costs 19 ms of a core and 19 MiB; without a bound a few hundred posts a second would take
every core and every thread from the people who are signed in (T-A10). The places are lock files:
they hold across processes, and a process that dies gives its place back.

- a *place* is taken for the whole sign-in. When none is left a few may wait in front, each holding
  a web process but no transaction; for all others the answer is 503 at once, so that processes
  stay free for the other pages;
- a *hash slot* is taken around one hash; whoever has a place waits for it.

Waiting costs nothing: who gives a place or a slot back rings a bell, a pipe that exists for those
who wait. Looking every other millisecond instead took a tenth of the machine at the hour when
everybody signs in.
"""

from __future__ import annotations

import fcntl
import os
import random
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

RETRY_AFTER_SECONDS = 2
LONGEST_WAIT_SECONDS = 5.0
LOOK_AGAIN_MILLISECONDS = 50
"""Even while the bell is silent: a process that is killed gives its lock back without ringing."""
_PLACE = "place"
_HASH = "hash"


class TooBusyError(Exception):
    """More sign-ins at once than this machine serves; the same request will pass in a moment."""


def hash_slot_count() -> int:
    """Return how many hashes may run at once: one a core by default."""
    return int(settings.SIGN_IN_HASH_SLOTS)


def place_count() -> int:
    """Return how many sign-ins may be under way at once."""
    return int(settings.SIGN_IN_PLACES)


def waiting_count() -> int:
    """Return how many sign-ins more may wait for a place at once."""
    return int(settings.SIGN_IN_WAITING)


@contextmanager
def sign_in_place() -> Iterator[None]:
    """Hold one place; wait for it if few do, raise `TooBusyError` at once if they are too many."""
    descriptor = try_lock(_PLACE, place_count())
    if descriptor is None:
        descriptor = _wait_in_front()
    try:
        yield
    finally:
        os.close(descriptor)
        _ring(_PLACE)


@contextmanager
def hash_slot() -> Iterator[None]:
    """Hold one hash slot; wait for it, `TooBusyError` after five seconds."""
    descriptor = try_lock(_HASH, hash_slot_count())
    if descriptor is None:
        descriptor = wait_for(_HASH, hash_slot_count())
    try:
        yield
    finally:
        os.close(descriptor)
        _ring(_HASH)


def _wait_in_front() -> int:
    waiting = try_lock("waiting", waiting_count())
    if waiting is None:
        raise TooBusyError
    try:
        return wait_for(_PLACE, place_count())
    finally:
        os.close(waiting)


def wait_for(kind: str, count: int) -> int:
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    with suppress(FileExistsError):
        os.mkfifo(_bell(kind), 0o600)
    # As a writer, too: a pipe whose last writer left says so at once, for ever.
    bell = os.open(_bell(kind), os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        bells = select.poll()
        bells.register(bell, select.POLLIN)
        # Looked at again first: one may have been given back before anybody heard the bell.
        while (descriptor := try_lock(kind, count)) is None:
            if time.monotonic() > deadline:
                raise TooBusyError
            if bells.poll(LOOK_AGAIN_MILLISECONDS):
                with suppress(BlockingIOError):  # another one heard it, too, and was quicker
                    os.read(bell, 1)
    finally:
        os.close(bell)
    return descriptor


def _ring(kind: str) -> None:
    """Wake those who wait: one reads the byte. A bell that nobody holds cannot be written to."""
    with suppress(OSError):
        bell = os.open(_bell(kind), os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            os.write(bell, b"!")
        finally:
            os.close(bell)


def try_lock(kind: str, count: int) -> int | None:
    """Return the descriptor of one locked file of *count*, None when all are held.

    Closing it gives the place back; so does the end of the process.
    """
    folder = _folder()
    first = random.randrange(max(count, 1))  # noqa: S311 - spreads the tries, hides nothing
    for offset in range(count):
        path = f"{folder}/{kind}-{(first + offset) % count}"
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            Path(folder).mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        return descriptor
    return None


def _folder() -> str:
    return f"{settings.VAR_DIR}/gate"


def _bell(kind: str) -> str:
    return f"{_folder()}/bell-{kind}"
