"""Doors as administrators set them."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from accounts.doors.base import journal
from accounts.doors.base.forms import DoorForm
from accounts.doors.base.models import Door, DoorHealth
from ent.audit.origin import Origin


@transaction.atomic
def save_door(*, form: DoorForm, kind: str, actor: UUID, origin: Origin) -> Door:
    """Write a new or changed door and its server; the journal names the fields only."""
    door = form.instance
    door.kind = kind
    door.full_clean()
    door.save()
    if form.save_server(door):
        DoorHealth.objects.filter(door=door).delete()  # other settings, other health
    journal.door_changed(door, fields=form.changed_data, actor=actor, origin=origin)
    return door
