"""Mailings of first passwords: what was asked for, and one row per recipient."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final

from django.db import models
from django.db.models import Count, Q

from accounts.models import Account
from credentials.choice.population import PopulationChoice
from credentials.enums import CampaignState, RecipientState, SkipReason
from credentials.mailing.answers import explain
from directory.models import School

LONGEST_SUBJECT: Final = 75
LONGEST_TEXT: Final = 600
_ANSWER: Final = 300
_WAITING: Final = (RecipientState.QUEUED.value, RecipientState.DEFERRED.value)
_OPEN: Final = tuple(state.value for state in RecipientState.open())


class Campaign(models.Model):
    """One mailing. What became of it is counted from its recipients, never kept twice.

    ``key`` comes from the page that asks: the same page sent twice is one mailing. ``sameness`` is
    a hash of what is asked: while a mailing runs, the same one asked by somebody else is that one.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.UUIDField()
    sameness = models.BinaryField(max_length=32)
    school = models.ForeignKey(School, models.CASCADE, related_name="campaigns")
    requested_by = models.UUIDField("demandé par")
    subject = models.CharField("objet", max_length=LONGEST_SUBJECT)
    text = models.CharField("texte personnalisé", max_length=LONGEST_TEXT, blank=True)
    choice = models.JSONField("choix")
    words = models.CharField("ce qui a été choisi", max_length=200)
    state = models.CharField(
        "état", max_length=10, choices=CampaignState.choices, default=CampaignState.RUNNING
    )
    created_at = models.DateTimeField("demandé le")
    served_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField("terminé le", null=True, blank=True)

    class Meta:
        verbose_name = "diffusion"
        verbose_name_plural = "diffusions"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["school", "-created_at"], name="campaign_recent")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=CampaignState.values), name="campaign_state_known"
            ),
            models.UniqueConstraint(
                fields=["key"],
                name="campaign_asked_once",
                violation_error_message="Cet envoi a déjà été demandé.",
            ),
            models.UniqueConstraint(
                fields=["school", "sameness"],
                condition=Q(state="en-cours"),
                name="campaign_one_alike_running",
                violation_error_message="Le même envoi est déjà en cours.",
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) ^ Q(state="terminee"),
                name="campaign_done_has_a_date",
            ),
        ]

    def __str__(self) -> str:
        return f"diffusion {self.uuid}"

    @property
    def chosen(self) -> PopulationChoice:
        """Whom it was for."""
        return PopulationChoice.from_json(self.school_id, self.choice)


class CampaignRecipientQuerySet(models.QuerySet["CampaignRecipient"]):
    """Reads of the recipients."""

    def waiting(self) -> CampaignRecipientQuerySet:
        """Those that a worker may still take."""
        return self.filter(state__in=_WAITING)

    def in_progress(self) -> CampaignRecipientQuerySet:
        """Those whose end is not known yet."""
        return self.filter(state__in=_OPEN)

    def count_by_state(self) -> dict[RecipientState, int]:
        """Return how many are in each state: one query, and the sum is everybody."""
        rows = self.order_by().values_list("state").annotate(Count("pk"))
        return {RecipientState(state): number for state, number in rows}


class CampaignRecipient(models.Model):
    """One account of a mailing: at most one mail, and where it is.

    ``claim`` names the worker that has it: the number of an advisory lock which PostgreSQL frees
    when that worker dies, whatever killed it. A row in ``envoi`` without a claim is in doubt: its
    worker died, or the connection broke, before the server's answer.

    The address is a copy for the report; it is cleared some months after the end.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="recipients")
    account = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="mailings"
    )
    address = models.CharField("adresse", max_length=254, blank=True)
    domain = models.CharField("domaine", max_length=254, blank=True)
    state = models.CharField(
        "état", max_length=10, choices=RecipientState.choices, default=RecipientState.QUEUED
    )
    reason = models.CharField("motif", max_length=20, choices=SkipReason.choices, blank=True)
    claim = models.IntegerField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    doubts = models.PositiveSmallIntegerField("essais sans réponse finale", default=0, db_default=0)
    silences = models.PositiveSmallIntegerField("essais sans réponse", default=0, db_default=0)
    next_at = models.DateTimeField("prochain essai", null=True, blank=True)
    first_at = models.DateTimeField("premier essai", null=True, blank=True)
    started_at = models.DateTimeField("dernier essai", null=True, blank=True)
    ended_at = models.DateTimeField("fin", null=True, blank=True)
    code = models.PositiveSmallIntegerField("code du serveur", null=True, blank=True)
    answer = models.CharField("réponse du serveur", max_length=_ANSWER, blank=True)

    objects = CampaignRecipientQuerySet.as_manager()

    class Meta:
        verbose_name = "destinataire"
        verbose_name_plural = "destinataires"
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["campaign", "id"],
                name="recipient_waiting",
                condition=Q(state__in=_WAITING),
            ),
            models.Index(fields=["campaign", "state"], name="recipient_state"),
            models.Index(
                fields=["claim"], name="recipient_claimed", condition=Q(claim__isnull=False)
            ),
            models.Index(fields=["id"], name="recipient_sending", condition=Q(state="envoi")),
            models.Index(
                fields=["started_at"],
                name="recipient_started",
                condition=Q(started_at__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "account"], name="recipient_once_per_campaign"
            ),
            models.CheckConstraint(
                condition=Q(state__in=RecipientState.values), name="recipient_state_known"
            ),
            models.CheckConstraint(
                condition=Q(claim__isnull=True) | Q(state__in=_OPEN),
                name="recipient_claimed_is_open",
            ),
            models.CheckConstraint(
                condition=~Q(state="ecarte") | ~Q(reason=""), name="recipient_skipped_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(state="envoi") | Q(started_at__isnull=False),
                name="recipient_sending_has_begun",
            ),
        ]

    def __str__(self) -> str:
        return f"destinataire {self.pk}"

    @property
    def explanation(self) -> str:
        """What the server's answer means, in French."""
        return explain(self.code, self.answer)


class MailingTrial(models.Model):
    """A mailing as its author asks to see it in their own mailbox; deleted once it was sent."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.CASCADE, related_name="+")
    requested_by = models.UUIDField("demandé par")
    subject = models.CharField("objet", max_length=LONGEST_SUBJECT)
    text = models.CharField("texte personnalisé", max_length=LONGEST_TEXT, blank=True)
    created_at = models.DateTimeField("demandé le", auto_now_add=True)

    class Meta:
        verbose_name = "essai de diffusion"
        verbose_name_plural = "essais de diffusion"

    def __str__(self) -> str:
        return f"essai {self.uuid}"


class MailServer(models.Model):
    """How the mail server is doing, for all workers: one row.

    After a failure of the whole server nobody tries before ``open_until``; no recipient pays.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    failures = models.PositiveIntegerField("échecs de suite", default=0)
    open_until = models.DateTimeField("pas d’essai avant", null=True, blank=True)
    answer = models.CharField("dernière réponse", max_length=_ANSWER, blank=True)

    class Meta:
        verbose_name = "serveur de courriel"
        verbose_name_plural = "serveurs de courriel"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="mail_server_one_row"),
            models.CheckConstraint(
                condition=Q(failures=0) ^ Q(open_until__isnull=False),
                name="mail_server_rests_after_a_failure",
            ),
        ]

    def __str__(self) -> str:
        return "serveur de courriel"

    def rests_at(self, now: datetime) -> bool:
        """Is nobody to try at that moment?"""
        return self.open_until is not None and self.open_until > now
