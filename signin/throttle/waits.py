"""A wait in French words."""

from __future__ import annotations

import math


def say_wait(seconds: int) -> str:
    """Return « 45 secondes », « 1 minute », « 15 minutes »: never less than what is left."""
    if seconds < 60:
        return f"{seconds}\u00a0seconde{'s' if seconds > 1 else ''}"
    minutes = math.ceil(seconds / 60)
    return f"{minutes}\u00a0minute{'s' if minutes > 1 else ''}"
