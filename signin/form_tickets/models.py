"""Tickets of sign-in forms that were used."""

from __future__ import annotations

from django.db import models


class LoginTicket(models.Model):
    """A login ticket that was used: a form is evaluated once (`signin.form_tickets.using`)."""

    number = models.BinaryField(max_length=16, primary_key=True)
    used_at = models.DateTimeField("utilisé le")
    refused_at = models.DateTimeField("refusé le", null=True, blank=True)

    class Meta:
        verbose_name = "ticket de connexion utilisé"
        verbose_name_plural = "tickets de connexion utilisés"
        indexes = [models.Index(fields=["used_at"], name="login_ticket_used_at")]

    def __str__(self) -> str:
        return "ticket de connexion"
