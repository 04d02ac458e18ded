"""How often services are opened."""

from __future__ import annotations

from django.db import models

from directory.enums import Profile
from sso.catalogue.models import Service


class ServiceUsage(models.Model):
    """How often a service was opened, by day and profile; no names, and nothing that leads to one.

    The purge adds what it deletes; what happened since stands in the tickets themselves: read both
    through `sso.usage.visits.visits_of`.
    """

    service = models.ForeignKey(Service, models.CASCADE, related_name="usage")
    day = models.DateField("jour")
    profile = models.CharField(max_length=16, choices=Profile.choices, blank=True)
    visits = models.PositiveIntegerField("connexions", default=0)

    class Meta:
        verbose_name = "fréquentation"
        ordering = ["day", "profile"]
        constraints = [
            models.UniqueConstraint(fields=["service", "day", "profile"], name="service_usage_once")
        ]

    def __str__(self) -> str:
        return f"fréquentation {self.pk}"
