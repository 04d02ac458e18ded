"""Pairs made by hand: kept for the next dry runs of the instance, journaled, undone."""

from __future__ import annotations

from typing import Final

from django.db import IntegrityError, transaction

from directory.models import Person
from ent.audit.origin import Origin
from ent.audit.services import record
from pronote_bridge.dry_run.journal import DryRunAct
from pronote_bridge.dry_run.models import DryRun, DryRunLine, HandPairing

_TAKEN: Final = "Cette personne est déjà rapprochée, à la main, d’une autre ligne."


class PairingRefused(Exception):
    """The pair cannot be made; its text is a French sentence that says why."""


def pair_by_hand(
    *, line: DryRunLine, person: Person, actor: Person, at: Origin | None = None
) -> HandPairing:
    """Say whom a line is, for this dry run, the others that are open, and the next ones.

    Raises `PairingRefused` when the line or the person has its pair already, or when nothing in the
    line tells it from another one.
    """
    if line.line_key is None:
        raise PairingRefused(
            "Une autre ligne de la liste est exactement la même\u00a0: rien ne permettrait de la "
            "reconnaître la prochaine fois. Rapprochez-la dans Pronote."
        )
    if not line.is_open:
        raise PairingRefused("Cette ligne est déjà rapprochée.")
    source = line.source
    if _is_matched(source.dry_run, source.kind, person):
        raise PairingRefused("Pronote rapprochera lui-même cette personne d’une autre ligne.")
    try:
        with transaction.atomic():
            return _make(line=line, person=person, actor=actor, at=at)
    except IntegrityError:  # of two hands at once, or of another line
        raise PairingRefused(_TAKEN) from None


@transaction.atomic
def undo_pairing(*, pairing: HandPairing, actor: Person, at: Origin | None = None) -> None:
    """Forget a pair made by hand; its lines are again as Pronote leaves them."""
    record(
        act=DryRunAct.UNPAIRED,
        actor=actor.uuid,
        subject=pairing.person.uuid,
        school_uai=pairing.instance.key_school.uai,
        origin=at,
        details={"instance": pairing.instance.uuid, "kind": pairing.kind},
    )
    pairing.delete()


def _make(*, line: DryRunLine, person: Person, actor: Person, at: Origin | None) -> HandPairing:
    source = line.source
    instance = source.dry_run.instance
    pairing = HandPairing.objects.create(
        instance=instance,
        kind=source.kind,
        line_key=bytes(line.line_key or b""),
        line_name=line.name,
        person=person,
        made_by=actor.uuid,
    )
    DryRunLine.objects.filter(
        source__dry_run__in=DryRun.objects.open().filter(instance=instance),
        source__kind=source.kind,
        line_key=bytes(line.line_key or b""),
        person__isnull=True,
    ).update(pairing=pairing)
    record(
        act=DryRunAct.PAIRED,
        actor=actor.uuid,
        subject=person.uuid,
        school_uai=instance.key_school.uai,
        origin=at,
        details={"instance": instance.uuid, "kind": source.kind},
    )
    return pairing


def _is_matched(dry_run: DryRun, kind: str, person: Person) -> bool:
    lines = DryRunLine.objects.of_run(dry_run).filter(source__kind=kind)
    return lines.filter(person=person).exists()
