"""What a machine needs to fetch the file of one instance, and how often it came."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from pronote_bridge.exports.models import Export
from pronote_bridge.instances.models import Instance


class MachineAccess(models.Model):
    """Whether machines may fetch the file of an instance, and from where; without a row: no."""

    instance = models.OneToOneField(Instance, models.CASCADE, related_name="machine_access")
    is_open = models.BooleanField("ouverte", default=False)
    networks = ArrayField(
        models.CharField(max_length=43),
        verbose_name="réseaux permis",
        default=list,
        blank=True,
        help_text="Adresses ou réseaux (192.0.2.0/24).",
    )

    class Meta:
        verbose_name = "accès d’une machine"
        verbose_name_plural = "accès des machines"

    def __str__(self) -> str:
        return f"accès d’une machine {self.pk}"


class MachineSecretQuerySet(models.QuerySet["MachineSecret"]):
    """Reads of the secrets."""

    def alive(self) -> MachineSecretQuerySet:
        """Those that open something."""
        return self.filter(withdrawn_at__isnull=True)


class MachineSecret(models.Model):
    """A bearer secret, of which only a hash is kept; two may live while one replaces the other.

    ``public_key`` is derived from the secret: a worker seals the keys of files to it, so that
    neither the database nor a process of the web opens a file without the machine's secret.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    instance = models.ForeignKey(Instance, models.CASCADE, related_name="machine_secrets")
    slot = models.PositiveSmallIntegerField("place")
    secret_hash = models.BinaryField("empreinte", max_length=32)
    public_key = models.BinaryField("clé publique", max_length=32)
    created_by = models.UUIDField("créé par")
    created_at = models.DateTimeField("créé le", auto_now_add=True)
    last_used_at = models.DateTimeField("utilisé le", null=True, blank=True)
    withdrawn_at = models.DateTimeField("retiré le", null=True, blank=True)

    objects = MachineSecretQuerySet.as_manager()

    class Meta:
        verbose_name = "secret d’une machine"
        verbose_name_plural = "secrets des machines"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["secret_hash"], name="pronote_machine_secret_unique"),
            models.CheckConstraint(condition=Q(slot__in=[1, 2]), name="pronote_machine_two_slots"),
            models.UniqueConstraint(
                fields=["instance", "slot"],
                condition=Q(withdrawn_at__isnull=True),
                name="pronote_machine_slot_once",
            ),
        ]

    def __str__(self) -> str:
        return f"secret d’une machine {self.uuid}"


class MachineFileKey(models.Model):
    """The key of an export's stored file, sealed to one secret.

    ``given_bytes``: how many bytes of the file, from the first on and without a gap, this secret
    was given.
    """

    export = models.ForeignKey(Export, models.CASCADE, related_name="machine_keys")
    secret = models.ForeignKey(MachineSecret, models.CASCADE, related_name="file_keys")
    wrapped_key = models.BinaryField("clé scellée", max_length=128)
    given_bytes = models.PositiveBigIntegerField("octets donnés", default=0, db_default=0)

    class Meta:
        verbose_name = "clé d’un fichier pour une machine"
        verbose_name_plural = "clés de fichiers pour des machines"
        constraints = [
            models.UniqueConstraint(
                fields=["export", "secret"], name="pronote_machine_file_key_once"
            ),
        ]

    def __str__(self) -> str:
        return f"clé d’un fichier pour une machine {self.pk}"


class MachineCount(models.Model):
    """How often one place called, or one instance was asked for a file, within one window."""

    key = models.BinaryField(max_length=32)
    window = models.DateTimeField("fenêtre", db_index=True)
    calls = models.PositiveIntegerField("appels")

    class Meta:
        verbose_name = "compteur d’appels"
        verbose_name_plural = "compteurs d’appels"
        constraints = [
            models.UniqueConstraint(fields=["key", "window"], name="pronote_machine_count_once"),
        ]

    def __str__(self) -> str:
        return f"compteur d’appels {self.pk}"
