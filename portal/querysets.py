"""Reads of the portal: news that shows now, texts in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import timezone

from directory.models import School
from portal.enums import NewsAudience, NewsState

if TYPE_CHECKING:
    from portal.models import LegalText, NewsItem  # noqa: F401


class NewsQuerySet(models.QuerySet["NewsItem"]):
    """News, as readers see it."""

    def showing(self) -> NewsQuerySet:
        """Published, begun and not over: scheduling needs no job, only a clock."""
        now = timezone.now()
        return self.filter(state=NewsState.PUBLISHED, shows_from__lte=now).filter(
            Q(shows_until__isnull=True) | Q(shows_until__gt=now)
        )

    def public_of(self, school: School | None) -> NewsQuerySet:
        """What everybody may read on the page of *school* (``None``: the portal's home)."""
        return self.showing().filter(audience=NewsAudience.PUBLIC, school=school)

    def for_people_of(self, school: School | None) -> NewsQuerySet:
        """What somebody connected reads: the school's news and the portal's, whatever audience."""
        return self.showing().filter(Q(school=school) | Q(school__isnull=True))


class LegalTextQuerySet(models.QuerySet["LegalText"]):
    """Versions of the portal's texts."""

    def in_force(self, kind: str) -> LegalText | None:
        """The newest version of *kind*, or nothing: then the default text holds."""
        return self.filter(kind=kind).order_by("-version").first()
