"""How the CAS server of a door is reached."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.doors.base.models import Door
from accounts.enums import CasVersion

DEADLINE_SECONDS = 4


class CasServer(models.Model):
    """How one academy's CAS server is reached.

    Browsers go to the public address; we validate tickets at the back-channel address, which is the
    public one when empty.
    """

    door = models.OneToOneField(Door, models.CASCADE, related_name="cas", primary_key=True)
    public_url = models.URLField("adresse publique", max_length=300)
    back_channel_url = models.URLField("adresse de validation", max_length=300, blank=True)
    version = models.CharField(
        "version du protocole", max_length=1, choices=CasVersion.choices, default=CasVersion.V3
    )
    method_parameter = models.CharField(
        "paramètre de la méthode", max_length=80, blank=True, default="authn_method"
    )
    deadline_seconds = models.PositiveSmallIntegerField(
        "délai de réponse",
        default=DEADLINE_SECONDS,
        validators=[MinValueValidator(1), MaxValueValidator(DEADLINE_SECONDS)],
    )

    class Meta:
        verbose_name = "serveur CAS"
        verbose_name_plural = "serveurs CAS"
        constraints = [
            models.CheckConstraint(
                condition=Q(deadline_seconds__gte=1, deadline_seconds__lte=DEADLINE_SECONDS),
                name="cas_server_deadline",
                violation_error_message="Entre 1 et 4 secondes.",
            ),
        ]

    def __str__(self) -> str:
        return f"serveur CAS du guichet {self.door_id}"
