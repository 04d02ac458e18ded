"""Codes that somebody opened, by day: what the ceiling counts, and what waits for a decision."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from credentials.enums import OpeningState
from directory.models import Person, School


class CodeOpening(models.Model):
    """One file or one printing that somebody opened, or asked to open, on one day.

    Opened again on the same day it counts once: the office saves the CSV, then its XLSX twin.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="code_openings")
    school = models.ForeignKey(School, models.CASCADE, related_name="code_openings")
    day = models.DateField("jour")
    reference = models.UUIDField("fichier ou tirage")
    name = models.CharField("nom", max_length=120)
    codes = models.PositiveIntegerField("codes")
    is_wide = models.BooleanField("plus d’une classe", default=False)
    state = models.CharField("état", max_length=8, choices=OpeningState.choices)
    decided_by = models.UUIDField("permis par", null=True, blank=True)
    asked_at = models.DateTimeField("demandé le", auto_now_add=True)

    class Meta:
        verbose_name = "ouverture de codes"
        verbose_name_plural = "ouvertures de codes"
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "day", "reference"], name="code_opening_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(state__in=OpeningState.values), name="code_opening_state_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["school", "day"],
                name="code_opening_waiting",
                condition=Q(state=OpeningState.ASKED),
            ),
            models.Index(fields=["day"], name="code_opening_day"),
        ]

    def __str__(self) -> str:
        return f"ouverture {self.uuid}"
