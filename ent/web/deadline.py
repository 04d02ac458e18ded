"""A talk with another server that ends when we say, whatever the server does.

Timeouts of HTTP libraries bound each read, not their sum, and nothing bounds a name lookup. The
talk therefore runs in a thread of its own, which the caller leaves at the deadline; its sockets are
then shut, so that a server that drips one byte at a time does not keep the thread either.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

_T = TypeVar("_T")


class Sockets:
    """What a talk has open. Duplicates are kept: TLS takes the descriptor of a socket away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[socket.socket] = []
        self._is_over = False

    def keep(self, opened: socket.socket) -> None:
        """Shut this socket too when the talk is over, or now when it is."""
        with self._lock:
            self._kept.append(opened.dup())
        if self._is_over:
            self.shut()

    def shut(self) -> None:
        """End every connection, from whatever thread."""
        self._is_over = True
        with self._lock:
            while self._kept:
                with suppress(OSError), self._kept.pop() as kept:
                    kept.shutdown(socket.SHUT_RDWR)


def recording(kind: type[Any], sockets: Sockets) -> type[Any]:
    """Return the urllib3 connection class, keeping the sockets that it opens."""

    class Recorded(kind):  # type: ignore[misc]
        def _new_conn(self) -> socket.socket:
            opened: socket.socket = super()._new_conn()
            sockets.keep(opened)
            return opened

    return Recorded


def run_within(
    seconds: float,
    talk: Callable[[], _T],
    *,
    sockets: Sockets,
    release: Callable[[], None] = lambda: None,
) -> _T:
    """Return what the talk returns, raise what it raises, or `TimeoutError` at the deadline.

    *release* is called when the talk really is over, which may be after the caller left.
    """
    results: list[_T] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(talk())
        except Exception as error:
            errors.append(error)
        finally:
            sockets.shut()
            release()

    thread = threading.Thread(target=run, name="talk", daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        sockets.shut()
        raise TimeoutError("the deadline of the talk has passed")
    return results[0]
