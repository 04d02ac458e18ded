"""The bench's own database, and the deliveries that it imports."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from demo.aaf import DeliveryTruth, GeneratorSpec, generate

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("PREAU_BENCH_VAR", ROOT / "var" / "bench")).resolve()
AUTHORITY = "BANC"


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Three deliveries of the same people."""

    first: Path
    same: Path
    """Another day, the same records to the byte."""
    changed: Path
    """1 % of the records changed, left, moved or arrived."""
    truth: DeliveryTruth


def environment() -> dict[str, str]:
    """What every process of the bench runs with."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "ent.settings.demo",
        "PREAU_VAR": str(VAR),
        "PREAU_RUNS_WORKER": "1",
    }


@contextmanager
def alone() -> Iterator[None]:
    """One bench at a time in one folder: two would measure, and erase, each other."""
    VAR.parent.mkdir(parents=True, exist_ok=True)
    with VAR.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit(
                "Une autre mesure est en cours. PREAU_BENCH_VAR=<dossier> en permet une à part."
            ) from None
        yield


def prepare_database() -> None:
    """An empty database in its own server; nothing of the demonstration is touched."""
    os.environ.update(environment())
    _manage("stop_database")
    shutil.rmtree(VAR, ignore_errors=True)
    _manage("create_keys")
    _manage("migrate", "--verbosity", "0")
    _manage("collectstatic", "--no-input", "--verbosity", "0")
    import django

    django.setup()
    from directory.enums import AuthorityKind
    from directory.models import Authority
    from ent.celery import create_broker_folders

    create_broker_folders()
    Authority.objects.create(code=AUTHORITY, name="Banc d’essai", kind=AuthorityKind.ACADEMY)


def stop_database() -> None:
    """Stop the server; the files stay for whoever wants to look."""
    _manage("stop_database")


def write_deliveries(persons: int) -> Deliveries:
    """About *persons* people in schools of 900 pupils, 1,800 bytes each."""
    spec = GeneratorSpec.of_persons(persons, authority=AUTHORITY, date=date(2026, 9, 1))
    folders = [VAR / "livraisons" / name for name in ("premiere", "meme", "un-pour-cent")]
    truth = generate(spec, folders[0])
    generate(replace(spec, date=date(2026, 9, 2)), folders[1])
    generate(replace(spec, date=date(2026, 9, 3), mutate=0.01), folders[2])
    return Deliveries(first=folders[0], same=folders[1], changed=folders[2], truth=truth)


def _manage(*arguments: str) -> None:
    subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=environment(),
        check=True,
        stdout=subprocess.DEVNULL,
    )
