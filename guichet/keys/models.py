"""Keys, their rescue passwords, and what happened to each."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from directory.models import Authority
from guichet.agents.models import AcademicCredential
from guichet.enums import (
    Algorithm,
    IdentityProof,
    KeyEvent,
    KeySlot,
    KeyState,
    PinState,
    RescueState,
    Verdict,
)

SERIAL = r"^[A-Z0-9][A-Z0-9-]{0,39}$"
HELD = (KeyState.ASSIGNED, KeyState.FIRST_USE, KeyState.ACTIVE, KeyState.LOCKED)
"""States in which a key is one of the two of its holder."""


class OtpKeyQuerySet(models.QuerySet["OtpKey"]):
    """Reads of keys."""

    def of(self, authority: Authority) -> OtpKeyQuerySet:
        """Those of one authority."""
        return self.filter(authority=authority)


class OtpKey(models.Model):
    """One physical key: a code by the clock, in front of which its holder types a PIN.

    The seed is sealed to the guichet's own processes, bound to authority and serial
    (`guichet.keys.seeds`). `last_step` is the last time step whose code was accepted or burnt; it
    only grows, whoever holds the key (R-C2, T-D3). `drift_seconds` is how much the key is ahead of
    us, as learned.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="otp_keys")
    serial = models.CharField("numéro de série", max_length=40)
    sealed_seed = models.BinaryField(max_length=200)
    interval_seconds = models.PositiveSmallIntegerField("intervalle", default=60)
    digits = models.PositiveSmallIntegerField("chiffres", default=6)
    algorithm = models.CharField(
        "algorithme", max_length=8, choices=Algorithm.choices, default=Algorithm.SHA1
    )
    expires_on = models.DateField("expire le", null=True, blank=True)
    state = models.CharField(
        "état", max_length=16, choices=KeyState.choices, default=KeyState.STOCK
    )
    holder = models.ForeignKey(
        AcademicCredential, models.PROTECT, null=True, blank=True, related_name="keys"
    )
    slot = models.CharField(
        "place", max_length=10, choices=KeySlot.choices, default=KeySlot.NONE, blank=True
    )
    pin = models.CharField(max_length=128, blank=True)
    former_pin = models.CharField(max_length=128, blank=True)
    pin_state = models.CharField(
        "code PIN", max_length=8, choices=PinState.choices, default=PinState.NONE
    )
    last_step = models.BigIntegerField(default=-1)
    drift_seconds = models.FloatField("avance", default=0)
    far_step = models.BigIntegerField(default=-1)
    failures = models.PositiveSmallIntegerField("échecs", default=0)
    first_use_failures = models.PositiveSmallIntegerField("échecs du second code", default=0)
    first_use_until = models.DateTimeField("première utilisation jusqu’à", null=True, blank=True)
    assigned_at = models.DateTimeField("attribuée le", null=True, blank=True)
    locked_at = models.DateTimeField("verrouillée le", null=True, blank=True)
    last_used_at = models.DateTimeField("dernière utilisation", null=True, blank=True)
    created_at = models.DateTimeField("importée le", auto_now_add=True)

    objects = OtpKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "clé OTP"
        verbose_name_plural = "clés OTP"
        ordering = ["serial", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "serial"],
                name="otp_key_serial_unique",
                violation_error_message="Ce numéro de série désigne déjà une clé.",
            ),
            models.UniqueConstraint(
                fields=["holder", "slot"],
                condition=~Q(slot=KeySlot.NONE),
                name="otp_key_one_per_slot",
                violation_error_message="Cette personne a déjà une clé à cette place.",
            ),
            models.CheckConstraint(
                condition=Q(serial__regex=SERIAL),
                name="otp_key_serial_written",
                violation_error_message="Un numéro de série : lettres, chiffres, tirets.",
            ),
            models.CheckConstraint(
                condition=(Q(state__in=HELD) & ~Q(slot=KeySlot.NONE) & Q(holder__isnull=False))
                | (~Q(state__in=HELD) & Q(slot=KeySlot.NONE)),
                name="otp_key_slot_of_state",
                violation_error_message="Une clé attribuée a un titulaire et une place.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=KeyState.values),
                name="otp_key_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=(Q(pin_state=PinState.SET) & ~Q(pin=""))
                | (~Q(pin_state=PinState.SET) & Q(pin="")),
                name="otp_key_pin_of_state",
                violation_error_message="Seul un code PIN choisi est gardé.",
            ),
            models.CheckConstraint(
                condition=~Q(state=KeyState.STOCK)
                | Q(holder__isnull=True, pin_state=PinState.NONE),
                name="otp_key_stock_is_bare",
                violation_error_message="Une clé en stock n’a ni titulaire ni code PIN.",
            ),
            models.CheckConstraint(
                condition=Q(interval_seconds__in=[30, 60]) & Q(digits__in=[6, 8]),
                name="otp_key_shape",
                violation_error_message="6 ou 8 chiffres, toutes les 30 ou 60 secondes.",
            ),
        ]
        indexes = [
            models.Index(fields=["authority", "state"], name="otp_key_state"),
        ]

    def __str__(self) -> str:
        return f"clé {self.uuid}"

    @property
    def has_pin(self) -> bool:
        """Was a PIN chosen, which is asked before the code?"""
        return self.pin_state == PinState.SET

    @property
    def awaits_first_use(self) -> bool:
        """Does the code alone lead to the first steps?"""
        return self.state in {KeyState.ASSIGNED, KeyState.FIRST_USE} or (
            self.state == KeyState.ACTIVE and not self.has_pin
        )


class RescuePassword(models.Model):
    """A password for the day when the key was forgotten: one per key and day, its hash only."""

    key = models.ForeignKey(OtpKey, models.CASCADE, related_name="rescues")
    day = models.DateField("jour")
    verifier = models.BinaryField(max_length=36)
    state = models.CharField(
        "état", max_length=8, choices=RescueState.choices, default=RescueState.LIVE
    )
    valid_until = models.DateTimeField("valable jusqu’à")
    issued_at = models.DateTimeField("remis le")

    class Meta:
        verbose_name = "mot de passe de secours"
        verbose_name_plural = "mots de passe de secours"
        constraints = [
            models.UniqueConstraint(
                fields=["key", "day"],
                name="rescue_once_a_day",
                violation_error_message="Un mot de passe de secours a déjà été remis aujourd’hui.",
            ),
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(state=RescueState.LIVE),
                name="rescue_one_live",
                violation_error_message="Un mot de passe de secours est déjà valable.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=RescueState.values),
                name="rescue_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
        ]

    def __str__(self) -> str:
        return f"mot de passe de secours {self.pk}"


class KeyAct(models.Model):
    """One line of a key's timeline. What was typed never stands in it."""

    key = models.ForeignKey(OtpKey, models.CASCADE, related_name="acts")
    holder = models.ForeignKey(
        AcademicCredential, models.SET_NULL, null=True, blank=True, related_name="key_acts"
    )
    at = models.DateTimeField("quand")
    event = models.CharField("quoi", max_length=20, choices=KeyEvent.choices)
    verdict = models.CharField("raison", max_length=24, choices=Verdict.choices, blank=True)
    proof = models.CharField(
        "identité prouvée par", max_length=16, choices=IdentityProof.choices, blank=True
    )
    actor = models.ForeignKey(
        AcademicCredential, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "événement d’une clé"
        verbose_name_plural = "événements des clés"
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["key", "-at"], name="key_act_of_key"),
            models.Index(fields=["event", "at"], name="key_act_of_event"),
        ]

    def __str__(self) -> str:
        return f"événement {self.pk}"
