"""How somebody wants to be told of their messages."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from directory.models import Person
from messaging.enums import Frequency


class MailPreference(models.Model):
    """How often mails announce messages; without a row, each message does.

    Security notices do not ask: the owner of an account is always told.
    """

    person = models.OneToOneField(
        Person, models.CASCADE, primary_key=True, related_name="mail_preference"
    )
    frequency = models.CharField(
        "fréquence", max_length=8, choices=Frequency.choices, default=Frequency.EACH
    )
    last_digest_on = models.DateField("dernier rappel du jour", null=True, blank=True)

    class Meta:
        verbose_name = "préférence de courriel"
        verbose_name_plural = "préférences de courriel"
        constraints = [
            models.CheckConstraint(
                condition=Q(frequency__in=Frequency.values), name="mail_preference_known"
            ),
        ]

    def __str__(self) -> str:
        return f"préférence de la personne {self.person_id}"
