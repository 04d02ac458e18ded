"""Dry runs, their lists and lines, and what is kept for the next one."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from directory.models import Person
from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.text.folding import fold
from pronote_bridge.dry_run.enums import (
    IdentifierCheck,
    ListColumn,
    ListState,
    Outcome,
    Reason,
    RunState,
    Situation,
)
from pronote_bridge.enums import ListKind
from pronote_bridge.instances.models import Instance

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

#: How long the deposited lists and their lines are kept.
LIFETIME: Final = timedelta(days=1)
LONGEST_TITLE: Final = 80
LONGEST_NAME: Final = 200


class DryRunQuerySet(models.QuerySet["DryRun"]):
    """Reads of the dry runs; a screen starts from `pronote_bridge.dry_run.perms`."""

    def open(self) -> DryRunQuerySet:
        """Those whose lines are there, to be read and paired."""
        return self.filter(state=RunState.READY, expires_at__gt=timezone.now())

    def over(self) -> DryRunQuerySet:
        """Those whose day has passed and whose lines are still there."""
        return self.filter(expires_at__lte=timezone.now()).exclude(state=RunState.ERASED)


class DryRun(models.Model):
    """One comparison of Pronote's lists with the file: who asked, when, until when it is kept.

    Its counts stay; the deposited files and the lines go after a day.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    instance = models.ForeignKey(Instance, models.CASCADE, related_name="dry_runs")
    state = models.CharField(
        "état", max_length=10, choices=RunState.choices, default=RunState.WAITING
    )
    requested_by = models.UUIDField("demandé par")
    job_uuid = models.UUIDField("travail", db_index=True)
    created_at = models.DateTimeField("demandé le", default=timezone.now)
    finished_at = models.DateTimeField("terminé le", null=True, blank=True)
    expires_at = models.DateTimeField("effacé le", db_index=True)

    objects = DryRunQuerySet.as_manager()

    if TYPE_CHECKING:
        lists: RelatedManager[DryRunList]

    class Meta:
        verbose_name = "rapprochement à blanc"
        verbose_name_plural = "rapprochements à blanc"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["instance", "-created_at"], name="dry_run_recent")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RunState.values), name="dry_run_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=RunState.READY) | Q(finished_at__isnull=False),
                name="dry_run_ready_has_date",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="dry_run_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return f"rapprochement à blanc {self.uuid}"

    @property
    def is_open(self) -> bool:
        """Are its lines there, to be read and paired?"""
        return self.state == RunState.READY and self.expires_at > timezone.now()

    def has_failed(self, job: Job | None) -> bool:
        """Is it still waiting for a job that will never end it?"""
        return self.state == RunState.WAITING and (
            job is None or job.state in {JobState.FAILED, JobState.CANCELLED}
        )


class DryRunList(models.Model):
    """One deposited list of a dry run: its file, how it was read, what it gave.

    `counts` keeps the numbers once the lines are gone: lines (`lignes`), lines of each outcome
    (`Outcome`) that nobody paired by hand, those pairs (`main`), identifiers that are not the
    line's own (`identifiants`), and members of the file whom Pronote pairs with no line
    (`absents`).
    """

    dry_run = models.ForeignKey(DryRun, models.CASCADE, related_name="lists")
    kind = models.CharField("population", max_length=16, choices=ListKind.choices)
    state = models.CharField(
        "état", max_length=10, choices=ListState.choices, default=ListState.WAITING
    )
    file_name = models.CharField("fichier", max_length=150)
    stored_uuid = models.UUIDField("fichier chiffré", null=True, blank=True)
    problem = models.CharField("pourquoi elle est illisible", max_length=300, blank=True)
    header_line = models.PositiveIntegerField("ligne de titres", default=0)
    header = ArrayField(
        models.CharField(max_length=LONGEST_TITLE, blank=True),
        verbose_name="titres des colonnes",
        default=list,
        blank=True,
    )
    header_digest = models.BinaryField("empreinte des titres", max_length=32, default=bytes)
    columns = ArrayField(
        models.CharField(max_length=16, blank=True),
        verbose_name="contenu des colonnes",
        default=list,
        blank=True,
    )
    samples = models.JSONField("premières valeurs", default=list, blank=True)
    counts = models.JSONField("nombres", default=dict, blank=True)

    if TYPE_CHECKING:
        lines: RelatedManager[DryRunLine]

    class Meta:
        verbose_name = "liste d’un rapprochement à blanc"
        verbose_name_plural = "listes d’un rapprochement à blanc"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["dry_run", "kind"], name="dry_run_list_once"),
            models.CheckConstraint(
                condition=Q(kind__in=ListKind.values), name="dry_run_list_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ListState.values), name="dry_run_list_state_known"
            ),
            models.CheckConstraint(
                condition=Q(columns__contained_by=["", *ListColumn.values]),
                name="dry_run_list_columns_known",
            ),
            models.CheckConstraint(
                condition=~Q(state=ListState.REFUSED) ^ ~Q(problem=""),
                name="dry_run_list_refused_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"liste {self.pk}"


class HandPairingQuerySet(models.QuerySet["HandPairing"]):
    """Reads of the pairs made by hand."""

    def of_list(self, instance: Instance, kind: ListKind) -> HandPairingQuerySet:
        """Those of one list of an instance."""
        return self.filter(instance=instance, kind=kind)


class HandPairing(models.Model):
    """Whom a line of Pronote's lists is, said by somebody; kept for the next dry runs.

    The line is found again by `line_key` (`pronote_bridge.dry_run.line_keys`); its name is kept to
    show the pair.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    instance = models.ForeignKey(Instance, models.CASCADE, related_name="hand_pairings")
    kind = models.CharField("population", max_length=16, choices=ListKind.choices)
    line_key = models.BinaryField("clé de la ligne", max_length=32)
    line_name = models.CharField("nom dans Pronote", max_length=LONGEST_NAME)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    made_by = models.UUIDField("fait par")
    made_at = models.DateTimeField("fait le", default=timezone.now)

    objects = HandPairingQuerySet.as_manager()

    class Meta:
        verbose_name = "rapprochement à la main"
        verbose_name_plural = "rapprochements à la main"
        ordering = ["kind", "line_name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["instance", "kind", "line_key"], name="hand_pairing_once_per_line"
            ),
            models.UniqueConstraint(
                fields=["instance", "kind", "person"], name="hand_pairing_once_per_person"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=ListKind.values), name="hand_pairing_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"rapprochement à la main {self.uuid}"


class DryRunLineQuerySet(models.QuerySet["DryRunLine"]):
    """Reads of the lines."""

    def of_run(self, dry_run: DryRun) -> DryRunLineQuerySet:
        """Those of every list of a dry run."""
        return self.filter(source__dry_run=dry_run)

    def in_situation(self, situation: Situation) -> DryRunLineQuerySet:
        """Those that a page shows under *situation*: whoever is paired by hand waits no more."""
        match situation:
            case Situation.ALL:
                return self
            case Situation.OPEN:
                return self.filter(pairing__isnull=True).exclude(outcome=Outcome.MATCHED)
            case Situation.BY_HAND:
                return self.by_hand()
            case Situation.WRONG_IDENTIFIER:
                return self.with_wrong_identifier()
            case _:
                return self.filter(outcome=situation.value, pairing__isnull=True)

    def by_hand(self) -> DryRunLineQuerySet:
        """Those that somebody has paired."""
        return self.filter(pairing__isnull=False)

    def with_wrong_identifier(self) -> DryRunLineQuerySet:
        """Those whose identifier in Pronote is not their own of today."""
        return self.exclude(identifier_check__in=[IdentifierCheck.NONE, IdentifierCheck.OURS])

    def matching(self, typed: str) -> DryRunLineQuerySet:
        """Those whose name or class has each of the words typed."""
        found = self
        for word in fold(typed[:LONGEST_NAME]).split():
            found = found.filter(search_key__contains=word)
        return found


class DryRunLine(models.Model):
    """One line of a list: a person of Pronote's base, and what Pronote does with them."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.ForeignKey(DryRunList, models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField("ligne du fichier")
    name = models.CharField("nom dans Pronote", max_length=LONGEST_NAME, blank=True)
    birth_date = models.DateField("date de naissance", null=True, blank=True)
    class_name = models.CharField("classe", max_length=60, blank=True)
    relatives = models.CharField("élèves ou responsables", max_length=300, blank=True)
    identifier = models.CharField("identifiant dans Pronote", max_length=100, blank=True)
    search_key = models.CharField(max_length=300, blank=True)
    line_key = models.BinaryField("clé de la ligne", max_length=32, null=True)
    outcome = models.CharField("issue", max_length=16, choices=Outcome.choices)
    reason = models.CharField("raison", max_length=24, choices=Reason.choices)
    is_exact = models.BooleanField("écrit de même", default=True)
    identifier_check = models.CharField(
        "identifiant", max_length=10, choices=IdentifierCheck.choices, blank=True
    )
    person = models.ForeignKey(
        Person, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="personne"
    )
    owner = models.ForeignKey(
        Person,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="à qui est l’identifiant",
    )
    proposals = ArrayField(
        models.BigIntegerField(), verbose_name="personnes proposées", default=list, blank=True
    )
    pairing = models.ForeignKey(
        HandPairing,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="lines",
        verbose_name="rapprochement à la main",
    )

    objects = DryRunLineQuerySet.as_manager()

    class Meta:
        verbose_name = "ligne d’un rapprochement à blanc"
        verbose_name_plural = "lignes d’un rapprochement à blanc"
        ordering = ["source", "number"]
        indexes = [models.Index(fields=["source", "outcome"], name="dry_run_line_outcome")]
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="dry_run_line_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="dry_run_line_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=Reason.values), name="dry_run_line_reason_known"
            ),
            models.CheckConstraint(
                condition=Q(identifier_check__in=IdentifierCheck.values),
                name="dry_run_line_check_known",
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.MATCHED) ^ Q(person__isnull=True),
                name="dry_run_line_matched_is_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"ligne {self.uuid}"

    @property
    def is_open(self) -> bool:
        """Does it wait for a hand?"""
        return self.outcome != Outcome.MATCHED and self.pairing_id is None


class ColumnMapping(models.Model):
    """What the columns of a list hold, as somebody said; used for lists of the same titles."""

    instance = models.ForeignKey(Instance, models.CASCADE, related_name="column_mappings")
    kind = models.CharField("population", max_length=16, choices=ListKind.choices)
    header_digest = models.BinaryField("empreinte des titres", max_length=32)
    columns = ArrayField(
        models.CharField(max_length=16, blank=True), verbose_name="contenu des colonnes"
    )
    corrected_by = models.UUIDField("corrigé par")
    corrected_at = models.DateTimeField("corrigé le", default=timezone.now)

    class Meta:
        verbose_name = "colonnes d’une liste"
        verbose_name_plural = "colonnes des listes"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["instance", "kind", "header_digest"], name="column_mapping_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=ListKind.values), name="column_mapping_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(columns__contained_by=["", *ListColumn.values]),
                name="column_mapping_columns_known",
            ),
        ]

    def __str__(self) -> str:
        return f"colonnes {self.pk}"
