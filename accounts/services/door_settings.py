"""Doors as administrators set them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from accounts import journal
from accounts.enums import DoorKind
from accounts.models import CasServer, Door, DoorHealth
from ent.audit.origin import Origin


@transaction.atomic
def save_door(
    *,
    door: Door,
    kind: DoorKind,
    server: dict[str, Any],
    changed: list[str],
    actor: UUID,
    origin: Origin,
) -> Door:
    """Write a new or changed door and its server; the journal names the fields only."""
    door.kind = kind
    door.full_clean()
    door.save()
    if server:
        CasServer.objects.update_or_create(door=door, defaults=server)
        DoorHealth.objects.filter(door=door).delete()  # other settings, other health
    journal.door_changed(door, fields=changed, actor=actor, origin=origin)
    return door
