"""Tickets and proxy grants."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from directory.enums import Profile
from signin.enums import Method, Realm
from sso.catalogue.addresses import LONGEST
from sso.catalogue.models import Service
from sso.enums import TicketKind


class Ticket(models.Model):
    """One ticket for one visit of one service, consumed by one statement (`sso.tickets.issuing`).

    Its owner is a principal of the realm, known by a UUID (``subject``); ``methods`` is what they
    had proved when it was issued. ``hash`` is the SHA-256 of the value; the value itself is kept
    from the moment the ticket is dead (``consumed_value``): single logout names the session of a
    service by it. A consumed row stays until the sign-on is over, as the address book of single
    logout, then the purge counts it (`ServiceUsage`) and deletes it.
    """

    hash = models.BinaryField(max_length=32, primary_key=True)
    kind = models.CharField(max_length=2, choices=TicketKind.choices)
    realm = models.CharField("domaine", max_length=10, choices=Realm.choices)
    subject = models.UUIDField("titulaire")
    service = models.ForeignKey(Service, models.CASCADE, related_name="+")
    address = models.CharField("adresse exacte", max_length=LONGEST)
    sign_on = models.UUIDField()
    is_primary = models.BooleanField("issu d’une identification", default=False)
    methods = ArrayField(models.CharField(max_length=12, choices=Method.choices), default=list)
    profile = models.CharField(max_length=16, choices=Profile.choices, blank=True)
    proxies = ArrayField(models.CharField(max_length=2000), default=list, blank=True)
    authenticated_at = models.DateTimeField("identifié le")
    created_at = models.DateTimeField("créé le")
    expires_at = models.DateTimeField("valable jusqu’à")
    consumed_at = models.DateTimeField("consommé le", null=True, blank=True)
    consumed_value = models.CharField(max_length=256, blank=True)
    ended_at = models.DateTimeField("session terminée le", null=True, blank=True)

    class Meta:
        verbose_name = "ticket"
        constraints = [
            models.CheckConstraint(
                condition=Q(consumed_value="") | Q(consumed_at__isnull=False),
                name="ticket_value_only_when_consumed",
            ),
        ]
        indexes = [
            models.Index(fields=["sign_on"], name="ticket_sign_on"),
            models.Index(fields=["created_at"], name="ticket_created_at"),
        ]

    def __str__(self) -> str:
        return "ticket"


class ProxyGrant(models.Model):
    """A proxy-granting ticket: its hash, whose it is, through which services it came.

    What was proved is asked of the living sign-on at each use: it may have grown since.
    """

    hash = models.BinaryField(max_length=32, primary_key=True)
    realm = models.CharField("domaine", max_length=10, choices=Realm.choices)
    subject = models.UUIDField("titulaire")
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
