"""The row of a background job."""

from __future__ import annotations

import uuid
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from ent.jobs.enums import ENDED_STATES, LIVE_STATES, JobState
from ent.outages.causes import WORDS, Outage


class JobQuerySet(models.QuerySet["Job"]):
    """Reads of the jobs."""

    def live(self) -> Self:
        """Those that wait or run."""
        return self.filter(state__in=LIVE_STATES)

    def asked_by(self, person_uuid: UUID) -> Self:
        """Those that this person asked for."""
        return self.filter(actor=person_uuid)

    def of_kind(self, kind: str) -> Self:
        """Those of one kind."""
        return self.filter(kind=kind)


class Job(models.Model):
    """One piece of background work: what, for whom, how far, how it ended.

    Parameters and results hold identifiers and counts, never personal data or a secret. While it
    runs, only the process that holds its lock writes the row (`ent.jobs.attempt`).
    """

    # A 32-bit key: with the namespace it is the identifier of the advisory lock.
    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("nature", max_length=80)
    label = models.CharField("intitulé", max_length=200)
    params = models.JSONField("paramètres", default=dict)
    state = models.CharField(
        "état", max_length=10, choices=JobState.choices, default=JobState.QUEUED
    )
    step = models.CharField("étape", max_length=200, blank=True)
    done = models.PositiveBigIntegerField("fait", default=0)
    total = models.PositiveBigIntegerField("à faire", default=0)
    actor = models.UUIDField("demandé par", null=True, blank=True, db_index=True)
    authority_code = models.CharField("autorité", max_length=40, blank=True)
    school_uai = models.CharField("établissement", max_length=8, blank=True)
    attempts = models.PositiveSmallIntegerField("tentatives", default=0)
    max_attempts = models.PositiveSmallIntegerField("tentatives au plus", default=1)
    cancel_requested = models.BooleanField("annulation demandée", default=False)
    error = models.TextField("cause de l’échec", blank=True)
    #: What it waits for to come back (`ent.outages.causes.Outage`), since when, and until when it
    #: is not tried again.
    held_by = models.CharField(
        "attend le retour de", max_length=10, blank=True, default="", db_default=""
    )
    held_since = models.DateTimeField("attend depuis", null=True, blank=True)
    holds = models.PositiveSmallIntegerField("attentes", default=0, db_default=0)
    not_before = models.DateTimeField("pas avant", null=True, blank=True)
    result = models.JSONField("résultat", default=dict)
    created_at = models.DateTimeField("demandé le", auto_now_add=True)
    woken_at = models.DateTimeField("annoncé le", null=True, blank=True)
    started_at = models.DateTimeField("commencé le", null=True, blank=True)
    finished_at = models.DateTimeField("terminé le", null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = "travail"
        verbose_name_plural = "travaux"
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["id"],
                name="job_live",
                condition=Q(state__in=[s.value for s in LIVE_STATES]),
            ),
            models.Index(fields=["kind", "-created_at"], name="job_kind_recent"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state_known"),
            models.CheckConstraint(
                condition=Q(attempts__lte=F("max_attempts")), name="job_attempts_bounded"
            ),
            models.CheckConstraint(
                condition=(
                    Q(finished_at__isnull=True) ^ Q(state__in=[s.value for s in ENDED_STATES])
                ),
                name="job_ended_has_a_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"

    @property
    def is_live(self) -> bool:
        """Does it still wait or run?"""
        return self.state in LIVE_STATES

    @property
    def held_words(self) -> str:
        """What it waits for, for the person who asked for it; "" when it only waits its turn."""
        if self.state != JobState.QUEUED or not self.held_by:
            return ""
        return (
            f"{WORDS[Outage(self.held_by)]} Rien n’a été fait à moitié. "
            "Ce travail reprendra de lui-même, il n’y a rien à faire."
        )

    @property
    def percent(self) -> int | None:
        """How far it is, from 0 to 100; None while the total is unknown."""
        if self.state == JobState.SUCCEEDED:
            return 100
        return min(100, self.done * 100 // self.total) if self.total else None
