"""The school that the address of a page names."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from directory.models.schools import School


def school_or_404(schools: QuerySet[School], uai: str) -> School:
    """Return the one of *schools* that bears this UAI, in either case; 404 for any other."""
    return get_object_or_404(schools, uai=uai.upper())
