"""One request to another server, with a total deadline: nothing it does holds us longer.

`requests` bounds each read, not their sum, and nothing bounds a name lookup. The request therefore
runs in a thread of its own, which the caller leaves at the deadline; the connection is then shut,
so that a server that drips one byte at a time does not keep the thread either.

No redirect is followed, no proxy nor password is taken from the environment, and the body is cut
at 64 KiB.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NameResolutionError

from accounts.doors.base import DoorError
from accounts.doors.xml import LONGEST_BYTES
from accounts.enums import DoorFault

_CONNECT_SECONDS = 2.0


class _RecordingAdapter(HTTPAdapter):
    """Keeps the connections that it opened, so that they can be shut from outside."""

    def __init__(self, opened: list[Any]) -> None:
        self._opened = opened
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """A pool whose connections are recorded as soon as they exist."""
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        base, opened = pool.ConnectionCls, self._opened

        class Recorded(base):  # type: ignore[misc, valid-type]
            def connect(self) -> None:
                opened.append(self)
                super().connect()

        pool.ConnectionCls = Recorded
        return pool


class BoundedSession(requests.Session):
    """The session that a CAS client fetches with: one `get`, one answer or `DoorError`.

    *release* is called when the request really is over, which may be after the caller left.
    """

    def __init__(self, *, deadline_seconds: float, release: Callable[[], None]) -> None:
        super().__init__()
        self.trust_env = False
        self.verify = settings.DOORS_CA_FILE or True
        self._deadline_seconds = deadline_seconds
        self._release = release
        self._opened: list[Any] = []
        for scheme in ("http://", "https://"):
            self.mount(scheme, _RecordingAdapter(self._opened))

    def get(self, url: str | bytes, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """Fetch within the deadline; every failure is a `DoorError`."""
        until = time.monotonic() + self._deadline_seconds
        outcome: list[requests.Response | BaseException] = []
        params = kwargs.get("params")

        def run() -> None:
            try:
                outcome.append(self._fetch(url, params, until))
            except Exception as error:
                outcome.append(error)
            finally:
                self._release()

        thread = threading.Thread(target=run, name="door", daemon=True)
        thread.start()
        thread.join(max(until - time.monotonic(), 0.1))
        if not outcome:
            self._shut()
            raise DoorError(DoorFault.HANG)
        if isinstance(outcome[0], BaseException):
            raise _door_error(outcome[0]) from None
        return _checked(outcome[0])

    def _fetch(self, url: str | bytes, params: Any, until: float) -> requests.Response:
        response = super().get(
            url,
            params=params,
            timeout=(min(_CONNECT_SECONDS, self._deadline_seconds), self._deadline_seconds),
            allow_redirects=False,
            stream=True,
            headers={"Accept": "application/xml, text/xml, text/plain", "Connection": "close"},
        )
        try:
            response._content = b"".join(_capped(response, until))  # noqa: SLF001
        finally:
            response.close()
        return response

    def _shut(self) -> None:
        for connection in self._opened:
            with suppress(OSError, AttributeError):
                connection.sock.shutdown(socket.SHUT_RDWR)


def _capped(response: requests.Response, until: float) -> Iterator[bytes]:
    size = 0
    for chunk in response.iter_content(8192):
        size += len(chunk)
        if size > LONGEST_BYTES:
            raise DoorError(DoorFault.NOT_CAS, detail="réponse trop longue")
        if time.monotonic() > until:
            raise DoorError(DoorFault.HANG)
        yield chunk


def _checked(response: requests.Response) -> requests.Response:
    """Only a plain 200 may hold an answer."""
    status = response.status_code
    if 300 <= status < 400:
        raise DoorError(DoorFault.MOVED)
    if status >= 500:
        raise DoorError(DoorFault.BROKEN, detail=f"code {status}")
    if status != 200:
        raise DoorError(DoorFault.NOT_CAS, detail=f"code {status}")
    return response


def _door_error(error: BaseException) -> DoorError:
    """Return what went wrong, as one of our words; the original may quote the ticket."""
    if isinstance(error, DoorError):
        return error
    causes = list(_causes(error))
    if any(isinstance(cause, NameResolutionError | socket.gaierror) for cause in causes):
        return DoorError(DoorFault.DNS)
    if any(isinstance(cause, ssl.SSLError | requests.exceptions.SSLError) for cause in causes):
        return DoorError(DoorFault.TLS)
    if any(isinstance(cause, TimeoutError | requests.exceptions.Timeout) for cause in causes):
        return DoorError(DoorFault.HANG)
    if any(isinstance(cause, OSError) for cause in causes):
        return DoorError(DoorFault.REFUSED)
    return DoorError(DoorFault.NOT_CAS)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything that it wraps, arguments and `reason` included."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
