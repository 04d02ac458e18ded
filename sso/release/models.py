"""The opaque identifier of a person in one service (R-G3, 4-pronote 1.4)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from directory.models import Person
from sso.catalogue.models import Service


class ServiceIdentifier(models.Model):
    """What one service knows somebody by: random, unique, stored, derived from nothing.

    One row is current per (person, service); a former one (of an account that was merged into
    this one) stays, is never shown again and is never given to anybody else.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="service_identifiers")
    service = models.ForeignKey(Service, models.CASCADE, related_name="identifiers")
    value = models.CharField("identifiant opaque", max_length=64)
    is_current = models.BooleanField("en usage", default=True)
    created_at = models.DateTimeField("créé le", auto_now_add=True)
    replaced_at = models.DateTimeField("remplacé le", null=True, blank=True)

    class Meta:
        verbose_name = "identifiant opaque"
        verbose_name_plural = "identifiants opaques"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["value"], name="service_identifier_unique"),
            models.UniqueConstraint(
                fields=["person", "service"],
                condition=Q(is_current=True),
                name="service_identifier_current",
            ),
            models.CheckConstraint(
                condition=Q(is_current=True, replaced_at__isnull=True)
                | Q(is_current=False, replaced_at__isnull=False),
                name="service_identifier_history",
            ),
        ]

    def __str__(self) -> str:
        return f"identifiant opaque {self.pk}"
