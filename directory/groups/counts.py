"""Figures of classes, counted by SQL."""

from __future__ import annotations

from django.db.models import Count, Q

from directory.enums import AccessState, GroupKind, MembershipRole
from directory.models.groups import Group
from directory.models.schools import School


def classes_of(school: School) -> list[Group]:
    """Classes of a school with ``pupil_count`` and ``active_count``; one statement."""
    pupils = Q(memberships__role=MembershipRole.PUPIL, memberships__person__left_at__isnull=True)
    return list(
        Group.objects.filter(school=school, kind=GroupKind.CLASS, is_present=True)
        .annotate(
            pupil_count=Count("memberships__person", filter=pupils, distinct=True),
            active_count=Count(
                "memberships__person",
                filter=pupils & Q(memberships__person__access_state=AccessState.ACTIVE),
                distinct=True,
            ),
        )
        .order_by("sort_key", "code", "pk")
    )


def has_classes_without_teachers(school: School) -> bool:
    """Are there classes of the first degree, whose teachers no feed says?"""
    return Group.objects.filter(school=school, is_present=True).exclude(feed_id="").exists()
