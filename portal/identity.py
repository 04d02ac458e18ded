"""The portal's own identity, read often and changed rarely: kept for a few seconds per process."""

from __future__ import annotations

from django.core.cache import cache

from portal.conformity import accessibility_mention
from portal.models import PortalSettings

KEPT_SECONDS = 30
_KEY = "portal-settings"


def portal_settings() -> PortalSettings:
    """The settings of the portal, at most ``KEPT_SECONDS`` old."""
    known = cache.get(_KEY)
    if isinstance(known, PortalSettings):
        return known
    current = PortalSettings.current()
    current.logo_uuid = current.logo.uuid if current.logo else None  # type: ignore[attr-defined]
    current.accessibility = accessibility_mention()  # type: ignore[attr-defined]
    cache.set(_KEY, current, KEPT_SECONDS)
    return current


def forget_portal_settings() -> None:
    """Read them again at the next page (this process; the others follow within seconds)."""
    cache.delete(_KEY)
