"""Open sessions, known by the hash of their key only."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from django.db import models

from signin.enums import Realm


class SessionQuerySet(models.QuerySet["Session"]):
    """Reads of sessions."""

    def of(self, realm: Realm, *principals: UUID) -> Self:
        """Return the sessions of these principals of a realm."""
        return self.filter(realm=realm, principal__in=principals)


class Session(models.Model):
    """One browser's session in one realm.

    The key itself is in the browser's cookie and nowhere else: a dump of this table opens nothing.
    ``epoch`` is the principal's at the time of the sign-in; a session whose epoch is not the
    principal's any more is dead at its next request.

    ``sign_on`` names one sign-in from its form to its end, through changes of the key: what higher
    rooms tie to it (`signin.sessions.endings`) never knows a key. Visitors have none.
    """

    key_hash = models.CharField(max_length=64, primary_key=True)
    realm = models.CharField("domaine", max_length=10, choices=Realm.choices)
    principal = models.UUIDField(null=True, editable=False)
    sign_on = models.UUIDField(null=True, unique=True, editable=False)
    epoch = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField("ouverte le")
    last_seen_at = models.DateTimeField("vue le")
    door_code = models.CharField("guichet", max_length=60, blank=True)
    agent_family = models.CharField("navigateur", max_length=40, blank=True)
    data = models.JSONField(default=dict)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = "session"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(principal__isnull=True, sign_on__isnull=True)
                | models.Q(principal__isnull=False, sign_on__isnull=False),
                name="session_sign_on_of_principal",
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="session_created_at"),
            models.Index(fields=["principal", "realm"], name="session_principal"),
        ]

    def __str__(self) -> str:
        return "session"
