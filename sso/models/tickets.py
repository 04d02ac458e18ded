"""Tickets, proxy grants, and what is still to be said to services whose sessions end."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.enums import Realm
from accounts.models import Account
from directory.enums import Profile
from sso.enums import TicketKind
from sso.models.services import Service


class Ticket(models.Model):
    """One ticket for one visit of one service, consumed by one statement (`sso.tickets`).

    ``hash`` is the SHA-256 of the value; the value itself is kept from the moment the ticket is
    dead (``spent_value``): single logout names the session of a service by it. A consumed row
    stays until the sign-on is over, as the address book of single logout, then the purge counts it
    (`ServiceUsage`) and deletes it.
    """

    hash = models.BinaryField(max_length=32, primary_key=True)
    kind = models.CharField(max_length=2, choices=TicketKind.choices)
    realm = models.CharField("domaine", max_length=10, choices=Realm.choices)
    account = models.ForeignKey(
        Account, models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    service = models.ForeignKey(Service, models.CASCADE, related_name="+")
    address = models.CharField("adresse exacte", max_length=2000)
    sign_on = models.UUIDField()
    is_primary = models.BooleanField("issu d’une identification", default=False)
    profile = models.CharField(max_length=16, choices=Profile.choices, blank=True)
    proxies = ArrayField(models.CharField(max_length=2000), default=list, blank=True)
    authenticated_at = models.DateTimeField("identifié le")
    created_at = models.DateTimeField("créé le")
    expires_at = models.DateTimeField("valable jusqu’à")
    consumed_at = models.DateTimeField("consommé le", null=True, blank=True)
    spent_value = models.CharField(max_length=256, blank=True)
    ended_at = models.DateTimeField("session terminée le", null=True, blank=True)

    class Meta:
        verbose_name = "ticket"
        constraints = [
            models.CheckConstraint(
                condition=~Q(realm=Realm.PORTAL) | Q(account__isnull=False),
                name="ticket_portal_has_account",
            ),
            models.CheckConstraint(
                condition=Q(spent_value="") | Q(consumed_at__isnull=False),
                name="ticket_value_only_when_spent",
            ),
        ]
        indexes = [
            models.Index(fields=["sign_on"], name="ticket_sign_on"),
            models.Index(fields=["created_at"], name="ticket_created_at"),
        ]

    def __str__(self) -> str:
        return "ticket"


class ProxyGrant(models.Model):
    """A proxy-granting ticket: its hash, whose it is, through which services it came."""

    hash = models.BinaryField(max_length=32, primary_key=True)
    realm = models.CharField("domaine", max_length=10, choices=Realm.choices)
    account = models.ForeignKey(
        Account, models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    service = models.ForeignKey(Service, models.CASCADE, related_name="+")
    sign_on = models.UUIDField()
    profile = models.CharField(max_length=16, choices=Profile.choices, blank=True)
    proxies = ArrayField(models.CharField(max_length=2000), default=list)
    authenticated_at = models.DateTimeField("identifié le")
    created_at = models.DateTimeField("créé le")

    class Meta:
        verbose_name = "mandat"
        indexes = [
            models.Index(fields=["sign_on"], name="proxy_grant_sign_on"),
            models.Index(fields=["created_at"], name="proxy_grant_created_at"),
        ]

    def __str__(self) -> str:
        return "mandat"


class LogoutNotice(models.Model):
    """A service still to be told that a sign-on is over: the outbox of single logout.

    Written in the transaction that ended the session, sent by the worker (`sso.logout`).
    """

    service = models.ForeignKey(Service, models.CASCADE, related_name="+")
    address = models.CharField("adresse", max_length=2000)
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
                fields=["next_try_at"],
                name="logout_notice_due",
                condition=Q(sent_at__isnull=True, given_up_at__isnull=True),
            ),
            models.Index(fields=["created_at"], name="logout_notice_created_at"),
        ]

    def __str__(self) -> str:
        return f"avis de déconnexion {self.pk}"


class ServiceUsage(models.Model):
    """How often a service was opened, by day and profile; no names, and nothing that leads to one.

    The purge adds what it deletes; what happened since stands in the tickets themselves: read both
    through `sso.usage.visits_of`.
    """

    service = models.ForeignKey(Service, models.CASCADE, related_name="usage")
    day = models.DateField("jour")
    profile = models.CharField(max_length=16, choices=Profile.choices, blank=True)
    visits = models.PositiveIntegerField("connexions", default=0)

    class Meta:
        verbose_name = "fréquentation"
        ordering = ["day", "profile"]
        constraints = [
            models.UniqueConstraint(fields=["service", "day", "profile"], name="service_usage_once")
        ]

    def __str__(self) -> str:
        return f"fréquentation {self.pk}"


class RegistryStamp(models.Model):
    """One row whose version a trigger draws anew whenever the catalogue changes (`sso.registry`).

    Drawn and not counted: a restored database never shows an old number for another catalogue.
    """

    version = models.UUIDField(default=uuid.uuid4)

    class Meta:
        verbose_name = "version du catalogue"

    def __str__(self) -> str:
        return f"catalogue {self.version}"
