"""Academic doors: how each server is reached, whom it knows here, and how it is doing."""

from __future__ import annotations

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.enums import BindingRefusal, CasVersion, DoorFault, MatchOn, RenewPolicy
from accounts.models.accounts import Account
from accounts.models.doors import Door

DEADLINE_SECONDS = 4


class CasServer(models.Model):
    """How one academy's CAS server is reached and believed.

    Browsers go to the public address; we validate tickets at the back-channel address, which is the
    public one when empty. What the first sign-in compares with the directory is the CAS user or one
    attribute of the validated response. An empty key method means that this server knows no key.
    """

    door = models.OneToOneField(Door, models.CASCADE, related_name="cas", primary_key=True)
    public_url = models.URLField("adresse publique", max_length=300)
    back_channel_url = models.URLField("adresse de validation", max_length=300, blank=True)
    version = models.CharField(
        "version du protocole", max_length=1, choices=CasVersion.choices, default=CasVersion.V3
    )
    match_on = models.CharField(
        "rapprochement par", max_length=20, choices=MatchOn.choices, default=MatchOn.EMAIL
    )
    match_attribute = models.CharField("attribut transmis", max_length=80, blank=True)
    renew_policy = models.CharField(
        "identification redemandée",
        max_length=20,
        choices=RenewPolicy.choices,
        default=RenewPolicy.AFTER_SIGN_OUT,
    )
    method_parameter = models.CharField(
        "paramètre de la méthode", max_length=80, blank=True, default="authn_method"
    )
    key_method = models.CharField("méthode qui vaut la clé OTP", max_length=120, blank=True)
    deadline_seconds = models.PositiveSmallIntegerField(
        "délai de réponse",
        default=DEADLINE_SECONDS,
        validators=[MinValueValidator(1), MaxValueValidator(DEADLINE_SECONDS)],
    )

    class Meta:
        verbose_name = "serveur CAS"
        verbose_name_plural = "serveurs CAS"
        constraints = [
            models.CheckConstraint(
                condition=Q(deadline_seconds__gte=1, deadline_seconds__lte=DEADLINE_SECONDS),
                name="cas_server_deadline",
                violation_error_message="Entre 1 et 4 secondes.",
            ),
            models.CheckConstraint(
                condition=~Q(version=CasVersion.V1) | Q(match_attribute=""),
                name="cas_server_v1_without_attribute",
                violation_error_message="CAS 1 ne transmet pas d’attribut.",
            ),
        ]

    def __str__(self) -> str:
        return f"serveur CAS du guichet {self.door_id}"


class DoorHealth(models.Model):
    """How a door's server is doing, for every process at once: the breaker (T-E8)."""

    door = models.OneToOneField(Door, models.CASCADE, related_name="health", primary_key=True)
    failures = models.PositiveIntegerField("échecs de suite", default=0)
    closed_until = models.DateTimeField("au repos jusqu’à", null=True, blank=True)
    last_fault = models.CharField(
        "dernier défaut", max_length=20, choices=DoorFault.choices, blank=True
    )
    last_failure_at = models.DateTimeField("dernier échec", null=True, blank=True)

    class Meta:
        verbose_name = "santé d’un guichet"

    def __str__(self) -> str:
        return f"santé du guichet {self.door_id}"


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
    bound_at = models.DateTimeField("rattaché le", auto_now_add=True)

    class Meta:
        verbose_name = "rattachement académique"
        verbose_name_plural = "rattachements académiques"
        constraints = [
            models.UniqueConstraint(fields=["door", "subject"], name="binding_subject_unique"),
            models.UniqueConstraint(fields=["door", "account"], name="binding_account_unique"),
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


class DoorSession(models.Model):
    """The ticket that opened a session: the academy names it when it ends the session (T-E7)."""

    door = models.ForeignKey(Door, models.CASCADE, related_name="door_sessions")
    ticket_hash = models.BinaryField(max_length=32)
    sign_on = models.UUIDField()
    opened_at = models.DateTimeField("ouverte le", auto_now_add=True)

    class Meta:
        verbose_name = "session académique"
        verbose_name_plural = "sessions académiques"
        constraints = [
            models.UniqueConstraint(fields=["door", "ticket_hash"], name="door_session_ticket"),
        ]
        indexes = [models.Index(fields=["sign_on"], name="door_session_sign_on")]

    def __str__(self) -> str:
        return "session académique"
