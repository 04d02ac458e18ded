"""What the exchange with Pronote forgets of erased persons (T-M6), set-wise."""

from __future__ import annotations

from collections.abc import Sequence

from pronote_bridge.exports.models import ExportedPerson


def erase(person_ids: Sequence[int]) -> None:
    """Delete who was in which export; counts and history stay."""
    ExportedPerson.objects.filter(person__in=person_ids).delete()
