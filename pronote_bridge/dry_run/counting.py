"""How many lines wait for a hand, and how many got one: the numbers that pairs change."""

from __future__ import annotations

from typing import Final

from django.db.models import Count, Q

from pronote_bridge.dry_run.enums import Outcome
from pronote_bridge.dry_run.models import DryRun, DryRunLine

_WAITING: Final = (Outcome.UNMATCHED, Outcome.AMBIGUOUS, Outcome.HOMONYM)


def waiting_numbers(dry_run: DryRun) -> dict[int, dict[str, int]]:
    """Return, by list, the lines of each outcome that wait, and those paired by hand (`main`)."""
    rows = (
        DryRunLine.objects.of_run(dry_run)
        .order_by()
        .values_list("source", "outcome")
        .annotate(
            waiting=Count("pk", filter=Q(pairing__isnull=True)),
            by_hand=Count("pk", filter=Q(pairing__isnull=False)),
        )
    )
    found: dict[int, dict[str, int]] = {}
    for source, outcome, waiting, by_hand in rows:
        numbers = found.setdefault(source, {"main": 0} | dict.fromkeys(_WAITING, 0))
        numbers["main"] += by_hand
        if outcome in _WAITING:
            numbers[outcome] = waiting
    return found
