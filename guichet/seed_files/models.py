"""An uploaded file of seeds: sealed until its job ends, then wiped."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from directory.models import Authority
from guichet.agents.models import AcademicCredential
from guichet.enums import SeedImportState

OVER = (SeedImportState.APPLIED, SeedImportState.REFUSED, SeedImportState.CANCELLED)


class SeedImport(models.Model):
    """One file of seeds. `sealed` holds file and transport key; empty once the import is over.

    `faults` holds numbers of lines and words, never a seed.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    state = models.CharField(
        "état",
        max_length=8,
        choices=SeedImportState.choices,
        default=SeedImportState.RECEIVED,
    )
    sealed = models.BinaryField(null=True, blank=True)
    interval_seconds = models.PositiveSmallIntegerField("intervalle", null=True, blank=True)
    uploaded_by = models.ForeignKey(
        AcademicCredential, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    uploaded_at = models.DateTimeField("déposé le")
    job = models.UUIDField(null=True, blank=True)
    count = models.PositiveIntegerField("clés lues", default=0)
    known_count = models.PositiveIntegerField("clés déjà connues", default=0)
    imported_count = models.PositiveIntegerField("clés importées", default=0)
    faults = models.JSONField("refus", default=list)

    class Meta:
        verbose_name = "import de clés"
        verbose_name_plural = "imports de clés"
        ordering = ["-uploaded_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=SeedImportState.values),
                name="seed_import_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=OVER) | Q(sealed__isnull=True),
                name="seed_import_wiped",
                violation_error_message="Un import terminé ne garde pas son fichier.",
            ),
        ]

    def __str__(self) -> str:
        return f"import de clés {self.uuid}"
