"""The ledger of deliveries: the row of a run, what was applied before it, and its refusal."""

from __future__ import annotations

import datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from directory.enums import DeliveryMode, DeliveryState
from directory.imports.layouts.aaf.common.packages import shown_name
from directory.imports.layouts.errors import DeliveryRefused
from directory.models.deliveries import Delivery
from directory.models.schools import Authority
from ent.audit.enums import Act, Outcome
from ent.audit.services import record as record_event


def begin(
    authority: Authority,
    delivery: Delivery | None,
    paths: list[Path],
    actor: UUID | None,
    *,
    preview: bool,
) -> Delivery:
    """Under the lock: close what dead runs left open, and open the row of this one."""
    stuck = Delivery.objects.filter(
        authority=authority, state__in=[DeliveryState.PREVIEWING, DeliveryState.APPLYING]
    )
    if delivery is None:
        stuck.update(state=DeliveryState.ABANDONED)
        return Delivery.objects.create(
            authority=authority,
            mode=DeliveryMode.COMPLETE,
            state=DeliveryState.PREVIEWING,
            label=", ".join(shown_name(path.name) for path in paths)[:200],
            started_by=actor,
        )
    stuck.exclude(pk=delivery.pk).update(state=DeliveryState.ABANDONED)
    delivery.state = DeliveryState.PREVIEWING if preview else DeliveryState.APPLYING
    delivery.refusal = ""
    delivery.save(update_fields=["state", "refusal"])
    return delivery


def newest_applied(delivery: Delivery) -> datetime.date | None:
    """Date of the newest applied delivery about the same schools.

    A school's own delivery is older than the academy's or than its own last one; one of the whole
    academy is older than any.
    """
    applied = _applied(delivery)
    if delivery.scope:
        applied = applied.filter(scope__in=["", delivery.scope])
    newest: datetime.date | None = applied.aggregate(newest=Max("generated_on"))["newest"]
    return newest


def _applied(delivery: Delivery) -> QuerySet[Delivery]:
    """What was applied of the same feed; of a delivery without project, nothing tells it apart."""
    return Delivery.objects.filter(
        authority=delivery.authority,
        degree=delivery.degree,
        state=DeliveryState.APPLIED,
        project__in={"", delivery.project},
    )


def covered_before(delivery: Delivery) -> list[str]:
    """The schools of the last complete set, and of the deltas since; nothing for a delta."""
    if delivery.mode == DeliveryMode.DELTA:
        return []
    applied = _applied(delivery).filter(scope=delivery.scope).order_by("applied_at", "id")
    last = applied.filter(mode=DeliveryMode.COMPLETE).last()
    if last is None:
        return []
    since = applied.filter(mode=DeliveryMode.DELTA, applied_at__gt=last.applied_at)
    covered = set(last.covered).union(*since.values_list("covered", flat=True))
    return sorted(covered)


def refuse_replay(delivery: Delivery) -> None:
    """A delta that was applied, and others since: applied again it would bring old values back.

    The same content of another day is another delta: on two quiet days nothing but the same list of
    structures comes.
    """
    if delivery.mode != DeliveryMode.DELTA:
        return
    applied = _applied(delivery).exclude(pk=delivery.pk).order_by("applied_at", "id")
    deltas = applied.filter(mode=DeliveryMode.DELTA, generated_on=delivery.generated_on)
    same = deltas.filter(checksum=delivery.checksum).last()
    last = applied.last()
    if same is not None and last is not None and same.pk != last.pk:
        raise DeliveryRefused(
            "already_applied",
            f"cet envoi différentiel a déjà été appliqué le {_day(same.applied_at)}, et d’autres "
            "depuis : rien n’est changé.",
        )


def _day(moment: datetime.datetime | None) -> str:
    return f"{timezone.localtime(moment):%d/%m/%Y}" if moment is not None else ""


def write_refusal(delivery: Delivery, refusal: DeliveryRefused, actor: UUID | None) -> None:
    with transaction.atomic():
        delivery.state = DeliveryState.REFUSED
        delivery.refusal = str(refusal)[:2000]
        delivery.counters = {"refusal_code": refusal.code}
        delivery.save()
        record_event(
            act=Act.IMPORT_REFUSED,
            actor=actor,
            authority_code=delivery.authority.code,
            outcome=Outcome.REFUSED,
            details={"delivery": str(delivery.uuid), "reason": refusal.code},
        )
