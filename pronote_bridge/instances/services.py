"""Instances made, changed and withdrawn, each with its service in one act."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from directory.models import School
from ent.audit.services import record
from ent.pages.names import calm_name
from pronote_bridge.instances.addresses import read_pronote_address, why_unusual
from pronote_bridge.instances.models import Instance, InstanceSchool
from pronote_bridge.instances.parting import forget_parted
from pronote_bridge.instances.perms import (
    can_allow_addresses,
    manageable_instances,
    schools_of,
)
from pronote_bridge.instances.takeover import candidates_for, carry_over, sources_of
from pronote_bridge.journal import PronoteAct
from sso.catalogue.addresses import Address
from sso.catalogue.governed import close_governed, govern, register_governed
from sso.catalogue.locking import ActorAndOrigin, actor_now
from sso.catalogue.presets import PRESETS
from sso.enums import AttributeSource, LogoutMode
from sso.models import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceSettings:
    """What one may change about an instance without changing whom it serves."""

    name: str
    address: Address
    includes: list[str]
    extras: list[str]
    is_sign_out_notified: bool = False


@transaction.atomic
def create_instance(
    *, settings: InstanceSettings, schools: Sequence[School], takes_over: Service | None,
    by: ActorAndOrigin,
) -> Instance:  # fmt: skip
    """Make the instance of these schools (the first is the key school) with its service.

    *takes_over*: one of `candidates_for`, which keeps its identifiers; None registers a new one.
    """
    held = _lock(schools, by)
    _refuse_served(held)
    allowed_by = _allowed_by(settings.address, by)
    _check_candidate(takes_over, held, instance=None)
    sources = sources_of(held, into=takes_over)
    service = _service_for(settings, held, takes_over, by)
    instance = Instance.objects.create(
        name=settings.name,
        address=settings.address.text,
        service=service,
        key_school=held[0],
        includes=settings.includes,
        extras=settings.extras,
        is_sign_out_notified=settings.is_sign_out_notified,
        allowed_by=allowed_by,
        created_by=by.actor.uuid,
    )
    InstanceSchool.objects.bulk_create(
        InstanceSchool(instance=instance, school=school) for school in held
    )
    carry_over(held, into=service, sources=sources)
    _note(PronoteAct.INSTANCE_CREATED, instance, by, schools=len(held))
    return instance


@transaction.atomic
def change_instance(
    *, instance: Instance, settings: InstanceSettings, by: ActorAndOrigin
) -> Instance:
    """Write the settings; service and identifiers stay, wherever Pronote moves to."""
    held = _held(instance, by)
    if settings.address.text != held.address:
        held.allowed_by = _allowed_by(settings.address, by)
    wanted: dict[str, Any] = {
        "name": settings.name,
        "address": settings.address.text,
        "includes": settings.includes,
        "extras": settings.extras,
        "is_sign_out_notified": settings.is_sign_out_notified,
    }
    changed = [name for name, value in wanted.items() if getattr(held, name) != value]
    for name in changed:
        setattr(held, name, wanted[name])
    held.save()
    _service_for(settings, held.schools, held.service, by)
    if changed:
        _note(PronoteAct.INSTANCE_CHANGED, held, by, fields=",".join(changed))
    return held


@transaction.atomic
def change_schools(
    *, instance: Instance, schools: Sequence[School], takes_over: Service, by: ActorAndOrigin
) -> Instance:
    """Let schools join or leave; *takes_over* is the service by which everybody is known then.

    A school that joins leaves its own instance, which is withdrawn when it served nobody else.
    """
    held = _held(instance, by)
    before = held.schools
    wanted = _lock(schools, by)
    _check_candidate(takes_over, wanted, instance=held)
    sources = sources_of(wanted, into=takes_over)
    # One that never had an instance stays open in the catalogue, at its own address.
    replaced = [one for one in sources if one.pronote_instances.exists()]
    _leave([school for school in before if school not in wanted], held, by)
    joining = [school for school in wanted if school not in before]
    for other in Instance.objects.current().serving(joining).exclude(pk=held.pk):
        _part(_held(other, by), joining, by)
    held.service, held.key_school = takes_over, wanted[0]
    held.save(update_fields=["service", "key_school"])
    InstanceSchool.objects.bulk_create(
        InstanceSchool(instance=held, school=school) for school in joining
    )
    _close_unused(replaced, by)
    _service_for(_settings_of(held), wanted, takes_over, by)
    moved = carry_over(wanted, into=takes_over, sources=sources)
    _note(PronoteAct.SCHOOLS_CHANGED, held, by, schools=len(wanted), count=moved)
    return held


@transaction.atomic
def withdraw_instance(*, instance: Instance, by: ActorAndOrigin) -> Instance:
    """Close the instance and its service: nobody enters, nothing is deleted, identifiers wait."""
    held = _held(instance, by)
    _end(held)
    close_governed(service=held.service, by=by)
    _note(PronoteAct.INSTANCE_WITHDRAWN, held, by)
    return held


def _held(instance: Instance, by: ActorAndOrigin) -> Instance:
    """Lock the instance; the right on every school of it is read again (T-F4)."""
    found = manageable_instances(actor_now(by)).select_for_update(of=("self",))
    held = found.filter(pk=instance.pk).first()
    if held is None:
        raise PermissionDenied("not an instance of theirs")
    return held


def _lock(schools: Sequence[School], by: ActorAndOrigin) -> list[School]:
    """Lock the schools, in the order in which they were chosen; each must be the actor's."""
    if not schools:
        raise ValidationError("Choisissez au moins un établissement.")
    allowed = schools_of(actor_now(by)).filter(pk__in=[school.pk for school in schools])
    held = {school.pk: school for school in allowed.order_by("pk").select_for_update()}
    if any(school.pk not in held for school in schools):
        raise PermissionDenied("not a school of theirs")
    return [held[school.pk] for school in schools]


def _refuse_served(schools: Sequence[School]) -> None:
    served = InstanceSchool.objects.current().filter(school__in=schools)
    first = served.select_related("school", "instance").first()
    if first is not None:
        raise ValidationError(
            f"«\u00a0{calm_name(first.school.name)}\u00a0» a déjà une instance de Pronote,"
            f" «\u00a0{first.instance.name}\u00a0»\u00a0: modifiez-la, ou retirez-la d’abord."
        )


def _allowed_by(address: Address, by: ActorAndOrigin) -> UUID | None:
    """Return who allows an unusual address, None for a usual one; refuse it to everybody else."""
    reasons = why_unusual(address)
    if not reasons:
        return None
    if not can_allow_addresses(actor_now(by)):
        raise ValidationError(
            f"Un administrateur ENT doit permettre cette adresse\u00a0: {', '.join(reasons)}."
            " Demandez-lui de créer ou de modifier l’instance."
        )
    return by.actor.uuid


def _check_candidate(
    service: Service | None, schools: Sequence[School], *, instance: Instance | None
) -> None:
    allowed = [one.service.pk for one in candidates_for(schools, instance=instance)]
    if instance is not None:
        allowed.append(instance.service_id)
    if service is not None and service.pk not in allowed:
        raise ValidationError("Ce service n’est pas l’un de ceux de ces établissements.")


def _service_for(
    settings: InstanceSettings, schools: list[School], service: Service | None, by: ActorAndOrigin
) -> Service:
    """Register the service, or make the chosen one that of these schools and this address."""
    values: dict[str, Any] = {
        "logout_mode": LogoutMode.BACK_CHANNEL if settings.is_sign_out_notified else LogoutMode.NONE
    }
    if service is None:
        preset = PRESETS["pronote"]
        return register_governed(
            preset=preset,
            schools=schools,
            address=settings.address,
            values={**values, "name": preset.name, "description": preset.words},
            by=by,
        )
    values["user_attribute"] = AttributeSource.OPAQUE_ID
    return govern(service=service, schools=schools, address=settings.address, values=values, by=by)


def _settings_of(instance: Instance) -> InstanceSettings:
    return InstanceSettings(
        name=instance.name,
        address=read_pronote_address(instance.address),
        includes=instance.includes,
        extras=instance.extras,
        is_sign_out_notified=instance.is_sign_out_notified,
    )


def _leave(schools: Sequence[School], instance: Instance, by: ActorAndOrigin) -> None:
    """End memberships; whoever administers the others then reads nothing of these schools."""
    rows = InstanceSchool.objects.current().filter(instance=instance, school__in=schools)
    if rows.update(left_at=timezone.now()):
        forget_parted(instance, by)


def _part(instance: Instance, schools: Sequence[School], by: ActorAndOrigin) -> None:
    """Take schools out of an instance that they leave for another one."""
    rest = [school for school in instance.schools if school not in schools]
    if not rest:
        _end(instance)
        _note(PronoteAct.INSTANCE_WITHDRAWN, instance, by)
        return
    _leave(schools, instance, by)
    if instance.key_school not in rest:
        instance.key_school = rest[0]
        instance.save(update_fields=["key_school"])
    _service_for(_settings_of(instance), rest, instance.service, by)
    _note(PronoteAct.SCHOOLS_CHANGED, instance, by, schools=len(rest))


def _end(instance: Instance) -> None:
    now = timezone.now()
    instance.memberships.filter(left_at__isnull=True).update(left_at=now)
    Instance.objects.filter(pk=instance.pk).update(withdrawn_at=now)
    instance.withdrawn_at = now


def _close_unused(services: Iterable[Service], by: ActorAndOrigin) -> None:
    for service in services:
        if not Instance.objects.current().filter(service=service).exists():
            close_governed(service=service, by=by, gives_up_addresses=True)


def _note(act: PronoteAct, instance: Instance, by: ActorAndOrigin, **details: object) -> None:
    record(
        act=act,
        actor=by.actor.uuid,
        school_uai=instance.key_school.uai,
        authority_code=instance.key_school.authority.code,
        origin=by.origin,
        details={"instance": instance.uuid, "service": instance.service.uuid, **details},
    )
