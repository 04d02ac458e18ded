"""The tables of the journal.

`AuditEvent` is partitioned by month: its table is made by hand in the first migration, this class
describes its columns. Some are PostgreSQL's own affair: `id` and `number` come from sequences, and
`transaction_id` tells the chain which rows are all there.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.utils import timezone

from ent.audit.enums import Outcome
from ent.audit.vocabulary import label_of


def _number() -> models.BigIntegerField[int, int]:
    """The place of an identity or of its erasure among all of them."""
    return models.BigIntegerField(
        db_default=RawSQL("nextval('audit_identity_number')", ()), editable=False
    )


def _transaction() -> models.BigIntegerField[int, int]:
    """The transaction that wrote the row."""
    return models.BigIntegerField(
        db_default=RawSQL("pg_current_xact_id()::text::bigint", ()), editable=False
    )


class AuditIdentityQuerySet(models.QuerySet["AuditIdentity"]):
    """Reads of the identities."""

    def of_person(self, person_uuid: UUID) -> Self:
        """The pseudonym of a person."""
        return self.filter(person_uuid=person_uuid)

    def persons_of(self, events: Iterable[AuditEvent]) -> dict[UUID, UUID]:
        """Return the person behind each pseudonym of these events; an erased one is absent."""
        wanted = {
            pseudonym
            for event in events
            for pseudonym in (event.actor_pseudonym, event.subject_pseudonym)
            if pseudonym is not None
        }
        return dict(self.filter(pseudonym__in=wanted).values_list("pseudonym", "person_uuid"))


class AuditIdentity(models.Model):
    """The only link from the pseudonym of the journal to a person; deleted when they are erased.

    The server refuses to change a row, and to delete one that has no `IdentityErasure`.
    """

    pseudonym = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person_uuid = models.UUIDField(unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    number = _number()
    transaction_id = _transaction()

    objects = AuditIdentityQuerySet.as_manager()

    class Meta:
        verbose_name = "identité du journal"
        verbose_name_plural = "identités du journal"
        indexes = [models.Index(fields=["transaction_id"], name="audit_identity_transaction")]

    def __str__(self) -> str:
        return f"identité {self.pseudonym}"


class IdentityErasure(models.Model):
    """A pseudonym whose person was erased: the line that allows its identity to be deleted."""

    pseudonym = models.UUIDField(primary_key=True, editable=False)
    number = _number()
    transaction_id = _transaction()
    erased_at = models.DateTimeField("effacée le", db_default=Now())

    class Meta:
        verbose_name = "identité effacée"
        verbose_name_plural = "identités effacées"
        indexes = [models.Index(fields=["transaction_id"], name="audit_erasure_transaction")]

    def __str__(self) -> str:
        return f"identité effacée {self.pseudonym}"


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    """Reads of the journal; always bounded by a perimeter (T-M4)."""

    def about(self, person_uuid: UUID) -> Self:
        """What was done to this person."""
        return self.filter(
            subject_pseudonym__in=AuditIdentity.objects.of_person(person_uuid).values("pseudonym")
        )

    def by(self, person_uuid: UUID) -> Self:
        """What this person did."""
        return self.filter(
            actor_pseudonym__in=AuditIdentity.objects.of_person(person_uuid).values("pseudonym")
        )

    def in_schools(self, uais: Iterable[str]) -> Self:
        """What concerns these schools; an event without school is nobody's in this sense."""
        return self.filter(school_uai__in=[uai for uai in uais if uai])

    def of_acts(self, acts: Iterable[str]) -> Self:
        """The events of these acts."""
        return self.filter(act__in=[str(act) for act in acts])

    def since(self, moment: datetime) -> Self:
        """From this moment on (the partitions before it are not read)."""
        return self.filter(occurred_at__gte=moment)


class AuditEvent(models.Model):
    """One act: written once, in its transaction, by `ent.audit.services.record`."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, editable=False)
    occurred_at = models.DateTimeField("date", default=timezone.now)
    act = models.CharField("acte", max_length=80)
    outcome = models.CharField("résultat", max_length=10, choices=Outcome.choices)
    actor_pseudonym = models.UUIDField("auteur", null=True, blank=True)
    subject_pseudonym = models.UUIDField("personne concernée", null=True, blank=True)
    school_uai = models.CharField("établissement", max_length=8, blank=True)
    authority_code = models.CharField("autorité", max_length=40, blank=True)
    address = models.GenericIPAddressField("adresse", null=True, blank=True)
    door = models.CharField("guichet", max_length=60, blank=True)
    device = models.CharField("appareil", max_length=60, blank=True)
    details = models.JSONField("détails", default=dict)
    transaction_id = _transaction()

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = "événement"
        verbose_name_plural = "journal"
        ordering: ClassVar[list[str]] = ["-occurred_at", "-id"]
        indexes = [
            models.Index(fields=["id"], name="audit_event_id"),
            models.Index(fields=["uuid"], name="audit_event_uuid"),
            models.Index(fields=["actor_pseudonym", "-occurred_at"], name="audit_event_actor"),
            models.Index(fields=["subject_pseudonym", "-occurred_at"], name="audit_event_subject"),
            models.Index(fields=["school_uai", "-occurred_at"], name="audit_event_school"),
            models.Index(fields=["authority_code", "-occurred_at"], name="audit_event_authority"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.uuid}"

    @property
    def act_label(self) -> str:
        """The act in French."""
        return label_of(self.act)


class JournalSeal(models.Model):
    """One link of the chain: a batch of committed events of one month.

    `hash` is keyed with a key of the worker and covers the previous link, the identifiers and the
    digests: whoever can write in the database can still not write a link that verifies.
    """

    number = models.PositiveBigIntegerField(unique=True)
    month = models.DateField("mois", db_index=True)
    event_ids = ArrayField(models.BigIntegerField())
    digests = models.BinaryField()
    previous = models.BinaryField(max_length=32)
    key_id = models.CharField(max_length=8)
    hash = models.BinaryField(max_length=32)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "scellé du journal"
        verbose_name_plural = "scellés du journal"
        ordering = ["number"]

    def __str__(self) -> str:
        return f"scellé {self.number}"


class IdentitySeal(models.Model):
    """One link of the chain of identities: who bears which pseudonym, and who was erased.

    `digests` are keyed and hold nothing of a person: one for an identity as it was made, another
    for an erasure. Unlike the seals of events these are kept for ever, a few bytes a person.
    """

    number = models.PositiveBigIntegerField(unique=True)
    pseudonyms = ArrayField(models.UUIDField())
    digests = models.BinaryField()
    previous = models.BinaryField(max_length=32)
    key_id = models.CharField(max_length=8)
    hash = models.BinaryField(max_length=32)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "scellé des identités"
        verbose_name_plural = "scellés des identités"
        ordering = ["number"]

    def __str__(self) -> str:
        return f"scellé des identités {self.number}"


class JournalState(models.Model):
    """The single row that says how far the chain goes.

    Every event and identity of a transaction before `transaction_id` is sealed; events up to
    `floor_id` and identities up to `identity_floor` come from another server (a restored backup),
    whose transaction numbers mean nothing here.
    """

    transaction_id = models.BigIntegerField(default=0)
    floor_id = models.BigIntegerField(default=0)
    identity_floor = models.BigIntegerField(default=0)
    purged_number = models.PositiveBigIntegerField(default=0)
    purged_hash = models.BinaryField(max_length=32, default=bytes(32))

    class Meta:
        verbose_name = "état du journal"

    def __str__(self) -> str:
        return f"journal scellé jusqu’à {self.transaction_id}"
