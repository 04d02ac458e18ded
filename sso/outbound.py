"""The only way out of single sign-on: short, to a registered address, and no further.

Two seconds to connect, three to answer, five in all however slowly the answer drips; no redirect
followed, no body read, no proxy of the environment. Whoever calls has checked that the address is
registered (T-E6, T-E11). A school's service is not found on this machine, even by a name of its own
that leads here: the address is looked at once connected, before anything is said.
"""

from __future__ import annotations

import socket
from functools import partial
from typing import Any
from urllib.parse import urlencode

import urllib3
from urllib3.connectionpool import connection_from_url

from ent.web.deadline import Sockets, recording, run_within
from sso.catalogue.addresses import is_ours, read_address

CONNECT_SECONDS = 2.0
READ_SECONDS = 3.0
TOTAL_SECONDS = 5.0

_HEADERS = {"User-Agent": "Preau-CAS", "Connection": "close"}


class _OutOfBounds(OSError):
    """The name of a school's service leads to this machine."""


def get_status(address: str) -> int:
    """GET the address and return the status of the answer, 0 when there was none."""
    return _ask("GET", address, None, {}, is_schools=False)


def post_form(address: str, fields: dict[str, str], *, is_schools: bool) -> int:
    """POST the fields, form-encoded; return the status of the answer, 0 when there was none.

    *is_schools*: the address was registered by a school, not by the portal.
    """
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return _ask("POST", address, urlencode(fields), kind, is_schools=is_schools)


def _ask(
    verb: str, address: str, body: str | None, headers: dict[str, str], *, is_schools: bool
) -> int:
    sockets = Sockets()
    # An address of this machine that stands there in figures was registered by the portal itself.
    looks_at_peer = is_schools and not is_ours(read_address(address).host)
    pool = connection_from_url(
        address.partition("#")[0],
        maxsize=1,
        retries=False,
        timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        headers={**_HEADERS, **headers},
    )
    kind: Any = recording(pool.ConnectionCls, sockets)
    pool.ConnectionCls = _abroad(kind) if looks_at_peer else kind
    try:
        return run_within(
            TOTAL_SECONDS, partial(_status, pool, verb, address, body), sockets=sockets
        )
    except (urllib3.exceptions.HTTPError, OSError, ValueError):
        return 0


def _status(pool: urllib3.HTTPConnectionPool, verb: str, address: str, body: str | None) -> int:
    target = urllib3.util.parse_url(address.partition("#")[0]).request_uri
    response = pool.urlopen(verb, target, body=body, redirect=False, preload_content=False)
    status = response.status
    response.close()
    pool.close()
    return int(status)


def _abroad(kind: type[Any]) -> type[Any]:
    """Return the connection class, refusing a peer that is this machine."""

    class Abroad(kind):  # type: ignore[misc]
        def _new_conn(self) -> socket.socket:
            opened: socket.socket = super()._new_conn()
            if is_ours(str(opened.getpeername()[0])):
                opened.close()
                raise _OutOfBounds
            return opened

    return Abroad
