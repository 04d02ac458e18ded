"""The whole of a run, under its authority's lock."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from directory.enums import DeliveryState
from directory.imports import staging
from directory.imports.layouts.aaf.common.packages import open_delivery
from directory.imports.layouts.aaf.layouts import LAYOUTS
from directory.imports.layouts.errors import DeliveryRefused
from directory.imports.runs.ledger import begin, write_refusal
from directory.imports.runs.locks import authority_lock
from directory.imports.runs.preparing import prepare, read_file_names
from directory.imports.runs.state import ImportOutcome, ImportRun, Progress, silent
from directory.imports.runs.writing import apply_with_retries, may_apply, vacuum, write_preview
from directory.models.deliveries import Delivery
from directory.models.schools import Authority

SERVER_TRIES, SERVER_SECONDS = 60, 0.5
"""How often and how long a server that restarts is waited for."""


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
    progress: Progress = silent,
) -> ImportOutcome:
    """Import a delivery, or only preview it.

    Departures that the guard holds are applied when *confirmed_count* is exactly the number of
    people who would leave, or *confirmed_token* names this set of files and these numbers.
    Raises :class:`directory.imports.runs.locks.ImportBusy` when another import of the authority
    runs. A refused delivery is an outcome, not an exception: its row holds the reason.
    """
    started = time.monotonic()
    paths = list(paths)
    with authority_lock(authority.pk):
        delivery = begin(authority, delivery, paths, actor, preview=preview)
        run: ImportRun | None = None
        for schema in staging.left_schemas(authority.pk):
            staging.drop_schema(schema)  # of runs that were killed: we hold the lock
        try:
            with open_delivery(
                paths,
                required=LAYOUTS[delivery.degree].required,
                workspace=Path(settings.VAR_DIR) / "imports",
                mode=mode,
            ) as opened:
                run = ImportRun(
                    authority=authority,
                    delivery=delivery,
                    opened=opened,
                    schema=staging.schema_for(authority.pk, delivery.pk, size=opened.size),
                    progress=progress,
                    polite=polite,
                    actor=actor,
                    is_preview=preview,
                )
                read_file_names(run)
                guard = prepare(run)
                outcome = ImportOutcome(delivery, guard, run.timings)
                if preview or not may_apply(run, guard, confirmed_count, confirmed_token):
                    write_preview(run, guard)
                else:
                    apply_with_retries(run, guard)
                staging.drop_schema(run.schema)
        except DeliveryRefused as refusal:
            if run is not None:
                staging.drop_schema(run.schema)
            write_refusal(delivery, refusal, actor)
            outcome = ImportOutcome(delivery)
        except (OperationalError, InterfaceError):
            if not _was_applied(delivery):
                _leave_open(delivery, run)
                raise
            outcome = ImportOutcome(delivery, None, run.timings if run is not None else [])
        except Exception:
            _leave_open(delivery, run)
            raise
        if outcome.state == DeliveryState.APPLIED and run is not None:
            with suppress(OperationalError, InterfaceError):
                vacuum(run)
        outcome.seconds = time.monotonic() - started
        return outcome


def _was_applied(delivery: Delivery) -> bool:
    """Was the server lost after the commit? It is asked again once it is back."""
    if connection.in_atomic_block:
        return False
    for _ in range(SERVER_TRIES):
        connection.close()
        try:
            delivery.refresh_from_db()
        except (OperationalError, InterfaceError):
            time.sleep(SERVER_SECONDS)
        else:
            return delivery.state == DeliveryState.APPLIED
    return False


def _leave_open(delivery: Delivery, run: ImportRun | None) -> None:
    """Deposited files may be tried again, a command starts afresh.

    What the transaction has applied stays applied, even when the tidying up after it fails.
    """
    state = DeliveryState.RECEIVED if delivery.uploads else DeliveryState.ABANDONED
    Delivery.objects.filter(pk=delivery.pk).exclude(state=DeliveryState.APPLIED).update(state=state)
    if run is not None:
        with suppress(DatabaseError):  # the sweeper will do it
            staging.drop_schema(run.schema)
