"""Opening an instance to machines, and the secrets by which they come."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from ent.audit.services import record
from pronote_bridge.instances.models import Instance
from pronote_bridge.instances.perms import manageable_instances
from pronote_bridge.journal import PronoteAct
from pronote_bridge.machines.models import MachineAccess, MachineSecret
from pronote_bridge.machines.secrets import hash_of, new_secret, public_key_of
from sso.catalogue.locking import ActorAndOrigin, actor_now

SLOTS = (1, 2)


def machine_access_of(instance: Instance) -> MachineAccess:
    """Return the access of an instance, closed until somebody opens it."""
    return MachineAccess.objects.filter(instance=instance).first() or MachineAccess(
        instance=instance
    )


@transaction.atomic
def change_access(
    *, instance: Instance, is_open: bool, networks: Iterable[str], by: ActorAndOrigin
) -> MachineAccess:
    """Open or close the address for machines, and say from which networks they may come."""
    held = _held(instance, by)
    access, _ = MachineAccess.objects.get_or_create(instance=held)
    access.is_open, access.networks = is_open, list(networks)
    access.save(update_fields=["is_open", "networks"])
    _note(PronoteAct.MACHINE_CHANGED, held, by, state="open" if is_open else "closed")
    return access


@transaction.atomic
def create_secret(*, instance: Instance, by: ActorAndOrigin) -> str:
    """Make a secret and return it, the only time that anybody sees it.

    Two may live at once, so that one replaces the other without an interruption.
    """
    held = _held(instance, by)
    taken = set(MachineSecret.objects.alive().filter(instance=held).values_list("slot", flat=True))
    free = [slot for slot in SLOTS if slot not in taken]
    if not free:
        raise ValidationError(
            "Deux secrets servent déjà\u00a0: retirez celui qui ne sert plus, puis recommencez."
        )
    secret = new_secret()
    made = MachineSecret.objects.create(
        instance=held,
        slot=free[0],
        secret_hash=hash_of(secret),
        public_key=public_key_of(secret),
        created_by=by.actor.uuid,
    )
    _note(PronoteAct.SECRET_CREATED, held, by, secret=made.uuid)
    return secret


@transaction.atomic
def withdraw_secret(*, secret: MachineSecret, by: ActorAndOrigin) -> None:
    """Close one secret at once; what was sealed to it opens no more."""
    held = _held(secret.instance, by)
    if MachineSecret.objects.alive().filter(pk=secret.pk).update(withdrawn_at=timezone.now()):
        secret.file_keys.all().delete()
        _note(PronoteAct.SECRET_WITHDRAWN, held, by, secret=secret.uuid)


def _held(instance: Instance, by: ActorAndOrigin) -> Instance:
    found = manageable_instances(actor_now(by)).select_for_update(of=("self",))
    held = found.filter(pk=instance.pk).first()
    if held is None:
        raise PermissionDenied("not an instance of theirs")
    return held


def _note(act: PronoteAct, instance: Instance, by: ActorAndOrigin, **details: object) -> None:
    record(
        act=act,
        actor=by.actor.uuid,
        school_uai=instance.key_school.uai,
        authority_code=instance.key_school.authority.code,
        origin=by.origin,
        details={"instance": instance.uuid, **details},
    )
