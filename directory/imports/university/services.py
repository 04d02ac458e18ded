"""Reading a university's directory into ours: one run of the import."""

from __future__ import annotations

import tempfile
from pathlib import Path
from uuid import UUID

from django.conf import settings

from directory.enums import Degree, DeliveryMode, DeliveryState
from directory.imports.layouts.errors import DeliveryRefused
from directory.imports.runs.ledger import write_refusal
from directory.imports.runs.sequence import run_import
from directory.imports.runs.state import ImportOutcome, Progress, silent
from directory.imports.university.snapshot import write_snapshot
from directory.models import Delivery, LdapDirectory


def read_directory(
    directory: LdapDirectory,
    *,
    actor: UUID | None = None,
    preview: bool = False,
    confirmed_count: int | None = None,
    progress: Progress = silent,
) -> ImportOutcome:
    """Read everybody, compare, apply: guard, report and preview are those of every import."""
    delivery = Delivery.objects.create(
        authority=directory.authority,
        mode=DeliveryMode.COMPLETE,
        degree=Degree.UNIVERSITY,
        state=DeliveryState.PREVIEWING,
        label="Annuaire LDAP",
        started_by=actor,
    )
    workspace = Path(settings.VAR_DIR) / "imports"
    workspace.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="annuaire-", dir=workspace) as folder:
        try:
            write_snapshot(directory, Path(folder))
        except DeliveryRefused as refusal:
            write_refusal(delivery, refusal, actor)
            return ImportOutcome(delivery)
        return run_import(
            paths=[Path(folder)],
            authority=directory.authority,
            actor=actor,
            delivery=delivery,
            preview=preview,
            confirmed_count=confirmed_count,
            progress=progress,
        )
