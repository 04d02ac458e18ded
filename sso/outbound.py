"""The only way out of single sign-on: short, to a registered address, and no further.

Two seconds to connect, three to answer, no redirect followed, no body read, no proxy of the
environment. Whoever calls has checked that the address is registered (T-E6, T-E11).
"""

from __future__ import annotations

from urllib.parse import urlencode

import urllib3

CONNECT_SECONDS = 2.0
READ_SECONDS = 3.0
_POOL_SIZE = 32

_pool = urllib3.PoolManager(
    num_pools=_POOL_SIZE,
    maxsize=4,
    retries=False,
    timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
    headers={"User-Agent": "Preau-CAS", "Connection": "close"},
)


def get_status(address: str) -> int:
    """GET the address and return the status of the answer, 0 when there was none."""
    return _ask("GET", address, None, {})


def post_form(address: str, fields: dict[str, str]) -> int:
    """POST the fields, form-encoded; return the status of the answer, 0 when there was none."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return _ask("POST", address, urlencode(fields), kind)


def _ask(verb: str, address: str, body: str | None, headers: dict[str, str]) -> int:
    try:
        response = _pool.request(
            verb,
            address.partition("#")[0],
            body=body,
            headers={**_pool.headers, **headers},
            redirect=False,
            preload_content=False,
        )
    except (urllib3.exceptions.HTTPError, OSError, ValueError):
        return 0
    status = response.status
    response.close()
    return int(status)
