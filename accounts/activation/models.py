"""Activation codes: sealed for the worker that prints, verifiable by the web."""

from __future__ import annotations

from django.db import models

from accounts.account.models import Account


class SealingBatchRow(models.Model):
    """Header (key id and ephemeral public key) shared by the codes of one batch."""

    header = models.BinaryField(max_length=128)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "lot de codes"

    def __str__(self) -> str:
        return f"lot de codes {self.pk}"


class ActivationCode(models.Model):
    """The one valid code of an account that has not chosen its password yet.

    Deleted by the statement that activates the account. ``generation`` equals
    ``account.code_generation`` and is bound into the box and the verifier.
    """

    account = models.OneToOneField(
        Account, models.CASCADE, primary_key=True, related_name="activation_code"
    )
    generation = models.PositiveIntegerField()
    batch = models.ForeignKey(SealingBatchRow, models.PROTECT, related_name="codes")
    box = models.BinaryField(max_length=64)
    verifier = models.BinaryField(max_length=36)
    created_at = models.DateTimeField("émis le", auto_now_add=True)
    expires_at = models.DateTimeField("valable jusqu’au")
    handed_over_at = models.DateTimeField("remis le", null=True, blank=True)

    class Meta:
        verbose_name = "code d’activation"

    def __str__(self) -> str:
        return f"code du compte {self.account_id}"
