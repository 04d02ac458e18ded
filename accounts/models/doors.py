"""Doors (« guichets ») of the mire, as data."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.enums import Audience, DoorKind
from directory.models import Authority


class DoorQuerySet(models.QuerySet["Door"]):
    """Doors, as the mire asks for them."""

    def serving(self, audience: Audience) -> DoorQuerySet:
        """The doors of one of the mire's four answers, with their authorities and servers."""
        return self.filter(audiences__contains=[audience.value]).select_related("authority", "cas")


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

    @property
    def has_server(self) -> bool:
        """Does it lead to a server whose address is known? Sign-outs need no open door."""
        return self.kind != DoorKind.LOCAL and hasattr(self, "cas")

    @property
    def leads_elsewhere(self) -> bool:
        """Is sign-in done by a server whose address is known, and is the door open?"""
        return self.is_open and self.has_server

    @property
    def audience_labels(self) -> list[str]:
        """« Enseignant », « Personnel non enseignant »: whom the door serves."""
        return [str(Audience(audience).label) for audience in self.audiences]

    @property
    def is_missing_server(self) -> bool:
        """Is it a door elsewhere whose address nobody has given?"""
        return self.kind != DoorKind.LOCAL and not self.has_server

    @property
    def is_resting(self) -> bool:
        """Did the server fail so often that it is left alone for a moment?"""
        health = getattr(self, "health", None)
        until = health.closed_until if health is not None else None
        return until is not None and until > timezone.now()

    @property
    def has_helpdesk(self) -> bool:
        """Does the door's authority say whom to ask?"""
        authority = self.authority
        return authority is not None and bool(authority.helpdesk_email or authority.helpdesk_phone)

    @property
    def portal_name(self) -> str:
        """« le portail de l’académie de Reims », as the pages call the other side."""
        return f"le portail {self.label}"

    @property
    def way_words(self) -> str:
        """« mot de passe de l’ENT », « portail de l’académie de Reims »: by what one came in."""
        return "mot de passe de l’ENT" if self.kind == DoorKind.LOCAL else f"portail {self.label}"

    @property
    def continue_words(self) -> str:
        """« Continuer vers l’académie de Reims »: what the button of an academic door says."""
        for start, words in (("de l’", "l’"), ("de la ", "la "), ("des ", "les "), ("du ", "le ")):
            if self.label.startswith(start):
                return f"Continuer vers {words}{self.label[len(start) :]}"
        return "Continuer vers le portail"
