"""Who keeps the vendor's side: whoever chooses the key can read every school's file."""

from __future__ import annotations

from directory.rights.actors import Actor
from directory.rights.acts import Act


def can_keep_vendor(actor: Actor) -> bool:
    """ENT administrators of the whole portal only."""
    return actor.has_whole_portal(Act.PORTAL_SETTINGS)
