"""A file, its chunks, and the hand-off of its key to one session."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

LIFETIME = timedelta(days=30)


class StoredFileQuerySet(models.QuerySet["StoredFile"]):
    """Reads of the files."""

    def alive(self) -> Self:
        """Those that have not expired."""
        return self.filter(expires_at__gt=timezone.now())

    def expired(self) -> Self:
        """Those that the next sweep deletes."""
        return self.filter(expires_at__lte=timezone.now())


class StoredFile(models.Model):
    """One whole file; the row appears when its last chunk is written, and goes with its key."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("nom", max_length=150)
    media_type = models.CharField("type", max_length=100)
    purpose = models.CharField("usage", max_length=40)
    school_uai = models.CharField("établissement", max_length=8, blank=True)
    authority_code = models.CharField("autorité", max_length=40, blank=True)
    size = models.PositiveBigIntegerField("taille (octets)")
    sha256 = models.BinaryField("empreinte", max_length=32)
    wrapped_key = models.BinaryField("clé scellée", max_length=128)
    created_at = models.DateTimeField("créé le", default=timezone.now)
    expires_at = models.DateTimeField("supprimé le", db_index=True)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = "fichier"
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="file_expires_after_its_creation"
            ),
        ]

    def __str__(self) -> str:
        return f"fichier {self.uuid}"


class FileChunk(models.Model):
    """A piece of a file, encrypted and numbered; pieces are read one at a time."""

    file = models.ForeignKey(StoredFile, models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    ciphertext = models.BinaryField()

    class Meta:
        verbose_name = "morceau de fichier"
        verbose_name_plural = "morceaux de fichiers"
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="file_chunk_once"),
        ]

    def __str__(self) -> str:
        return f"morceau {self.number}"


class FileHandoff(models.Model):
    """A file's key on its way to one session: asked by the web, sealed by a worker, short-lived.

    The row holds a public key; the private half is in the cookie of the browser that asked. Neither
    the database nor the web process can open the file without that browser.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.ForeignKey(StoredFile, models.CASCADE, related_name="handoffs")
    actor = models.UUIDField("demandé par")
    session_hash = models.BinaryField(max_length=32)
    public_key = models.BinaryField(max_length=32)
    wrapped_key = models.BinaryField(max_length=128, null=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "remise d’un fichier"
        verbose_name_plural = "remises de fichiers"

    def __str__(self) -> str:
        return f"remise {self.uuid}"
