"""How many sheets somebody has opened this hour: nobody copies the directory sheet by sheet."""

from __future__ import annotations

from django.db import models

from directory.models.persons import Person


class SheetReading(models.Model):
    """One row per reader and hour, counted up by one statement; swept after a day (T-I4)."""

    reader = models.ForeignKey(Person, models.CASCADE, related_name="+")
    hour = models.DateTimeField("heure")
    count = models.PositiveIntegerField("fiches ouvertes", default=1)
    last_at = models.DateTimeField("dernière ouverture")

    class Meta:
        verbose_name = "fiches consultées"
        constraints = [
            models.UniqueConstraint(fields=["reader", "hour"], name="sheet_reading_per_hour"),
        ]

    def __str__(self) -> str:
        return f"consultations {self.pk}"
