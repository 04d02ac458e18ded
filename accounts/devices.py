"""Known devices: a browser that signed in to an account before (T-A6).

The signed cookie names accounts by their opaque id, each with a random device id; it opens nothing
and only decides under which count a try goes. It lasts a year, and one browser remembers the eight
accounts that used it last.
"""

from __future__ import annotations

import secrets
import uuid

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from ent.sealing.keys import KeyRole, role_keys

COOKIE_NAME = "preau_appareil"
MAX_AGE_SECONDS = 365 * 24 * 3600
_REMEMBERED = 8
_SALT = "accounts.devices"
_LONGEST = 2048


def known_devices(request: HttpRequest) -> dict[str, str]:
    """Return account id → device id of a cookie that we signed, nothing of any other."""
    value = request.COOKIES.get(_cookie_name(), "")
    if not value or len(value) > _LONGEST:
        return {}
    try:
        content = _signer().unsign_object(value, max_age=MAX_AGE_SECONDS)
    except signing.BadSignature:
        return {}
    except (ValueError, TypeError):
        return {}
    return content if isinstance(content, dict) else {}


def device_of(request: HttpRequest, account_uuid: uuid.UUID) -> str:
    """Return this browser's device id for the account, "" when it never signed in to it."""
    return str(known_devices(request).get(account_uuid.hex, ""))


def remember_device(
    request: HttpRequest, response: HttpResponse, *, account_uuid: uuid.UUID
) -> None:
    """Put the account first among those that this browser signed in to."""
    devices = known_devices(request)
    device_id = devices.pop(account_uuid.hex, None) or secrets.token_urlsafe(12)
    kept = {account_uuid.hex: device_id, **dict(list(devices.items())[: _REMEMBERED - 1])}
    response.set_cookie(
        _cookie_name(),
        _signer().sign_object(kept, compress=True),
        max_age=MAX_AGE_SECONDS,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _cookie_name() -> str:
    return f"__Host-{COOKIE_NAME}" if settings.SESSION_COOKIE_SECURE else COOKIE_NAME


def _signer() -> signing.TimestampSigner:
    """A signer with the role's own keys, former ones included."""
    current, *others = [key.secret.hex() for key in role_keys(KeyRole.DEVICE_COOKIE)]
    former: list[str | bytes] = [*others]
    return signing.TimestampSigner(key=current, fallback_keys=former, salt=_SALT)
