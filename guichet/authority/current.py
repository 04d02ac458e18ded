"""The guichet that this process serves: asked by each request, kept for a moment."""

from __future__ import annotations

import time

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from guichet.authority.models import Guichet

_kept: dict[str, tuple[float, Guichet]] = {}


def current_guichet() -> Guichet:
    """Return the guichet of the authority named by `GUICHET_AUTHORITY`, with its authority."""
    code = str(settings.GUICHET_AUTHORITY)
    read_at, guichet = _kept.get(code, (0.0, None))
    if guichet is not None and time.monotonic() - read_at < settings.GUICHET_KEPT_SECONDS:
        return guichet
    found = Guichet.objects.select_related("authority").filter(authority__code=code).first()
    if found is None:
        raise ImproperlyConfigured(f"GUICHET_AUTHORITY names {code!r}, which has no guichet")
    _kept[code] = (time.monotonic(), found)
    return found


def forget_guichet() -> None:
    """Read it again at the next request."""
    _kept.clear()
