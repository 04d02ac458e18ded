"""Exports: what was asked for, what the file held, and the state of people it left behind."""

from __future__ import annotations

import uuid
from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import Q

from directory.models import Person
from ent.files.models import StoredFile
from ent.jobs.enums import JobState
from ent.jobs.models import Job
from pronote_bridge.enums import EnvelopeKind, ExportScope, ExportState, ListKind
from pronote_bridge.instances.models import Instance
from sso.models import Service


class ExportQuerySet(models.QuerySet["Export"]):
    """Reads of the history."""

    def of_stored(self, stored_uuid: UUID) -> ExportQuerySet:
        """The export that has these bytes."""
        return self.filter(stored_uuid=stored_uuid)

    def downloaded(self) -> ExportQuerySet:
        """Those whose file left whole, newest first: Pronote may know what they hold."""
        return self.filter(downloaded_at__isnull=False).order_by("-exported_at", "-id")


class Export(models.Model):
    """One reconciliation file of an instance: the file goes, this row stays.

    ``service`` is the one whose identifiers stand in the file; PROTECT keeps them for ever.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    instance = models.ForeignKey(Instance, models.PROTECT, related_name="exports")
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    scope = models.CharField("étendue", max_length=16, choices=ExportScope.choices)
    base = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="depuis"
    )
    envelope = models.CharField("enveloppe", max_length=10, choices=EnvelopeKind.choices)
    requested_by = models.UUIDField(
        "demandé par", null=True, blank=True, help_text="Vide : la machine de l’instance."
    )
    state = models.CharField(
        "état", max_length=10, choices=ExportState.choices, default=ExportState.WAITING
    )
    staff_count = models.PositiveIntegerField("personnels", default=0)
    teacher_count = models.PositiveIntegerField("professeurs", default=0)
    guardian_count = models.PositiveIntegerField("responsables", default=0)
    pupil_count = models.PositiveIntegerField("élèves", default=0)
    exported_at = models.DateTimeField("date de l’export", null=True, blank=True)
    fingerprint = models.CharField("empreinte de la clé", max_length=60, blank=True)
    sha256 = models.CharField("somme de contrôle", max_length=64, blank=True)
    size = models.PositiveBigIntegerField("taille (octets)", default=0)
    stored_uuid = models.UUIDField(null=True, blank=True, unique=True)
    job_uuid = models.UUIDField("travail", db_index=True)
    created_at = models.DateTimeField("demandé le", auto_now_add=True)
    downloaded_at = models.DateTimeField("téléchargé le", null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = "export pour Pronote"
        verbose_name_plural = "exports pour Pronote"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["instance", "-created_at"], name="pronote_export_recent")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ExportState.values), name="pronote_export_state_known"
            ),
            models.CheckConstraint(
                condition=Q(scope=ExportScope.FULL, base__isnull=True)
                | Q(scope=ExportScope.DIFFERENTIAL, base__isnull=False),
                name="pronote_export_differs_from_one",
            ),
            models.CheckConstraint(
                condition=~Q(state=ExportState.READY)
                | (
                    Q(exported_at__isnull=False, stored_uuid__isnull=False)
                    & ~Q(sha256="")
                    & ~Q(fingerprint="")
                ),
                name="pronote_export_ready_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"export {self.uuid}"

    @property
    def shown_at(self) -> datetime:
        """When it saw the directory, or when it was asked for."""
        return self.exported_at or self.created_at

    @property
    def person_count(self) -> int:
        """How many lines of persons the file holds; somebody in two lists has two."""
        return self.staff_count + self.teacher_count + self.guardian_count + self.pupil_count

    def stored_file(self) -> StoredFile | None:
        """The encrypted bytes, None before they are there and once they are gone."""
        if self.stored_uuid is None:
            return None
        return StoredFile.objects.alive().filter(uuid=self.stored_uuid).first()

    def has_failed(self, job: Job | None) -> bool:
        """Is it still waiting for a job that will never make it?"""
        return self.state == ExportState.WAITING and (
            job is None or job.state in {JobState.FAILED, JobState.CANCELLED}
        )


class ExportedPerson(models.Model):
    """Who belonged to the file at an export, each list apart, with a hash of what it says of them.

    A differential keeps everybody's row too, so that the next one can start from it; what it left
    out because nothing had changed is not ``is_written``.
    """

    export = models.ForeignKey(Export, models.CASCADE, related_name="people", db_index=False)
    # No constraint of the database: a REPEATABLE READ transaction that checks it would fail
    # whenever an import writes to the person meanwhile. `pronote_bridge.erasure` deletes the rows.
    person = models.ForeignKey(
        Person, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    kind = models.CharField("liste", max_length=16, choices=ListKind.choices)
    digest = models.BinaryField("empreinte", max_length=16)
    is_written = models.BooleanField("dans le fichier")

    class Meta:
        verbose_name = "personne d’un export"
        verbose_name_plural = "personnes d’un export"
        constraints = [
            models.UniqueConstraint(
                fields=["export", "person", "kind"], name="pronote_exported_person_once"
            ),
        ]
        indexes = [models.Index(fields=["person", "export"], name="pronote_exported_person")]

    def __str__(self) -> str:
        return f"personne d’un export {self.pk}"
