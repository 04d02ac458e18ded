"""The ledger of deliveries: the row of a run, what was applied before it, and its refusal."""

from __future__ import annotations

import datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from directory.imports.aaf.errors import DeliveryRefused
from directory.imports.aaf.packages import shown_name
from directory.imports.enums import DeliveryMode, DeliveryState
from directory.imports.models import Delivery
from directory.models import Authority
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
    applied = Delivery.objects.filter(
        authority=delivery.authority, degree=delivery.degree, state=DeliveryState.APPLIED
    )
    if delivery.scope:
        applied = applied.filter(scope__in=["", delivery.scope])
    newest: datetime.date | None = applied.aggregate(newest=Max("generated_on"))["newest"]
    return newest


def _last_applied(delivery: Delivery) -> Delivery | None:
    return (
        Delivery.objects.filter(
            authority=delivery.authority,
            degree=delivery.degree,
            scope=delivery.scope,
            state=DeliveryState.APPLIED,
        )
        .order_by("-applied_at", "-id")
        .first()
    )


def covered_before(delivery: Delivery) -> list[str]:
    last = _last_applied(delivery)
    return list(last.covered) if last is not None else []


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
