"""How often services are opened, by day and profile: no names (R-G2, statistics)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from sso.catalogue.models import Service
from sso.tickets.models import Ticket
from sso.usage.models import ServiceUsage

#: A year and a day: last year's same day can still be compared.
KEPT_DAYS: Final = 366


@dataclass(frozen=True, slots=True, order=True)
class Visits:
    """Visits of one day by one profile ("" where it is not known)."""

    day: date
    profile: str
    count: int


def visits_of(service: Service, *, since: date) -> list[Visits]:
    """Return the visits from a day on: what the purge counted, and the tickets not yet purged."""
    found: Counter[tuple[date, str]] = Counter()
    kept = ServiceUsage.objects.filter(service=service, day__gte=since)
    for day, profile, visits in kept.values_list("day", "profile", "visits"):
        found[day, profile] += visits
    living = (
        Ticket.objects.filter(service=service, consumed_at__date__gte=since)
        .annotate(day=TruncDate("consumed_at"))
        .values_list("day", "profile")
        .annotate(count=Count("hash"))
        .order_by()
    )
    for day, profile, count in living:
        found[day, profile] += count
    return sorted(Visits(day, profile, count) for (day, profile), count in found.items())


def forget_old_usage() -> int:
    """Delete the figures of more than twelve months; return how many rows."""
    oldest = timezone.localdate() - timedelta(days=KEPT_DAYS)
    deleted, _ = ServiceUsage.objects.filter(day__lt=oldest).delete()
    return deleted
