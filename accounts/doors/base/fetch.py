"""One request to another server, with a total deadline: nothing it does holds us longer.

No redirect is followed, no proxy nor password is taken from the environment, and the body is cut
at 64 KiB.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NameResolutionError

from accounts.doors.base.protocol import DoorError
from accounts.enums import DoorFault
from ent.web.deadline import Sockets, recording, run_within
from ent.web.small_xml import LONGEST_BYTES

_CONNECT_SECONDS = 2.0


class _RecordingAdapter(HTTPAdapter):
    """Keeps the sockets that it opened, so that they can be shut from outside."""

    def __init__(self, sockets: Sockets) -> None:
        self._sockets = sockets
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """A pool whose connections' sockets are kept as soon as they exist."""
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = recording(pool.ConnectionCls, self._sockets)
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
        self._sockets = Sockets()
        for scheme in ("http://", "https://"):
            self.mount(scheme, _RecordingAdapter(self._sockets))

    def get(self, url: str | bytes, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """Fetch within the deadline; every failure is a `DoorError`."""
        until = time.monotonic() + self._deadline_seconds
        try:
            response = run_within(
                self._deadline_seconds,
                partial(self._fetch, url, kwargs.get("params"), until),
                sockets=self._sockets,
                release=self._release,
            )
        except Exception as error:
            raise _door_error(error) from None
        return _checked(response)

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
