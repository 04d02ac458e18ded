"""The authenticator application of a person, and the codes for the day it is lost."""

from __future__ import annotations

from django.db import models
from django_otp.models import Device

from accounts.models.accounts import Account


class Authenticator(Device):  # type: ignore[misc]
    """An authenticator application (TOTP, 30 s, 6 digits): one per account, there once confirmed.

    A device of django-otp, so that its middleware knows a verified session. The seed is locked
    under a key outside the database; ``last_step`` is the last time step whose code was accepted:
    a code passes once, in whatever process.
    """

    user = models.OneToOneField(Account, models.CASCADE, related_name="authenticator")
    name = None
    locked_seed = models.BinaryField(max_length=64)
    last_step = models.BigIntegerField(default=-1)
    enrolled_at = models.DateTimeField("installée le", auto_now_add=True)

    class Meta:
        verbose_name = "application d’authentification"
        verbose_name_plural = "applications d’authentification"

    def __str__(self) -> str:
        return f"authentification du compte {self.user_id}"

    def verify_token(self, token: str) -> bool:
        """Refuse: codes are checked by `accounts.services.second_factor`, which counts tries."""
        return False


class RecoveryCode(models.Model):
    """One code that replaces the application once; only its keyed hash is kept."""

    authenticator = models.ForeignKey(Authenticator, models.CASCADE, related_name="recovery_codes")
    code_hash = models.BinaryField(max_length=32, unique=True)

    class Meta:
        verbose_name = "code de secours"
        verbose_name_plural = "codes de secours"

    def __str__(self) -> str:
        return "code de secours"
