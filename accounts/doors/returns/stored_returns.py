"""Returns that are posted from another site, and therefore arrive without our cookies.

A browser sends no `SameSite=Lax` cookie with a form that another site posts (SAML's POST binding,
OIDC's `form_post`). The return is kept for two minutes, and a page of ours goes on by a GET, which
is same-site and has the cookies, with a random token in the address. The token proves nothing: the
return still has to meet the departure of this browser.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.utils import timezone

from accounts.doors.base.models import Door
from accounts.doors.base.protocol import DoorError, Return
from accounts.doors.returns.models import StoredReturn
from accounts.enums import DoorFault
from ent.sealing.hashing import keyed_hash
from ent.sealing.keys import KeyRole
from ent.web.client_address import address_group

LIFETIME = timedelta(minutes=2)
MOST_OF_ONE_SOURCE = 200
"""A school behind one address has a few dozen under way at eight o'clock."""
MOST_OF_ALL = 20_000
"""What the table may hold: about 200 MB at the longest answers that a protocol takes."""


def store_return(door: Door, returned: Return, *, address: str) -> str:
    """Keep a return and return its token.

    `DoorError` when too many wait that came from the same group of addresses: one stranger who
    posts without end keeps nobody else out.
    """
    now = timezone.now()
    purge_returns()
    source = keyed_hash(KeyRole.THROTTLE_HASH, f"return:{address_group(address)}".encode())
    is_crowded = StoredReturn.objects.filter(source_hash=source).count() >= MOST_OF_ONE_SOURCE
    if is_crowded or StoredReturn.objects.count() >= MOST_OF_ALL:
        raise DoorError(DoorFault.BUSY)
    token = secrets.token_urlsafe(16)
    StoredReturn.objects.create(
        token_hash=_hash(token),
        door=door,
        nonce=returned.nonce,
        answer=returned.answer,
        values=dict(returned.values),
        source_hash=source,
        stored_at=now,
    )
    return token


def find_return(door: Door, token: str) -> Return | None:
    """Return what was stored under this token; None when it was used or is too old."""
    stored = StoredReturn.objects.filter(
        token_hash=_hash(token), door=door, stored_at__gt=timezone.now() - LIFETIME
    ).first()
    if stored is None:
        return None
    return Return(values=stored.values, nonce=stored.nonce, answer=stored.answer)


def use_return(token: str) -> None:
    """Forget a return that was read."""
    StoredReturn.objects.filter(token_hash=_hash(token)).delete()


def purge_returns() -> None:
    """Forget the returns that nobody went on with."""
    StoredReturn.objects.filter(stored_at__lte=timezone.now() - LIFETIME).delete()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
