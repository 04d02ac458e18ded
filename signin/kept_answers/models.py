"""The answers to refused forms that a browser may come back to."""

from __future__ import annotations

from django.db import models


class KeptAnswer(models.Model):
    """The page that answered a refused form: sealed, for one browser, for ten minutes.

    The row is found by the hash of a token that the address holds, and by the browser's cookie.
    """

    token_hash = models.BinaryField(max_length=32, primary_key=True)
    browser_hash = models.BinaryField(max_length=32)
    sign_on = models.UUIDField(null=True, blank=True)
    locked = models.BinaryField()
    kept_at = models.DateTimeField("gardé le")

    class Meta:
        verbose_name = "réponse à un formulaire refusé"
        verbose_name_plural = "réponses à des formulaires refusés"
        indexes = [
            models.Index(fields=["kept_at"], name="kept_answer_kept_at"),
            models.Index(fields=["browser_hash"], name="kept_answer_browser"),
            models.Index(fields=["sign_on"], name="kept_answer_sign_on"),
        ]

    def __str__(self) -> str:
        return "réponse à un formulaire refusé"
