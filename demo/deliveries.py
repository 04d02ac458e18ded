"""Bringing the invented schools in through the real import, as an academy's delivery."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from demo.aaf import generate
from demo.authorities import DemoAuthority
from directory.enums import DeliveryState
from directory.imports.runs.sequence import run_import
from directory.models import Authority
from directory.models.deliveries import Delivery


class DemoImportError(Exception):
    """The import of our own delivery did not end as it must."""


def import_delivery(
    *, demo: DemoAuthority, authority: Authority, say: Callable[[str], None]
) -> bool:
    """Generate and import what *demo* delivers, once; tell whether anything was done."""
    if Delivery.objects.filter(authority=authority, state=DeliveryState.APPLIED).exists():
        return False
    folder = Path(settings.VAR_DIR) / "demo" / "livraisons" / demo.code.lower()
    shutil.rmtree(folder, ignore_errors=True)
    truth = generate(demo.delivery, folder)
    say(f"  {demo.name} : {len(truth.schools)} établissements, {truth.persons} personnes")
    outcome = run_import(paths=[folder], authority=authority)
    if outcome.state != DeliveryState.APPLIED:
        raise DemoImportError(
            f"{demo.name} : {outcome.state.label}. {outcome.delivery.refusal}".strip()
        )
    return True
