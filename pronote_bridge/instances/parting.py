"""What other folders forget when schools leave an instance: whoever stays no longer reads them.

A folder registers its part in `PronoteBridgeConfig.ready`; instances name none of them. Each part
is told of the instance once the memberships have ended, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable

from pronote_bridge.instances.models import Instance
from sso.catalogue.locking import ActorAndOrigin

Forgetter = Callable[[Instance, ActorAndOrigin], None]

_forgetters: list[Forgetter] = []


def register_forgetter(forgetter: Forgetter) -> None:
    """Let a folder forget what it holds of the schools that have left."""
    if forgetter not in _forgetters:
        _forgetters.append(forgetter)


def forget_parted(instance: Instance, by: ActorAndOrigin) -> None:
    """Tell every folder that schools have left *instance*."""
    for forget in _forgetters:
        forget(instance, by)
