"""What is still to be said to services whose sessions end."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from signin.enums import Realm
from sso.catalogue.addresses import LONGEST
from sso.catalogue.models import Service


class LogoutNotice(models.Model):
    """A service still to be told that a sign-on is over: the outbox of single logout.

    Written in the transaction that ended the session, sent by a worker of the same realm
    (`sso.logout.notices`): another realm's catalogue does not know the address.
    """

    realm = models.CharField("domaine", max_length=10, choices=Realm.choices)
    service = models.ForeignKey(Service, models.CASCADE, related_name="+")
    address = models.CharField("adresse", max_length=LONGEST)
    session_index = models.CharField(max_length=256)
    created_at = models.DateTimeField("écrit le")
    next_try_at = models.DateTimeField("prochain envoi")
    tries = models.PositiveSmallIntegerField("envois", default=0)
    sent_at = models.DateTimeField("envoyé le", null=True, blank=True)
    given_up_at = models.DateTimeField("abandonné le", null=True, blank=True)
    outcome = models.CharField("issue", max_length=40, blank=True)

    class Meta:
        verbose_name = "avis de déconnexion"
        verbose_name_plural = "avis de déconnexion"
        indexes = [
            models.Index(
                fields=["realm", "next_try_at"],
                name="logout_notice_due",
                condition=Q(sent_at__isnull=True, given_up_at__isnull=True),
            ),
            models.Index(fields=["created_at"], name="logout_notice_created_at"),
        ]

    def __str__(self) -> str:
        return f"avis de déconnexion {self.pk}"
