"""The forms that wait for a proof."""

from __future__ import annotations

from django.db import models


class KeptForm(models.Model):
    """What was posted when the proof had run out: sealed, for one sign-on, used once.

    The row is found by the hash of a token that only the browser has. It is kept for ten minutes.
    """

    token_hash = models.BinaryField(max_length=32, primary_key=True)
    sign_on = models.UUIDField()
    locked = models.BinaryField()
    kept_at = models.DateTimeField("gardé le")

    class Meta:
        verbose_name = "formulaire en attente"
        verbose_name_plural = "formulaires en attente"
        indexes = [
            models.Index(fields=["kept_at"], name="kept_form_kept_at"),
            models.Index(fields=["sign_on"], name="kept_form_sign_on"),
        ]

    def __str__(self) -> str:
        return "formulaire en attente"
