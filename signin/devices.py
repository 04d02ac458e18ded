"""Known devices: a browser that signed in to a principal before (T-A6).

The signed cookie names principals by their opaque id, each with a random device id. It opens
nothing; it only decides under which count a try goes. It lasts a year, and one browser remembers
the eight principals that used it last.
"""

from __future__ import annotations

import secrets
import uuid

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from ent.sealing.keys import KeyRole, role_keys
from signin.realms import current_realm

COOKIE_NAME = "preau_appareil"
MAX_AGE_SECONDS = 365 * 24 * 3600
_REMEMBERED = 8
_LONGEST = 2048


def known_devices(request: HttpRequest) -> dict[str, str]:
    """Return principal → device id of a cookie that we signed, nothing of any other."""
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


def remember_device(request: HttpRequest, response: HttpResponse, *, principal: uuid.UUID) -> None:
    """Put the principal first among those that this browser signed in to."""
    devices = known_devices(request)
    device_id = devices.pop(principal.hex, None) or secrets.token_urlsafe(12)
    kept = {principal.hex: device_id, **dict(list(devices.items())[: _REMEMBERED - 1])}
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
    """A signer with the role's own keys, former ones included, for this process's realm only."""
    current, *others = [key.secret.hex() for key in role_keys(KeyRole.DEVICE_COOKIE)]
    former: list[str | bytes] = [*others]
    return signing.TimestampSigner(
        key=current, fallback_keys=former, salt=f"signin.devices.{current_realm().value}"
    )
