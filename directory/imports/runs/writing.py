"""From differences to rows: the preview, or everything in one transaction."""

from __future__ import annotations

import time

from django.db import OperationalError, connection, transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from directory.enums import DeliveryState
from directory.imports.application.empty_tables import empty_tables_filled
from directory.imports.application.ended_roles import end_roles
from directory.imports.application.references import bulk_references, find_kept_persons
from directory.imports.contributors import StaleStaging
from directory.imports.guard.weighing import GuardResult
from directory.imports.reports.anomalies import write_anomalies, write_general_anomalies
from directory.imports.runs.preparing import prepare
from directory.imports.runs.state import ImportRun
from directory.imports.runs.tuning import session_of_import, tune_transaction
from ent.audit.enums import Act, Outcome
from ent.audit.services import record as record_event

VACUUMED = (
    "directory_person",
    "directory_record",
    "directory_affiliation",
    "directory_membership",
    "directory_responsibility",
    "directory_teaching",
    "directory_group",
    "directory_school",
    "directory_subject",
    "directory_mef",
)
"""Vacuumed and analysed after the commit."""
MAX_ATTEMPTS = 4
_MUCH = 20
"""Statistics are made again when one person in so many has changed."""
_RETRIED = ("40001", "40P01")
_TAKEN = "23505"


def may_apply(
    run: ImportRun, guard: GuardResult, confirmed_count: int | None, confirmed_token: str
) -> bool:
    if not guard.is_held:
        return True
    token = guard.token(run.delivery.checksum)
    return confirmed_token == token or confirmed_count == guard.leaving


def write_preview(run: ImportRun, guard: GuardResult) -> None:
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


def apply_with_retries(run: ImportRun, guard: GuardResult) -> None:
    """Prepare with the other rooms and run the transaction; a deadlock or a taken login: again."""
    run.delivery.state = DeliveryState.APPLYING
    run.delivery.save(update_fields=["state"])
    try:
        _apply_in_turns(run, guard)
    finally:
        for contributor in run.contributors:
            contributor.end(run)


def _apply_in_turns(run: ImportRun, guard: GuardResult) -> None:
    for attempt in range(1, MAX_ATTEMPTS + 1):
        for contributor in run.contributors:
            started = time.monotonic()
            with session_of_import():
                contributor.prepare(run)
            run.note(f"Préparation : {contributor.name}", started)
        with session_of_import():
            find_kept_persons(run)
        numbers = dict(run.numbers)
        try:
            _apply(run, guard)
            return
        except (StaleStaging, OperationalError, IntegrityError) as error:
            code = getattr(error.__cause__, "sqlstate", "")
            is_passing = isinstance(error, StaleStaging) or code in (*_RETRIED, _TAKEN)
            if not is_passing or attempt == MAX_ATTEMPTS or connection.in_atomic_block:
                raise
            run.numbers = numbers
            time.sleep(0.2 * attempt)
            if code not in _RETRIED:
                fresh = prepare(run)
                checksum = run.delivery.checksum
                if fresh.is_held and fresh.token(checksum) != guard.token(checksum):
                    raise  # nobody has confirmed these numbers
                guard = fresh


def _apply(run: ImportRun, guard: GuardResult) -> None:
    delivery = run.delivery
    with transaction.atomic():
        tune_transaction()
        with bulk_references(run) as references:
            run.run("new_rows")
            with empty_tables_filled(run, is_allowed=references.is_fast):
                run.run("new_persons")
                for contributor in run.contributors:
                    started = time.monotonic()
                    run.numbers.update(contributor.apply(run))
                    run.note(f"Écriture : {contributor.name}", started)
                run.run("new_links")
            references.verify()
        run.run("existing_rows")
        end_roles(run)
        for contributor in run.contributors:
            started = time.monotonic()
            run.numbers.update(contributor.announce(run))
            run.note(f"Suites : {contributor.name}", started)
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
        run.run("check_constraints")
        run.progress("Validation", 0, 0)


def _covered(run: ImportRun) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT s.uai FROM {run.schema}.open_school o
            JOIN directory_school s ON s.id = o.school_id ORDER BY s.uai"""
        )
        return [row[0] for row in cursor.fetchall()]


def vacuum(run: ImportRun | None) -> None:
    """After an application: clean, and count what has changed enough, so that pages stay quick.

    A first import leaves nothing to clean: counting is enough, and the server's own cleaner marks
    the pages within a minute. A usual night changes too little for other plans.
    """
    if run is None or run.is_delta or connection.in_atomic_block:
        return  # what a delta leaves to clean is little: the server's own cleaner sees to it
    touched = run.counters["created"] + run.counters["changed"] + run.counters["leaving"]
    if not touched:
        return
    run.progress("Entretien de la base", 0, 0)
    started = time.monotonic()
    tables = list(VACUUMED)
    if run.is_first:  # later the server's own cleaner keeps pace with what other rooms write
        tables += [table for one in run.contributors for table in one.filled_tables]
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'directory_person'::regclass")
        is_much = touched * _MUCH >= cursor.fetchone()[0]
        statement = "ANALYZE" if run.is_first else "VACUUM (ANALYZE)" if is_much else "VACUUM"
        for table in tables:
            cursor.execute(f"{statement} {table}")
    run.note("Entretien de la base", started)
