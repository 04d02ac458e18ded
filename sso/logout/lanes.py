"""Many hosts at once, one notice at a time for each: nobody waits behind a dead service (T-E6).

A host that fails twice in a row is left for this time. Services that did not answer lately, and
hosts that just failed, never hold all the places: a quarter of them is kept for the others.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Final

HOSTS_AT_ONCE: Final = 64
_UNWELL_AT_ONCE: Final = 48
_FAILURES_BEFORE_PAUSE: Final = 2
_MOST_WAITING: Final = 200
#: A slow host with many sessions counts for so many: others are claimed until more hosts wait than
#: are sent to at once.
_MOST_COUNTED_OF_A_LANE: Final = _MOST_WAITING // HOSTS_AT_ONCE


@dataclass(frozen=True, slots=True)
class Notice:
    """One claimed notice; *is_unwell*: its service still owes an answer to another one."""

    id: int
    service_id: int
    address: str
    session_index: str
    tries: int
    is_unwell: bool = False


@dataclass(frozen=True, slots=True)
class LogoutTarget:
    """Where the notices of one host go; *is_schools*: a school registered the address."""

    origin: str
    is_schools: bool


@dataclass(frozen=True, slots=True)
class SendResult:
    """How one try ended: a status, 0 for no answer, -1 for an address not registered any more."""

    notice: Notice
    status: int

    @property
    def is_done(self) -> bool:
        """Any answer below 400 will do: several clients redirect after their own sign-out."""
        return 200 <= self.status < 400


@dataclass(slots=True)
class _Lane:
    """The notices of one host, in order, each with the moment until which it may be sent."""

    target: LogoutTarget
    waiting: deque[tuple[Notice, float]] = field(default_factory=deque)
    failures: int = 0
    is_busy: bool = False

    @property
    def is_unwell(self) -> bool:
        return self.failures > 0 or (bool(self.waiting) and self.waiting[0][0].is_unwell)


class Lanes:
    """The hosts that are being told, and what waits for each."""

    def __init__(self, threads: Executor, send: Callable[[LogoutTarget, Notice], int]) -> None:
        """*send* runs in a thread: it makes no statement."""
        self._threads = threads
        self._send = send
        self._lanes: dict[LogoutTarget, _Lane] = {}
        self._running: dict[Future[int], tuple[_Lane, Notice]] = {}
        self._late: list[Notice] = []

    @property
    def is_empty(self) -> bool:
        """Is nothing under way and nothing waiting?"""
        return not self._lanes

    @property
    def has_room(self) -> bool:
        """May more be claimed?"""
        counted = (min(len(lane.waiting), _MOST_COUNTED_OF_A_LANE) for lane in self._lanes.values())
        return sum(counted) < _MOST_WAITING

    def add(self, notices: Iterable[tuple[LogoutTarget, Notice]], *, until: float) -> None:
        """Let these notices wait for their hosts, until that moment of `time.monotonic` at most."""
        for target, notice in notices:
            lane = self._lanes.setdefault(target, _Lane(target))
            lane.waiting.append((notice, until))

    def collect(self, *, seconds: float) -> list[SendResult]:
        """Send for that long at most, and return what has ended."""
        until = time.monotonic() + seconds
        results: list[SendResult] = []
        while self._start():
            left = max(until - time.monotonic(), 0)
            done, _ = wait(self._running, timeout=left, return_when=FIRST_COMPLETED)
            for future in done:
                results += self._finish(future)
            if not done or not left:
                break
        return results

    def take_late(self) -> list[Notice]:
        """Return those whose time was over before their turn came: nobody tried them."""
        late, self._late = self._late, []
        return late

    def _start(self) -> bool:
        """Send the first notice of each host that is free, the well before the unwell."""
        free = [lane for lane in self._lanes.values() if not lane.is_busy]
        for lane in sorted(free, key=lambda lane: lane.is_unwell):
            most = _UNWELL_AT_ONCE if lane.is_unwell else HOSTS_AT_ONCE
            if len(self._running) < most:
                self._send_first(lane)
        return bool(self._running)

    def _send_first(self, lane: _Lane) -> None:
        while lane.waiting:
            notice, until = lane.waiting.popleft()
            if time.monotonic() > until:
                self._late.append(notice)
                continue
            future = self._threads.submit(self._send, lane.target, notice)
            self._running[future] = (lane, notice)
            lane.is_busy = True
            return
        del self._lanes[lane.target]

    def _finish(self, future: Future[int]) -> list[SendResult]:
        """Note how a try ended; after two failures the rest of the host has failed, too."""
        lane, notice = self._running.pop(future)
        lane.is_busy = False
        results = [SendResult(notice, future.result())]
        lane.failures = 0 if results[0].is_done else lane.failures + 1
        if lane.failures >= _FAILURES_BEFORE_PAUSE:
            results += [SendResult(other, 0) for other, _ in lane.waiting]
            lane.waiting.clear()
        if not lane.waiting:
            del self._lanes[lane.target]
        return results
