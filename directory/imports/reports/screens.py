"""A delivery's counters and anomalies as the pages show them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from directory.enums import AnomalySeverity, Category, DeliveryMode, DeliveryState
from directory.imports.vocabulary import COUNTED_CHANGES
from directory.models.deliveries import Anomaly, Delivery
from directory.models.schools import Authority
from directory.rights.actors import Actor
from directory.rights.walls import readable_persons
from ent.database.ordering import folded
from ent.jobs.models import Job

MOST_SCHOOLS = 200
EXAMPLES = 3
_ORDER = {AnomalySeverity.REJECTED: 0, AnomalySeverity.WARNING: 1, AnomalySeverity.INFO: 2}
_TONES = {AnomalySeverity.REJECTED: "bad", AnomalySeverity.WARNING: "warn",
          AnomalySeverity.INFO: "neutral"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table of people: a category or a school."""

    label: str
    uai: str
    created: int
    changed: int
    moved: int
    leaving: int
    unchanged: int
    reason: str


def _line(label: str, counts: dict[str, Any], *, uai: str = "", reason: str = "") -> Line:
    numbers = {change.value: int(counts.get(change.value, 0)) for change in COUNTED_CHANGES}
    return Line(label=label, uai=uai, reason=reason, **numbers)


def report_of(delivery: Delivery) -> dict[str, Any]:
    """Figures, people by category, schools (those that lose most first), the guard's reasons."""
    counters = delivery.counters
    if "created" not in counters:
        return {}
    guard = delivery.guard
    reasons = {s["uai"]: s["reason"] for s in guard.get("schools", [])}
    categories = [
        _line(str(category.label), counters["by_category"][category.value])
        for category in (Category.PUPIL, Category.GUARDIAN, Category.STAFF)
        if category.value in counters.get("by_category", {})
    ]
    schools = [
        _line(s["name"], s, uai=s["uai"], reason=reasons.get(s["uai"], ""))
        for s in counters.get("schools", [])
    ]
    schools.sort(key=lambda line: (not line.reason, -line.leaving, -line.moved, line.label))
    return {
        "figures": [
            ("Nouveaux", counters["created"]),
            ("Modifiés", counters["changed"]),
            ("Changent d’établissement", counters["moved"]),
            ("En départ", counters["leaving"], "warn" if counters["leaving"] else "neutral"),
            ("Inchangés", counters["unchanged"]),
        ],
        "categories": categories,
        "schools": schools[:MOST_SCHOOLS],
        "more_schools": max(0, len(schools) - MOST_SCHOOLS),
        "roles_ended": counters.get("roles_ended", 0),
        "accounts": counters.get("accounts_wanted", 0),
        "guard": guard,
        "reasons": guard.get("reasons", []),
    }


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Who said that the held departures are wanted, and when."""

    name: str
    when: datetime.datetime | None


def confirmation_of(delivery: Delivery, job: Job | None, *, reader: Actor) -> Confirmation | None:
    """The confirmation of the departures, if there was one.

    A name that *reader* may not see stays unsaid. The application was asked by the same click:
    its job says when.
    """
    is_going = delivery.state in (DeliveryState.APPLYING, DeliveryState.APPLIED)
    if not is_going or not delivery.guard.get("reasons"):
        return None
    asker = delivery.confirmed_by or delivery.started_by
    person = readable_persons(reader).filter(uuid=asker).first() if asker else None
    return Confirmation(
        name=person.full_name if person is not None else "",
        when=job.created_at if job is not None else delivery.applied_at,
    )


@dataclass(frozen=True, slots=True)
class AnomalyGroup:
    """Anomalies of one kind, with a few examples."""

    severity: str
    tone: str
    count: int
    message: str
    examples: list[Anomaly]


def anomaly_groups(delivery: Delivery) -> list[AnomalyGroup]:
    """Kinds of anomalies, worst first: two queries, whatever their number."""
    found = (
        delivery.anomalies.order_by()
        .values("severity", "code")
        .annotate(count=Count("id"), first=Min("id"))
    )
    rows = sorted(found, key=lambda row: (_ORDER[AnomalySeverity(row["severity"])], row["code"]))
    firsts = Anomaly.objects.in_bulk([row["first"] for row in rows])
    return [
        AnomalyGroup(
            severity=AnomalySeverity(row["severity"]).label,
            tone=_TONES[AnomalySeverity(row["severity"])],
            count=row["count"],
            message=firsts[row["first"]].message,
            examples=[firsts[row["first"]]],
        )
        for row in rows
    ]


def anomaly_rows(delivery: Delivery) -> list[tuple[str, ...]]:
    """All the anomalies as texts for a spreadsheet."""
    return [
        (
            a.get_severity_display(),
            a.file,
            str(a.line or ""),
            a.object_id,
            a.school_uai,
            a.message,
            a.code,
        )
        for a in delivery.anomalies.order_by("id").iterator(chunk_size=5000)
    ]


def freshness(authorities: QuerySet[Authority]) -> list[dict[str, Any]]:
    """For each authority that has ever delivered: the age of its last complete set, in days.

    The age is that of the files where their names say it, not of the day when they were applied.
    """
    is_applied = Q(deliveries__state=DeliveryState.APPLIED, deliveries__mode=DeliveryMode.COMPLETE)
    dated = authorities.annotate(
        last=Max("deliveries__applied_at", filter=is_applied),
        files_of=Subquery(
            Delivery.objects.filter(
                authority=OuterRef("pk"),
                state=DeliveryState.APPLIED,
                mode=DeliveryMode.COMPLETE,
            )
            .order_by("-applied_at")
            .values("generated_on")[:1]
        ),
    ).filter(last__isnull=False)
    today = timezone.localdate()
    found = []
    for authority in dated.order_by(folded("name"), "id"):
        day = authority.files_of or timezone.localtime(authority.last).date()
        age = max((today - day).days, 0)
        found.append({"authority": authority, "last": authority.last, "day": day, "days": age})
    return found
