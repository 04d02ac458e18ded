"""Printings of slips and letters: what was asked for, by whom, and where the PDF is."""

from __future__ import annotations

import uuid
from uuid import UUID

from django.db import models
from django.db.models import Q

from credentials.choice.population import PopulationChoice
from credentials.enums import FileState, SlipLayout
from directory.models import School
from ent.jobs.enums import JobState
from ent.jobs.models import Job


class SlipPrintingQuerySet(models.QuerySet["SlipPrinting"]):
    """Reads of the printings; a screen starts from ``credentials.slips.perms``."""

    def of_stored(self, stored_uuid: UUID) -> SlipPrintingQuerySet:
        """The printing that has these bytes."""
        return self.filter(stored_uuid=stored_uuid)


class SlipPrinting(models.Model):
    """One printing: a PDF, or an archive with a PDF per class, encrypted (``ent.files``)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.CASCADE, related_name="slip_printings")
    requested_by = models.UUIDField("demandé par")
    layout = models.CharField("présentation", max_length=8, choices=SlipLayout.choices)
    choice = models.JSONField("choix")
    words = models.CharField("ce qui a été choisi", max_length=200)
    state = models.CharField(
        "état", max_length=10, choices=FileState.choices, default=FileState.WAITING
    )
    name = models.CharField("fichier", max_length=120, blank=True)
    account_count = models.PositiveIntegerField("comptes", default=0)
    code_count = models.PositiveIntegerField("codes imprimés", default=0)
    issued_count = models.PositiveIntegerField("codes nouveaux", default=0)
    file_count = models.PositiveIntegerField("documents", default=0)
    size = models.PositiveBigIntegerField("taille (octets)", default=0)
    stored_uuid = models.UUIDField(null=True, blank=True)
    job_uuid = models.UUIDField("travail", db_index=True)
    created_at = models.DateTimeField("demandé le", auto_now_add=True)
    generated_at = models.DateTimeField("imprimé le", null=True, blank=True)

    objects = SlipPrintingQuerySet.as_manager()

    class Meta:
        verbose_name = "tirage de fiches"
        verbose_name_plural = "tirages de fiches"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["school", "-created_at"], name="slip_printing_recent")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=FileState.values), name="slip_printing_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=FileState.READY)
                | Q(generated_at__isnull=False, stored_uuid__isnull=False),
                name="slip_printing_ready_has_a_file",
            ),
        ]

    def __str__(self) -> str:
        return f"tirage {self.uuid}"

    @property
    def chosen(self) -> PopulationChoice:
        """Whose slips it holds."""
        return PopulationChoice.from_json(self.school_id, self.choice)

    def has_failed(self, job: Job | None) -> bool:
        """Is it still waiting for a job that will never make it?"""
        return self.state == FileState.WAITING and (
            job is None or job.state in {JobState.FAILED, JobState.CANCELLED}
        )
