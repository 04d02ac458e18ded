"""Mailed links that set a password."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q

from accounts.models import Account
from credentials.enums import LinkPurpose, LostKind


class PasswordLinkQuerySet(models.QuerySet["PasswordLink"]):
    """Reads of the links."""

    def alive(self) -> PasswordLinkQuerySet:
        """Neither used nor killed; possibly past their hour."""
        return self.filter(used_at__isnull=True, killed_at__isnull=True)

    def ended_before(self, moment: datetime) -> PasswordLinkQuerySet:
        """Those that no page will speak of any more."""
        return self.filter(expires_at__lt=moment)


class PasswordLink(models.Model):
    """One link that sets the password of one account, once (T-C3).

    Two purposes: ``RESET`` (« Mot de passe oublié », one hour) and ``FIRST_PASSWORD`` (Diffusion,
    60 days). The token is in the mail alone: here stand its hash, and a hash over it of the
    person's addresses as they were, so that an address that changes kills the link, and one of what
    is kept of the password, so that its page may say that another was chosen.

    Rows are made by ``credentials.links.services.issue_links`` and used by ``redeem_link``; its
    docstring shows how a mailing takes a batch of them.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="password_links")
    purpose = models.CharField("usage", max_length=10, choices=LinkPurpose.choices)
    token_hash = models.BinaryField(max_length=32, unique=True)
    addresses_hash = models.BinaryField(max_length=32)
    secret_hash = models.BinaryField(max_length=32, null=True, blank=True)
    epoch = models.PositiveIntegerField()
    created_at = models.DateTimeField("émis le")
    expires_at = models.DateTimeField("valable jusqu’au", db_index=True)
    used_at = models.DateTimeField("utilisé le", null=True, blank=True)
    killed_at = models.DateTimeField("annulé le", null=True, blank=True)

    objects = PasswordLinkQuerySet.as_manager()

    class Meta:
        verbose_name = "lien de mot de passe"
        verbose_name_plural = "liens de mot de passe"
        indexes = [
            models.Index(fields=["account", "-created_at"], name="password_link_recent"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=LinkPurpose.values), name="password_link_purpose_known"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="password_link_expires"
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(killed_at__isnull=True),
                name="password_link_ends_once",
            ),
            models.UniqueConstraint(
                fields=["account", "purpose"],
                condition=Q(used_at__isnull=True, killed_at__isnull=True),
                name="password_link_one_alive",
            ),
        ]

    def __str__(self) -> str:
        return f"lien {self.uuid}"


class LostRequest(models.Model):
    """What was typed into « Mot de passe oublié » or « Identifiant oublié », until it is answered.

    The page writes this row and nothing else, so that its answer and its time are the same for
    everybody (T-A3); a job looks the typed words up, answers by mail if there is anybody, and
    deletes the row.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("demande", max_length=12, choices=LostKind.choices)
    typed = models.CharField("saisie", max_length=254)
    created_at = models.DateTimeField("reçue le", db_index=True)

    class Meta:
        verbose_name = "demande de secours"
        verbose_name_plural = "demandes de secours"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=LostKind.values), name="lost_request_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"demande {self.uuid}"


class LostCount(models.Model):
    """How many requests came from one place, or for one address, since a moment.

    The key is a keyed hash: no address stands here.
    """

    key = models.BinaryField(max_length=32, primary_key=True)
    since = models.DateTimeField("depuis", db_index=True)
    count = models.PositiveIntegerField("demandes")

    class Meta:
        verbose_name = "compteur de demandes"
        verbose_name_plural = "compteurs de demandes"

    def __str__(self) -> str:
        return "compteur de demandes"
