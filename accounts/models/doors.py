"""Doors (« guichets ») of the mire, as data."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.enums import Audience, DoorKind
from directory.models import Authority


class DoorQuerySet(models.QuerySet["Door"]):
    """Doors, as the mire asks for them."""

    def serving(self, audience: Audience) -> DoorQuerySet:
        """The doors of one of the mire's four answers, with their authorities."""
        return self.filter(audiences__contains=[audience.value]).select_related("authority")


class Door(models.Model):
    """One way in: of an authority, for one or more audiences, of one kind."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField("code", max_length=60)
    authority = models.ForeignKey(
        Authority, models.PROTECT, null=True, blank=True, related_name="doors"
    )
    label = models.CharField(
        "libellé", max_length=120, help_text="Par exemple « de l’académie de Nancy-Metz »."
    )
    kind = models.CharField("nature", max_length=10, choices=DoorKind.choices)
    audiences = ArrayField(
        models.CharField(max_length=16, choices=Audience.choices), verbose_name="publics"
    )
    position = models.PositiveSmallIntegerField("ordre", default=100)
    is_open = models.BooleanField("ouvert", default=True)

    objects = DoorQuerySet.as_manager()

    class Meta:
        verbose_name = "guichet"
        ordering = ["position", "label", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                name="door_code_unique",
                violation_error_message="Ce code désigne déjà un guichet.",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def asks_for_password(self) -> bool:
        """Is there a password to type here, or is sign-in done elsewhere?"""
        return self.kind == DoorKind.LOCAL and self.is_open
