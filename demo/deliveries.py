"""Bringing the invented schools in through the real import, as an academy's delivery."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from demo.aaf import generate, generate_first_degree
from demo.authorities import DemoAuthority
from directory.enums import Degree, DeliveryState
from directory.imports.runs.sequence import run_import
from directory.models import Authority
from directory.models.deliveries import Delivery


class DemoImportError(Exception):
    """The import of our own delivery did not end as it must."""


def import_delivery(
    *, demo: DemoAuthority, authority: Authority, say: Callable[[str], None]
) -> bool:
    """Generate and import what *demo* delivers, once by degree; was anything done?"""
    is_done = False
    applied = Delivery.objects.filter(authority=authority, state=DeliveryState.APPLIED)
    for spec in demo.deliveries:
        if applied.filter(degree=spec.degree).exists():
            continue
        folder = (
            Path(settings.VAR_DIR) / "demo" / "livraisons" / f"{demo.code.lower()}-{spec.degree}"
        )
        shutil.rmtree(folder, ignore_errors=True)
        write = generate if spec.degree == Degree.SECOND else generate_first_degree
        truth = write(spec, folder)
        say(f"  {demo.name} : {len(truth.schools)} établissements, {truth.persons} personnes")
        outcome = run_import(paths=[folder], authority=authority)
        if outcome.state != DeliveryState.APPLIED:
            raise DemoImportError(
                f"{demo.name} : {outcome.state.label}. {outcome.delivery.refusal}".strip()
            )
        is_done = True
    return is_done
