"""The broker without Redis: each message is a file in a folder, and appears there whole.

kombu's own transport opens a message under its final name and writes it then. A worker that lists
the folder in between takes an empty file, cannot read it, and ends: with both sides busy, two or
three messages of a hundred. The tables of the exchanges are made in the same way.

kombu's own makes a worker wait in a thread, and the worker's children then share one queue: each
waits for its turn to read behind a lock, and a child that is killed while it holds that lock takes
it along. Nobody reads any more, and nobody says so. This transport is read from the worker's event
loop, as Redis is, so that every child has a queue of its own, which goes with it.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """kombu's channel, of which nobody sees a half-written file."""

    def _put(  # type: ignore[override]  # as kombu's own filesystem names them
        self, queue: str, payload: Any, **kwargs: Any
    ) -> None:
        """Write the message under a name that no queue has, then give it its own.

        Raises :class:`OSError` when the folder cannot be written.
        """
        name = f"{time.time_ns()}_{uuid4()}.{queue}.msg"
        draft = Path(self.data_folder_out) / f".{name}"
        draft.write_text(dumps(payload), encoding="utf-8")
        draft.rename(draft.with_name(name))

    def get_table(self, exchange: str) -> list[Any]:
        """The queues bound to an exchange."""
        with self._turn():
            table: list[Any] = super().get_table(exchange)
            return table

    def _queue_bind(self, *args: Any) -> None:
        with self._turn():
            super()._queue_bind(*args)

    def _delete(self, *args: Any, **kwargs: Any) -> None:
        with self._turn():
            super()._delete(*args, **kwargs)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One process at a time among the tables."""
        self.control_folder.mkdir(parents=True, exist_ok=True)
        opened = os.open(self.control_folder, os.O_RDONLY)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX)
            yield
        finally:
            os.close(opened)


class Transport(filesystem.Transport):
    """What ``CELERY_BROKER_TRANSPORT`` names."""

    Channel = Channel
    implements = filesystem.Transport.implements.extend(asynchronous=True)

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        """Have the folder looked at as often as `polling_interval` says."""
        loop.call_repeatedly(self.polling_interval, self._take_what_waits)

    def _take_what_waits(self) -> None:
        """Give the worker every message that it has room for."""
        assert self.cycle is not None  # noqa: S101
        with suppress(Empty):
            while True:
                self.cycle.get(self._deliver)
