"""How many sheets a person opened in an hour, which limits who copies the directory (T-I4)."""

from __future__ import annotations

from django.db import models

from directory.models.persons import Person


class SheetCount(models.Model):
    """The sheets that one reader opened in one hour; counted up by one statement."""

    reader = models.ForeignKey(Person, models.CASCADE, related_name="+")
    hour = models.DateTimeField("heure")
    count = models.PositiveIntegerField("fiches ouvertes", default=1)
    last_at = models.DateTimeField("dernière ouverture")

    class Meta:
        verbose_name = "fiches consultées"
        constraints = [
            models.UniqueConstraint(fields=["reader", "hour"], name="sheet_count_per_hour"),
        ]

    def __str__(self) -> str:
        return f"consultations {self.pk}"
