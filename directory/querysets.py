"""Reads of the directory: scopes, search, and roles in force."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ent.folding import fold


_SHORT_WORDS = {"st": "saint", "ste": "sainte", "clg": "college", "lyc": "lycee"}


class SchoolQuerySet(models.QuerySet["School"]):
    """Schools, as screens ask for them."""

    def active(self) -> SchoolQuerySet:
        """Schools that have a page and people on the portal."""
        return self.filter(is_active=True)

    def matching(self, typed: str) -> SchoolQuerySet:
        """Schools whose name, town, postal code or UAI hold every word typed (R-A5).

        Accents, case, hyphens and order do not matter; « St » finds « Saint ». The text holds
        about nine hundred rows at most: no index is needed.
        """
        found = self.order_by("name", "uai")
        for word in fold(typed).split():
            either = Q(search_key__contains=word)
            if word in _SHORT_WORDS:
                either |= Q(search_key__contains=_SHORT_WORDS[word])
            found = found.filter(either)
        return found


class PersonQuerySet(models.QuerySet["Person"]):
    """Persons, always through the asking person's scope on screens."""

    def in_schools(self, schools: Iterable[Any]) -> PersonQuerySet:
        """Persons affiliated to one of *schools*, each once."""
        affiliations = apps.get_model("directory", "Affiliation")
        return self.filter(
            pk__in=affiliations._default_manager.filter(school__in=schools).values("person")
        )


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    """Roles; only those in force give rights."""

    def in_force(self) -> RoleGrantQuerySet:
        """Neither withdrawn nor past their last day (Europe/Paris)."""
        today = timezone.localdate()
        return self.filter(withdrawn_at__isnull=True).filter(
            Q(expires_on__isnull=True) | Q(expires_on__gte=today)
        )
