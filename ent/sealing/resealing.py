"""Sealing again under a new key: each room that keeps sealed things registers how.

The kernel knows no room above it, so a room says at start, in its `AppConfig.ready`:
`register_resealer("codes d’activation", reseal_activation_codes)`.
"""

from collections.abc import Callable

Resealer = Callable[[], int]
_resealers: dict[str, Resealer] = {}


def register_resealer(label: str, reseal: Resealer) -> None:
    """Register a function that seals again what is under a former key and returns how many.

    It must be safe to interrupt and to run twice, and it runs in a worker process.
    """
    _resealers[label] = reseal


def resealers() -> dict[str, Resealer]:
    """Return the registered functions by label."""
    return dict(_resealers)
