"""Asking for an export, by a person or by the machine of an instance."""

from __future__ import annotations

import uuid
from typing import Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from directory.enums import Profile
from directory.models import Affiliation, Person
from directory.rights.actors import actor_for
from ent.audit.origin import Origin
from ent.audit.services import record
from ent.jobs.models import Job
from ent.jobs.services import enqueue, retry
from pronote_bridge.enums import EnvelopeKind, ExportScope
from pronote_bridge.exports.models import Export
from pronote_bridge.instances.models import Instance
from pronote_bridge.instances.perms import can_manage
from pronote_bridge.journal import PronoteAct
from pronote_bridge.vendor.services import vendor_partner

MAKE_EXPORT: Final = "pronote_bridge.make_export"
_NO_VENDOR: Final = (
    "La clé publique ou les réglages de l’éditeur manquent\u00a0: demandez à un administrateur ENT"
    " de les compléter. Rien n’a été demandé."
)
_NO_PUPIL: Final = (
    "Aucun élève n’est encore dans cet établissement\u00a0: l’export attend l’alimentation de"
    " l’annuaire. Rien n’a été demandé."
)
_NO_BASE: Final = (
    "Un export des changements part d’un export téléchargé en entier\u00a0: choisissez-en un, ou"
    " faites un export complet."
)


@transaction.atomic
def request_export(
    *, instance: Instance, base: Export | None, envelope: EnvelopeKind, actor: Person, at: Origin
) -> Export:
    """Ask for a file; *base* is the downloaded export from which a differential starts.

    Raises `ValidationError` with a sentence when no file could be made, and then writes nothing.
    """
    if not can_manage(actor_for(actor), instance):
        raise PermissionDenied("not an instance of theirs")
    return _request(instance=instance, base=base, envelope=envelope, asked_by=actor.uuid, at=at)


@transaction.atomic
def request_export_of_machine(*, instance: Instance, kind: str, at: Origin) -> Export:
    """Ask for a full file in the portal's envelope; the caller has checked the secret."""
    envelope = EnvelopeKind(vendor_partner().envelope)
    return _request(
        instance=instance, base=None, envelope=envelope, asked_by=None, at=at, kind=kind
    )


@transaction.atomic
def try_again(*, export: Export, actor: Person, at: Origin) -> Job:
    """Ask again for an export whose job failed; the former job stays as it ended."""
    held = Export.objects.select_for_update(of=("self",)).get(pk=export.pk)
    job = Job.objects.get(uuid=held.job_uuid)
    if not held.has_failed(job):
        return job
    fresh = retry(job=job, actor=actor.uuid)
    held.job_uuid = fresh.uuid
    if held.requested_by is not None:  # what a machine asked for stays the machine's
        held.requested_by = actor.uuid
    held.save(update_fields=["job_uuid", "requested_by"])
    _note(held, at)
    return fresh


def _request(
    *,
    instance: Instance,
    base: Export | None,
    envelope: EnvelopeKind,
    asked_by: uuid.UUID | None,
    at: Origin,
    kind: str = MAKE_EXPORT,
) -> Export:
    _check(instance, base)
    export_uuid = uuid.uuid4()
    job = enqueue(
        kind=kind,
        params={"export": export_uuid},
        actor=asked_by,
        label=f"Export pour Pronote, {instance.key_school.uai}",
        school_uai=instance.key_school.uai,
    )
    export = Export.objects.create(
        uuid=export_uuid,
        instance=instance,
        service=instance.service,
        scope=ExportScope.FULL if base is None else ExportScope.DIFFERENTIAL,
        base=base,
        envelope=envelope,
        requested_by=asked_by,
        job_uuid=job.uuid,
    )
    _note(export, at)
    return export


def _check(instance: Instance, base: Export | None) -> None:
    if not vendor_partner().is_complete:
        raise ValidationError(_NO_VENDOR)
    pupils = Affiliation.objects.filter(school__in=instance.schools, profile=Profile.PUPIL)
    if not pupils.exists():
        raise ValidationError(_NO_PUPIL)
    if base is not None and (base.instance_id != instance.pk or base.downloaded_at is None):
        raise ValidationError(_NO_BASE)


def _note(export: Export, at: Origin) -> None:
    instance = export.instance
    record(
        act=PronoteAct.EXPORT_REQUESTED,
        actor=export.requested_by or instance.uuid,
        school_uai=instance.key_school.uai,
        authority_code=instance.key_school.authority.code,
        origin=at,
        details={"export": export.uuid, "instance": instance.uuid, "scope": export.scope},
    )
