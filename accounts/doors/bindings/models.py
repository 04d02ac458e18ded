"""Whom a door's other side knows here, and whom it knows in vain."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.account.models import Account
from accounts.doors.base.models import Door
from accounts.enums import BindingRefusal


class DoorBinding(models.Model):
    """(door, subject) → account, for good: the same uid of two academies never meets (T-E9).

    ``matched`` is what matched that day: a subject that comes back with something else was perhaps
    given to somebody else since, and a human looks at it.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    door = models.ForeignKey(Door, models.PROTECT, related_name="bindings")
    subject = models.CharField("identifiant académique", max_length=200)
    account = models.ForeignKey(Account, models.CASCADE, related_name="bindings")
    matched = models.CharField("rapproché par", max_length=254)
    login = models.CharField(
        "identifiant tapé",
        max_length=200,
        blank=True,
        help_text="Le dernier qui a ouvert une session, quand il est tapé ici.",
    )
    bound_at = models.DateTimeField("rattaché le", auto_now_add=True)

    class Meta:
        verbose_name = "rattachement académique"
        verbose_name_plural = "rattachements académiques"
        constraints = [
            models.UniqueConstraint(fields=["door", "subject"], name="binding_subject_unique"),
            models.UniqueConstraint(fields=["door", "account"], name="binding_account_unique"),
        ]
        indexes = [
            models.Index(fields=["door", "login"], name="binding_login", condition=~Q(login="")),
        ]

    def __str__(self) -> str:
        return f"rattachement {self.uuid}"


class RefusedBinding(models.Model):
    """Somebody whom the academy knows and who did not come in: one row per subject and reason.

    What the academy said stays here, for whoever helps; the person gets the reference, and the
    journal holds that only. Purged when nobody came back for three months.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reference = models.CharField("référence", max_length=12, unique=True)
    door = models.ForeignKey(Door, models.CASCADE, related_name="refused_bindings")
    subject = models.CharField("identifiant académique", max_length=200)
    reason = models.CharField("motif", max_length=20, choices=BindingRefusal.choices)
    attribute = models.CharField("attribut transmis", max_length=254, blank=True)
    count = models.PositiveIntegerField("essais", default=1)
    first_at = models.DateTimeField("premier essai")
    last_at = models.DateTimeField("dernier essai")

    class Meta:
        verbose_name = "rattachement refusé"
        verbose_name_plural = "rattachements refusés"
        indexes = [models.Index(fields=["-last_at"], name="refused_binding_last_at")]
        constraints = [
            models.UniqueConstraint(
                fields=["door", "subject", "reason"], name="refused_binding_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"rattachement refusé {self.reference}"
