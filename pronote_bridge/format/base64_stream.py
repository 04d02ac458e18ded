"""Base64 as a stream: three bytes are four letters, so one or two bytes wait for the next."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any


class Base64Stream:
    """Takes bytes in pieces of any size; `close` writes the rest with its padding."""

    def __init__(self, write: Callable[[bytes], Any]) -> None:
        self._write = write
        self._waiting = b""

    def write(self, data: bytes) -> None:
        """Write all whole groups of three bytes."""
        data = self._waiting + data
        whole = len(data) // 3 * 3
        self._waiting = data[whole:]
        if whole:
            self._write(base64.b64encode(data[:whole]))

    def close(self) -> None:
        """Write what waits."""
        if self._waiting:
            self._write(base64.b64encode(self._waiting))
        self._waiting = b""
