"""Open sessions, known by the hash of their key only."""

from __future__ import annotations

from django.db import models

from accounts.enums import Realm
from accounts.models.accounts import Account


class Session(models.Model):
    """One browser's session in one realm.

    The key itself is in the browser's cookie and nowhere else: a dump of this table opens nothing.
    ``epoch`` is the account's at the time of the sign-in; a session whose epoch is not the
    account's any more is dead at its next request.

    ``sign_on`` names one sign-in from its form to its end, through changes of the key: what higher
    rooms tie to it (`accounts.services.endings`) never knows a key. Visitors have none.
    """

    key_hash = models.CharField(max_length=64, primary_key=True)
    realm = models.CharField("domaine", max_length=10, choices=Realm.choices)
    account = models.ForeignKey(
        Account, models.CASCADE, null=True, blank=True, related_name="sessions"
    )
    sign_on = models.UUIDField(null=True, unique=True, editable=False)
    epoch = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField("ouverte le")
    last_seen_at = models.DateTimeField("vue le")
    door_code = models.CharField("guichet", max_length=60, blank=True)
    agent_family = models.CharField("navigateur", max_length=40, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = "session"
        indexes = [models.Index(fields=["created_at"], name="session_created_at")]

    def __str__(self) -> str:
        return "session"


class LoginTicket(models.Model):
    """A login ticket that was used: a sign-in form is evaluated once."""

    number = models.BinaryField(max_length=16, primary_key=True)
    used_at = models.DateTimeField("utilisé le")

    class Meta:
        verbose_name = "ticket de connexion utilisé"
        indexes = [models.Index(fields=["used_at"], name="login_ticket_used_at")]

    def __str__(self) -> str:
        return "ticket de connexion"
