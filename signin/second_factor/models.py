"""The authenticator application of a principal, and the codes for the day it is lost."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from signin.enums import Realm


class AuthenticatorQuerySet(models.QuerySet["Authenticator"]):
    """Reads of applications."""

    def of(self, realm: Realm, *principals: UUID) -> AuthenticatorQuerySet:
        """Return the applications of these principals of a realm."""
        return self.filter(realm=realm, principal__in=principals)


class Authenticator(models.Model):
    """An authenticator application (TOTP, 30 s, 6 digits): one per principal, there once confirmed.

    The seed is locked under a key outside the database; ``last_step`` is the last time step whose
    code was accepted: a code passes once, in whatever process.
    """

    realm = models.CharField("domaine", max_length=10, choices=Realm.choices)
    principal = models.UUIDField(editable=False)
    locked_seed = models.BinaryField(max_length=64)
    last_step = models.BigIntegerField(default=-1)
    enrolled_at = models.DateTimeField("installée le", auto_now_add=True)

    objects = AuthenticatorQuerySet.as_manager()

    class Meta:
        verbose_name = "application d’authentification"
        verbose_name_plural = "applications d’authentification"
        constraints = [
            models.UniqueConstraint(fields=["principal", "realm"], name="authenticator_once"),
        ]

    def __str__(self) -> str:
        return f"application d’authentification {self.pk}"


class RecoveryCode(models.Model):
    """One code that replaces the application once; only its keyed hash is kept."""

    authenticator = models.ForeignKey(Authenticator, models.CASCADE, related_name="recovery_codes")
    code_hash = models.BinaryField(max_length=32, unique=True)

    class Meta:
        verbose_name = "code de secours"
        verbose_name_plural = "codes de secours"

    def __str__(self) -> str:
        return "code de secours"
