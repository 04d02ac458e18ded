"""Figures of authorities, counted by SQL."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, Q

from directory.models.schools import Authority
from ent.database.ordering import folded


def counts_of_authorities() -> list[dict[str, Any]]:
    """Each authority with its open schools and its last applied delivery; one statement."""
    found = Authority.objects.annotate(
        open_schools=Count("schools", filter=Q(schools__is_active=True), distinct=True),
        last_applied_at=Max("deliveries__applied_at"),
    ).order_by(folded("name"), "pk")
    return [
        {
            "authority": authority,
            "schools": authority.open_schools,
            "last_applied_at": authority.last_applied_at,
        }
        for authority in found
    ]
