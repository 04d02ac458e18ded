"""One import, from its files to its report: staged, compared, guarded, applied, reported.

The command line and the background job both call :func:`run_import`; they differ in how they show
the progress. Nothing is written to the directory outside :func:`_apply`'s one transaction.
"""

from __future__ import annotations

import datetime
import hashlib
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import Max
from django.db.utils import IntegrityError
from django.utils import timezone

from directory.enums import Degree
from directory.imports import applying, compare, departures, extension, links, staging
from directory.imports.aaf.errors import DeliveryRefused
from directory.imports.aaf.names import COMPLETE
from directory.imports.aaf.packages import REQUIRED, OpenDelivery, open_delivery
from directory.imports.aaf.reading import Counts
from directory.imports.announced import check_authority
from directory.imports.enums import DeliveryMode, DeliveryState
from directory.imports.findings import place_findings, write_anomalies, write_general_anomalies
from directory.imports.guard import GuardResult, weigh_departures
from directory.imports.locks import authority_lock
from directory.imports.models import Delivery
from directory.imports.references import bulk_references
from directory.imports.reports import count_outcome
from directory.imports.steps import Step, Timing, run_steps
from directory.models import Authority, Record
from ent.audit.enums import Act, Outcome
from ent.audit.services import record as record_event

PERSON_CATEGORIES = ("Eleve", "PersRelEleve", "PersEducNat")
FIRST_DEGREE_NAME = "ENTPersonNom"
"""What first-degree files call ``sn``: another layout, and ids that may be those of people here."""
MAX_ATTEMPTS = 4
_RETRIED = ("40001", "40P01")
_TAKEN = "23505"

Progress = Callable[[str, int, int], None]


def _silent(_step: str, _done: int, _total: int) -> None:
    return None


@dataclass(slots=True)
class ImportRun:
    """Everything a run knows; contributors of higher rooms receive it."""

    authority: Authority
    delivery: Delivery
    opened: OpenDelivery
    schema: str
    progress: Progress = _silent
    polite: bool = False
    actor: UUID | None = None
    counts: Counts = field(default_factory=Counts)
    counters: dict[str, Any] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    timings: list[Timing] = field(default_factory=list)

    @property
    def degree(self) -> str:
        """Degree of the feed."""
        return self.delivery.degree

    def parameters(self) -> dict[str, Any]:
        """What the steps' SQL may name."""
        return {
            "authority": self.authority.pk,
            "degree": self.degree,
            # An optional category whose file holds nobody says no more than an absent one.
            "delivered": [c for c in PERSON_CATEGORIES if self.counts.objects.get(c)],
            "covered_before": _covered_before(self.delivery),
            "scope": self.delivery.scope,
        }

    def note(self, title: str, started: float) -> None:
        """Keep the time of something that is not a step."""
        self.timings.append(Timing(title, time.monotonic() - started, -1))

    def run(self, steps: list[Step]) -> None:
        """Run steps, shown and timed."""
        run_steps(
            steps,
            schema=self.schema,
            parameters=self.parameters(),
            say=lambda title: self.progress(title, 0, 0),
            counters=self.numbers,
            timings=self.timings,
        )


@dataclass(slots=True)
class ImportOutcome:
    """What came of it: the delivery's row says the rest."""

    delivery: Delivery
    guard: GuardResult | None = None
    timings: list[Timing] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def state(self) -> DeliveryState:
        """State of the delivery."""
        return DeliveryState(self.delivery.state)


def run_import(
    *,
    paths: Iterable[Path],
    authority: Authority,
    actor: UUID | None = None,
    delivery: Delivery | None = None,
    preview: bool = False,
    confirmed_count: int | None = None,
    confirmed_token: str = "",
    polite: bool = False,
    mode: str = "",
    progress: Progress = _silent,
) -> ImportOutcome:
    """Import a delivery, or only preview it.

    Departures that the guard holds are applied when *confirmed_count* is exactly the number of
    people who would leave, or *confirmed_token* names this set of files and these numbers.
    Raises :class:`directory.imports.locks.ImportBusy` when another import of the authority runs.
    A refused delivery is an outcome, not an exception: its row holds the reason.
    """
    started = time.monotonic()
    paths = list(paths)
    with authority_lock(authority.pk):
        delivery = _begin(authority, delivery, paths, actor, preview=preview)
        run: ImportRun | None = None
        try:
            with open_delivery(
                paths, workspace=Path(settings.VAR_DIR) / "imports", mode=mode
            ) as opened:
                run = ImportRun(
                    authority=authority,
                    delivery=delivery,
                    opened=opened,
                    schema=staging.schema_name(authority.pk),
                    progress=progress,
                    polite=polite,
                    actor=actor,
                )
                _describe(run)
                guard = _prepare(run)
                outcome = ImportOutcome(delivery, guard, run.timings)
                if preview or not _may_apply(run, guard, confirmed_count, confirmed_token):
                    _write_preview(run, guard)
                else:
                    _apply_with_retries(run, guard)
                staging.drop_schema(run.schema)
        except DeliveryRefused as refusal:
            if run is not None:
                staging.drop_schema(run.schema)
            _write_refusal(delivery, refusal, actor)
            outcome = ImportOutcome(delivery)
        except Exception:
            # Deposited files may be tried again, a command starts afresh; but what the transaction
            # has applied stays applied, even when the tidying up after it fails.
            state = DeliveryState.RECEIVED if delivery.uploads else DeliveryState.ABANDONED
            Delivery.objects.filter(pk=delivery.pk).exclude(state=DeliveryState.APPLIED).update(
                state=state
            )
            if run is not None:
                with suppress(DatabaseError):  # the sweeper will do it
                    staging.drop_schema(run.schema)
            raise
        if outcome.state == DeliveryState.APPLIED:
            _vacuum(run)
        outcome.seconds = time.monotonic() - started
        return outcome


def _begin(
    authority: Authority,
    delivery: Delivery | None,
    paths: list[Path],
    actor: UUID | None,
    *,
    preview: bool,
) -> Delivery:
    """Under the lock: close what dead runs left open, and open the row of this one."""
    stuck = Delivery.objects.filter(
        authority=authority, state__in=[DeliveryState.PREVIEWING, DeliveryState.APPLYING]
    )
    if delivery is None:
        stuck.update(state=DeliveryState.ABANDONED)
        return Delivery.objects.create(
            authority=authority,
            mode=DeliveryMode.COMPLETE,
            state=DeliveryState.PREVIEWING,
            label=", ".join(path.name for path in paths)[:200],
            started_by=actor,
        )
    stuck.exclude(pk=delivery.pk).update(state=DeliveryState.ABANDONED)
    delivery.state = DeliveryState.PREVIEWING if preview else DeliveryState.APPLYING
    delivery.refusal = ""
    delivery.save(update_fields=["state", "refusal"])
    return delivery


def _describe(run: ImportRun) -> None:
    """What the files' names say, and the refusals that follow from it."""
    opened, delivery = run.opened, run.delivery
    delivery.mode = DeliveryMode(opened.mode)
    delivery.generated_on = opened.date
    delivery.scope = opened.school_uai
    delivery.degree = Degree.SECOND
    delivery.save(update_fields=["mode", "generated_on", "scope", "degree"])
    if opened.mode != COMPLETE:
        raise DeliveryRefused(
            "delta_not_supported",
            "c’est un envoi différentiel ; seuls les envois complets sont importés pour "
            "l’instant. Demandez un envoi complet, ou attendez le prochain.",
            file=opened.files[0].name,
        )
    newest = _newest_applied(delivery)
    if newest is not None and opened.date and opened.date < newest:
        raise DeliveryRefused(
            "older_than_last",
            f"ces fichiers sont du {opened.date:%d/%m/%Y} ; un envoi plus récent, du "
            f"{newest:%d/%m/%Y}, est déjà appliqué.",
        )


def _newest_applied(delivery: Delivery) -> datetime.date | None:
    """Date of the newest applied delivery about the same schools.

    A school's own delivery is older than the academy's or than its own last one; one of the whole
    academy is older than any.
    """
    applied = Delivery.objects.filter(
        authority=delivery.authority, degree=delivery.degree, state=DeliveryState.APPLIED
    )
    if delivery.scope:
        applied = applied.filter(scope__in=["", delivery.scope])
    newest: datetime.date | None = applied.aggregate(newest=Max("generated_on"))["newest"]
    return newest


def _last_applied(delivery: Delivery) -> Delivery | None:
    return (
        Delivery.objects.filter(
            authority=delivery.authority,
            degree=delivery.degree,
            scope=delivery.scope,
            state=DeliveryState.APPLIED,
        )
        .order_by("-applied_at", "-id")
        .first()
    )


def _covered_before(delivery: Delivery) -> list[str]:
    last = _last_applied(delivery)
    return list(last.covered) if last is not None else []


def _prepare(run: ImportRun) -> GuardResult:
    """Stage and compare; the safe reader takes over files whose cut was not proven."""
    whole: set[int] = set()
    while True:
        staging.create_schema(run.schema)
        unproven = _stage(run, whole)
        if not unproven:
            break
        whole |= unproven
    _check_counts(run)
    return _compare(run)


def _stage(run: ImportRun, whole: set[int]) -> set[int]:
    opened = run.opened
    orders = staging.file_orders(opened, whole)

    def show(title: str) -> staging.SeenProgress:
        return lambda done, total: run.progress(title, done, total)

    known = Record.objects.filter(authority=run.authority, degree=run.degree).exists()
    run.progress("Lecture des fichiers", 0, opened.size)
    title = "Lecture des fichiers"
    started = time.monotonic()
    if not known:
        counts = staging.run_readers(
            "all", orders, schema=run.schema, size=opened.size, polite=run.polite,
            progress=show(title),
        )  # fmt: skip
        run.run(compare.NOTHING_KNOWN)
    else:
        plain = [order for order in orders if not order.whole]
        counts = staging.run_readers(
            "scan", plain, schema=run.schema, size=opened.size, polite=run.polite,
            progress=show(title),
        )  # fmt: skip
        if counts.unproven:
            return set(counts.unproven)
        staging.analyze(run.schema, ["seen"])
        run.run(compare.FIND_CHANGED)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT coalesce(sum(length), 0) FROM {run.schema}.todo")
            changed_bytes = int(cursor.fetchone()[0])
        changed = staging.run_readers(
            "changed", plain, schema=run.schema, size=changed_bytes, polite=run.polite,
            progress=show("Lecture des objets modifiés"),
        )  # fmt: skip
        if changed.unproven:
            return set(changed.unproven)
        if len(plain) < len(orders):
            rest = [order for order in orders if order.whole]
            counts.add(
                staging.run_readers(
                    "all", rest, schema=run.schema, size=0, polite=True, progress=show(title)
                )
            )
        changed.objects.clear()
        counts.add(changed)
    run.timings.append(Timing("Lecture des fichiers", time.monotonic() - started, 0))
    run.counts = counts
    staging.analyze(
        run.schema,
        ["in_person", "in_affiliation", "in_membership", "in_teaching", "in_link", "in_structure",
         "in_group", "in_finding"],
    )  # fmt: skip
    return set()


def _check_counts(run: ImportRun) -> None:
    """Refusals that only the content tells: empty file, wrong authority; the set's checksum."""
    counts = run.counts
    for file in run.opened.files:
        if file.category in REQUIRED and file.name in counts.empty_files:
            raise DeliveryRefused(
                "empty_file", "le fichier ne contient aucun objet.", file=file.name
            )
    if 2 * counts.unknown.get(FIRST_DEGREE_NAME, 0) > counts.objects.get("Eleve", 0):
        raise DeliveryRefused(
            "first_degree_not_supported",
            "ce sont des fichiers du premier degré ; seuls ceux du second degré sont importés "
            "pour l’instant.",
        )
    check_authority(
        schema=run.schema,
        authority=run.authority,
        of_schools=counts.academies,
        of_others=counts.listed_academies,
    )
    digest = hashlib.sha256()
    for number, file in enumerate(run.opened.files, start=1):
        digest.update(f"{file.category}\0{counts.digests.get(number, '')}\0".encode())
    run.delivery.checksum = digest.hexdigest()
    run.delivery.save(update_fields=["checksum"])


def _compare(run: ImportRun) -> GuardResult:
    with connection.cursor() as cursor:
        cursor.execute("SET work_mem = '192MB'")
    try:
        run.run(compare.IDENTIFY)
        run.run(compare.SCHOOLS)
        run.run(compare.PERSONS)
        run.run(links.LINKS)
        run.run(links.LINK_DIFFERENCES)
        run.run(links.DIFFERENCES)
        run.run(compare.OUTCOME)
        run.run(departures.REJECTED_KEYS)
        run.run(departures.COVERAGE)
        on = run.delivery.generated_on or timezone.localdate()
        guard = weigh_departures(
            schema=run.schema, authority_id=run.authority.pk, degree=run.degree, on=on
        )
        run.progress("Rapport", 0, 0)
        started = time.monotonic()
        place_findings(schema=run.schema, opened=run.opened)
        run.counters = count_outcome(run)
        run.timings.append(Timing("Rapport", time.monotonic() - started, 0))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET work_mem")
    return guard


def _may_apply(
    run: ImportRun, guard: GuardResult, confirmed_count: int | None, confirmed_token: str
) -> bool:
    if not guard.is_held:
        return True
    token = guard.token(run.delivery.checksum)
    return confirmed_token == token or confirmed_count == guard.leaving


def _write_preview(run: ImportRun, guard: GuardResult) -> None:
    delivery = run.delivery
    with transaction.atomic():
        _write_report(run, guard)
        delivery.state = DeliveryState.HELD if guard.is_held else DeliveryState.PREVIEWED
        delivery.save()
        if guard.is_held:
            record_event(
                act=Act.IMPORT_HELD,
                actor=run.actor,
                authority_code=run.authority.code,
                outcome=Outcome.REFUSED,
                details={"delivery": str(delivery.uuid), "count": guard.leaving},
            )


def _write_report(run: ImportRun, guard: GuardResult) -> None:
    delivery = run.delivery
    delivery.counters = run.counters
    delivery.guard = guard.as_json(delivery.checksum)
    write_anomalies(schema=run.schema, delivery=delivery)
    write_general_anomalies(
        delivery=delivery, ignored=run.opened.ignored, unknown=run.counts.unknown
    )
    delivery.counters["anomalies"] = delivery.anomalies.count()


def _write_refusal(delivery: Delivery, refusal: DeliveryRefused, actor: UUID | None) -> None:
    with transaction.atomic():
        delivery.state = DeliveryState.REFUSED
        delivery.refusal = str(refusal)[:2000]
        delivery.counters = {"refusal_code": refusal.code}
        delivery.save()
        record_event(
            act=Act.IMPORT_REFUSED,
            actor=actor,
            authority_code=delivery.authority.code,
            outcome=Outcome.REFUSED,
            details={"delivery": str(delivery.uuid), "reason": refusal.code},
        )


def _apply_with_retries(run: ImportRun, guard: GuardResult) -> None:
    """Prepare with the other rooms and run the transaction; a deadlock or a taken login: again."""
    run.delivery.state = DeliveryState.APPLYING
    run.delivery.save(update_fields=["state"])
    for attempt in range(1, MAX_ATTEMPTS + 1):
        for contributor in extension.contributors():
            started = time.monotonic()
            contributor.prepare(run)
            run.note(f"Préparation : {contributor.name}", started)
        numbers = dict(run.numbers)
        try:
            _apply(run, guard)
            return
        except (extension.StaleStaging, OperationalError, IntegrityError) as error:
            code = getattr(error.__cause__, "sqlstate", "")
            is_passing = isinstance(error, extension.StaleStaging) or code in (*_RETRIED, _TAKEN)
            if not is_passing or attempt == MAX_ATTEMPTS or connection.in_atomic_block:
                raise
            run.numbers = numbers
            time.sleep(0.2 * attempt)
            if code not in _RETRIED:
                fresh = _prepare(run)
                checksum = run.delivery.checksum
                if fresh.is_held and fresh.token(checksum) != guard.token(checksum):
                    raise  # nobody has confirmed these numbers
                guard = fresh


def _apply(run: ImportRun, guard: GuardResult) -> None:
    delivery = run.delivery
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '192MB'")
        with bulk_references(run) as references:
            run.run(applying.NEW_ROWS)
            for contributor in extension.contributors():
                started = time.monotonic()
                run.numbers.update(contributor.apply(run))
                run.note(f"Écriture : {contributor.name}", started)
            run.run(applying.NEW_LINKS)
            references.verify()
        run.run(applying.EXISTING_ROWS)
        for contributor in extension.contributors():
            run.numbers.update(contributor.announce(run))
        _write_report(run, guard)
        delivery.counters["written"] = dict(run.numbers)
        delivery.covered = _covered(run)
        delivery.state = DeliveryState.APPLIED
        delivery.applied_at = timezone.now()
        delivery.save()
        record_event(
            act=Act.IMPORT_APPLIED,
            actor=run.actor,
            authority_code=run.authority.code,
            details={
                "delivery": str(delivery.uuid),
                "created": run.counters["created"],
                "updated": run.counters["changed"],
                "removed": run.counters["leaving"],
                "unchanged": run.counters["unchanged"],
                "anomalies": delivery.counters["anomalies"],
            },
        )
        if guard.is_held:
            record_event(
                act=Act.IMPORT_CONFIRMED,
                actor=run.actor,
                authority_code=run.authority.code,
                details={"delivery": str(delivery.uuid), "count": guard.leaving},
            )
        run.run(applying.CHECK_CONSTRAINTS)
        run.progress("Validation", 0, 0)


def _covered(run: ImportRun) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT s.uai FROM {run.schema}.open_school o
            JOIN directory_school s ON s.id = o.school_id ORDER BY s.uai"""
        )
        return [row[0] for row in cursor.fetchall()]


def _vacuum(run: ImportRun | None) -> None:
    """After a large application: clean and count, so that pages stay quick."""
    if run is None or connection.in_atomic_block:
        return
    touched = run.counters["created"] + run.counters["changed"] + run.counters["leaving"]
    if not touched:
        return
    run.progress("Entretien de la base", 0, 0)
    with connection.cursor() as cursor:
        for table in applying.VACUUMED:
            cursor.execute(f"VACUUM (ANALYZE) {table}")
