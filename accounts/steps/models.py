"""Terms of use: a versioned text per authority, accepted once per version."""

from __future__ import annotations

from django.db import models

from accounts.account.models import Account
from directory.models import Authority


class TermsText(models.Model):
    """One version of the terms; without authority it holds for everybody."""

    authority = models.ForeignKey(
        Authority, models.CASCADE, null=True, blank=True, related_name="terms"
    )
    version = models.PositiveIntegerField("version")
    title = models.CharField("titre", max_length=160)
    body = models.TextField("texte", help_text="Paragraphes séparés par une ligne vide.")
    published_at = models.DateTimeField("en vigueur depuis", null=True, blank=True)

    class Meta:
        verbose_name = "conditions d’utilisation"
        verbose_name_plural = "conditions d’utilisation"
        ordering = ["-version", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "version"],
                nulls_distinct=False,
                name="terms_version_unique",
                violation_error_message="Cette version existe déjà pour cette autorité.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (version {self.version})"


class TermsAcceptance(models.Model):
    """Who accepted which version, and when."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="accepted_terms")
    text = models.ForeignKey(TermsText, models.PROTECT, related_name="acceptances")
    accepted_at = models.DateTimeField("accepté le", auto_now_add=True)

    class Meta:
        verbose_name = "acceptation"
        constraints = [
            models.UniqueConstraint(fields=["account", "text"], name="terms_accepted_once"),
        ]

    def __str__(self) -> str:
        return f"acceptation {self.pk}"
