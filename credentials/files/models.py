"""Credential files: what was made for a school, from which accounts, and where its bytes are."""

from __future__ import annotations

import uuid
from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import Q

from credentials.choice.managed_accounts import Selection
from credentials.enums import FileFormat, FileOrigin, FileState
from directory.models import School
from ent.jobs.enums import JobState
from ent.jobs.models import Job


class CredentialFileQuerySet(models.QuerySet["CredentialFile"]):
    """Reads of the files; a screen starts from ``credentials.files.perms``."""

    def of_stored(self, stored_uuid: UUID) -> CredentialFileQuerySet:
        """The file that has these bytes as its CSV or its XLSX."""
        return self.filter(Q(csv_uuid=stored_uuid) | Q(xlsx_uuid=stored_uuid))

    def listed(self) -> CredentialFileQuerySet:
        """What the list shows: everything that was not deleted, newest first."""
        return self.exclude(state=FileState.DELETED).select_related("school__authority")


class CredentialFile(models.Model):
    """One file of a school: a CSV and its XLSX twin, made by a worker, encrypted (``ent.files``).

    The accounts of the file are those that were created between ``created_from`` and
    ``created_until``, both inclusive: making it again gives the same people.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.CASCADE, related_name="credential_files")
    origin = models.CharField("origine", max_length=12, choices=FileOrigin.choices)
    delivery_uuid = models.UUIDField("livraison", null=True, blank=True)
    requested_by = models.UUIDField("demandé par", null=True, blank=True)
    since = models.DateField("date de recherche", null=True, blank=True)
    created_from = models.DateTimeField(null=True, blank=True)
    created_until = models.DateTimeField(null=True, blank=True)
    state = models.CharField(
        "état", max_length=10, choices=FileState.choices, default=FileState.WAITING
    )
    name = models.CharField("fichier", max_length=60)
    account_count = models.PositiveIntegerField("comptes", default=0)
    code_count = models.PositiveIntegerField("codes imprimés", default=0)
    issued_count = models.PositiveIntegerField("codes nouveaux", default=0)
    csv_size = models.PositiveBigIntegerField("taille du CSV (octets)", default=0)
    xlsx_size = models.PositiveBigIntegerField("taille du XLSX (octets)", default=0)
    csv_uuid = models.UUIDField(null=True, blank=True)
    xlsx_uuid = models.UUIDField(null=True, blank=True)
    job_uuid = models.UUIDField("travail", db_index=True)
    created_at = models.DateTimeField("demandé le", auto_now_add=True)
    generated_at = models.DateTimeField("généré le", null=True, blank=True)
    deleted_at = models.DateTimeField("supprimé le", null=True, blank=True)

    objects = CredentialFileQuerySet.as_manager()

    class Meta:
        verbose_name = "fichier des identifiants"
        verbose_name_plural = "fichiers des identifiants"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["school", "-created_at"], name="credential_file_recent")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=FileState.values), name="credential_file_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=FileState.READY) | Q(generated_at__isnull=False),
                name="credential_file_ready_has_date",
            ),
            models.CheckConstraint(
                condition=~Q(state=FileState.DELETED)
                | Q(deleted_at__isnull=False, csv_uuid__isnull=True, xlsx_uuid__isnull=True),
                name="credential_file_deleted_is_empty",
            ),
        ]

    def __str__(self) -> str:
        return f"fichier {self.uuid}"

    @property
    def selection(self) -> Selection:
        """The accounts that stand in it."""
        return Selection(
            school_id=self.school_id,
            authority_id=self.school.authority_id,
            authority_code=self.school.authority.code,
            uai=self.school.uai,
            created_from=self.created_from,
            created_until=self.created_until,
        )

    @property
    def asked_at(self) -> datetime:
        """When the act behind the file was asked for: codes issued since then are not its own."""
        return self.created_until or self.created_at

    @property
    def is_ready(self) -> bool:
        """May it be downloaded?"""
        return self.state == FileState.READY and self.csv_uuid is not None

    def name_of(self, file_format: FileFormat) -> str:
        """Return the name of one of the twins."""
        return f"{self.name.removesuffix('.csv')}.{file_format.value}"

    def stored_uuid(self, file_format: FileFormat) -> UUID | None:
        """Return where the bytes of one of the twins are."""
        return self.csv_uuid if file_format == FileFormat.CSV else self.xlsx_uuid

    def has_failed(self, job: Job | None) -> bool:
        """Is it still waiting for a job that will never make it?"""
        return self.state == FileState.WAITING and (
            job is None or job.state in {JobState.FAILED, JobState.CANCELLED}
        )


def file_name(uai: str) -> str:
    """Return the name by which a school office knows its file."""
    return f"ENT-Identifiants-{uai}.csv"
