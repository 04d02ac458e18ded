"""Whose school was told that they will be erased."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from directory.models.persons import Person


class ErasureNotice(models.Model):
    """The schools of this person were told; void once they left again after it."""

    person = models.OneToOneField(
        Person, models.CASCADE, primary_key=True, related_name="erasure_notice"
    )
    told_at = models.DateTimeField("annoncé le", default=timezone.now)

    class Meta:
        verbose_name = "effacement annoncé"
        verbose_name_plural = "effacements annoncés"

    def __str__(self) -> str:
        return f"effacement annoncé de la personne {self.pk}"
