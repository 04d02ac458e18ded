"""Exports in real worker processes: killed, beside an import, and what they leave on a disk."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, connections, transaction

from directory.enums import Profile
from directory.models import School
from ent.audit.origin import Origin
from ent.files.models import FileChunk, StoredFile
from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.jobs.sweeper import sweep
from pronote_bridge.enums import EnvelopeKind, ExportState
from pronote_bridge.exports.services import request_export
from pronote_bridge.models import Export, ExportedPerson, Instance
from tests import factories as make
from tests.pronote_bridge.files import KeyPair, make_key_pair
from tests.pronote_bridge.population import (
    content_of,
    make_instance,
    make_pupil,
    make_vendor,
    manager_of,
)
from tests.pronote_bridge.reader import Base, open_vendor_file

pytestmark = pytest.mark.django_db(transaction=True)

_REPOSITORY = Path(__file__).resolve().parent.parent.parent
Start = Callable[[Export], "subprocess.Popen[bytes]"]
FAMILIES = 3


@pytest.fixture(autouse=True)
def nobody_is_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs wait for the processes that the tests start."""
    for module in ("services", "sweeper"):
        monkeypatch.setattr(f"ent.jobs.{module}.wake_worker", lambda job_id: True)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a worker's process for one export; what is left of it ends with the test."""
    processes: list[subprocess.Popen[bytes]] = []
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    def begin(export: Export) -> subprocess.Popen[bytes]:
        job = Job.objects.get(uuid=export.job_uuid)
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.ent.job_process", str(job.pk)],
            cwd=_REPOSITORY,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "ent.settings.test",
                "PREAU_TEST_DATABASE": connection.settings_dict["NAME"],
                "TMPDIR": str(temporary),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        processes.append(process)
        return process

    yield begin
    for process in processes:
        process.kill()
        process.wait()


@pytest.fixture
def pair(tmp_path: Path) -> KeyPair:
    """The vendor's key pair."""
    return make_key_pair(tmp_path)


@pytest.fixture
def instance(pair: KeyPair) -> Instance:
    """A school of some families."""
    make_vendor(pair)
    school = make.make_school()
    for _ in range(FAMILIES):
        add_family(school)
    return make_instance(school)


def add_family(school: School) -> None:
    """A pupil with a parent, in one transaction."""
    with transaction.atomic():
        parent = make.make_person(profile=Profile.GUARDIAN)
        make.make_child_of(guardian=parent, pupil=make_pupil(school))


def asked(instance: Instance) -> Export:
    """An export that waits for a worker."""
    return request_export(
        instance=instance,
        base=None,
        envelope=EnvelopeKind.VENDOR,
        actor=manager_of(instance.key_school),
        at=Origin(),
    )


@contextmanager
def no_byte_is_written() -> Iterator[None]:
    """Hold every worker at the first byte of a file that it wants to keep."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE files_filechunk IN EXCLUSIVE MODE")
        yield


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Ask again and again, until it is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def held_workers() -> int:
    """How many workers wait to write a byte."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted"
            " AND relation = 'files_filechunk'::regclass"
        )
        return int(cursor.fetchone()[0])


def meanwhile(act: Callable[[], None]) -> None:
    """Do it on a connection of its own, and commit."""

    def alone() -> None:
        try:
            act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(alone).result()


def files_open_for_writing(pid: int) -> list[str]:
    """Regular files that the process may write to, by their names (Linux)."""
    found = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        target = str(entry.readlink())
        flags = Path(f"/proc/{pid}/fdinfo/{entry.name}").read_text().split("flags:")[1].split()[0]
        is_written = int(flags, 8) & os.O_ACCMODE in {os.O_WRONLY, os.O_RDWR}
        if target.startswith("/") and not target.startswith("/dev/") and is_written:
            found.append(target)
    return found


def test_a_killed_worker_leaves_nothing_and_the_export_starts_again(
    instance: Instance, pair: KeyPair, start: Start, tmp_path: Path
) -> None:
    """T-J2, T-J4, kill -9: nothing clear on a disk, nothing half in the database."""
    export = asked(instance)
    with no_byte_is_written():
        process = start(export)
        wait_until(lambda: held_workers() == 1)
        assert files_open_for_writing(process.pid) == []
        assert list((tmp_path / "temporary").iterdir()) == []
        process.kill()
        process.wait()
    assert list((tmp_path / "temporary").iterdir()) == []
    wait_until(lambda: sweep().taken_up == 1)
    for table in (StoredFile, FileChunk, ExportedPerson):
        assert not table._default_manager.exists()
    export.refresh_from_db()
    assert export.state == ExportState.WAITING
    assert start(export).wait(60) == 0
    export.refresh_from_db()
    assert (export.state, export.pupil_count) == (ExportState.READY, FAMILIES)
    assert open_vendor_file(content_of(export), pair.private)
    assert Job.objects.get(uuid=export.job_uuid).state == JobState.SUCCEEDED


def test_two_exports_during_an_import_are_each_one_consistent_state(
    instance: Instance, pair: KeyPair, start: Start
) -> None:
    """T-J3: the first saw the directory before, the second between two commits of the import."""
    first, second = asked(instance), asked(instance)
    school = instance.key_school
    with no_byte_is_written():
        one = start(first)
        wait_until(lambda: held_workers() == 1)
        meanwhile(lambda: add_family(school))
        other = start(second)
        wait_until(lambda: held_workers() == 2)
        meanwhile(lambda: add_family(school))
    assert (one.wait(60), other.wait(60)) == (0, 0)
    for export, families in ((first, FAMILIES), (second, FAMILIES + 1)):
        export.refresh_from_db()
        base = Base()
        base.take(open_vendor_file(content_of(export), pair.private))
        kinds = [kind for kind, _ in base.lines]
        assert kinds.count("Responsables") == kinds.count("Eleves") == families
        assert (export.pupil_count, export.guardian_count) == (families, families)
        assert ExportedPerson.objects.filter(export=export).count() == 2 * families
