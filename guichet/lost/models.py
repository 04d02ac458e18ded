"""Mailed links that set an academic password."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from guichet.agents.models import AcademicCredential


class AgentPasswordLink(models.Model):
    """One link: the hash of its token, whose it is, until when. One lives per agent."""

    token_hash = models.BinaryField(max_length=32, primary_key=True)
    agent = models.ForeignKey(AcademicCredential, models.CASCADE, related_name="password_links")
    epoch = models.PositiveIntegerField()
    expires_at = models.DateTimeField("valable jusqu’à")
    used_at = models.DateTimeField("utilisé le", null=True, blank=True)

    class Meta:
        verbose_name = "lien de mot de passe"
        verbose_name_plural = "liens de mot de passe"
        constraints = [
            models.UniqueConstraint(
                fields=["agent"],
                condition=Q(used_at__isnull=True),
                name="agent_link_one_live",
                violation_error_message="Un lien est déjà valable.",
            ),
        ]

    def __str__(self) -> str:
        return "lien de mot de passe"
