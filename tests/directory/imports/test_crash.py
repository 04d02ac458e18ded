"""T-H8 and T-H9: killed at any moment, two at once. Real processes on a database of their own."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from directory.enums import DeliveryState
from directory.imports.runs.locks import ImportBusy, authority_lock
from directory.imports.runs.sequence import run_import
from directory.models import Authority, Person
from directory.models.deliveries import Delivery as DeliveryRow
from tests.directory.imports.deliveries import Delivery, SchoolOf, small_school
from tests.factories import make_authority

ROOT = Path(__file__).resolve().parents[3]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

_STATE = (
    """SELECT r.category, r.external_id, r.is_present, encode(r.checksum, 'hex'), p.family_name,
        p.given_name, p.profile, p.login, p.access_state, p.left_at IS NULL, m.uai
    FROM directory_record r LEFT JOIN directory_person p ON p.id = r.person_id
    LEFT JOIN directory_school m ON m.id = p.main_school_id ORDER BY 1, 2""",
    """SELECT p.login, p.sort_key, s.uai, a.profile, a.function_code FROM directory_affiliation a
    JOIN directory_person p ON p.id = a.person_id JOIN directory_school s ON s.id = a.school_id
    ORDER BY 1, 2, 3, 4, 5""",
    """SELECT p.login, p.sort_key, g.code, m.role FROM directory_membership m
    JOIN directory_person p ON p.id = m.person_id JOIN directory_group g ON g.id = m.group_id
    ORDER BY 1, 2, 3, 4""",
    """SELECT a.login, b.login, l.relationship, l.is_legal FROM directory_responsibility l
    JOIN directory_person a ON a.id = l.guardian_id JOIN directory_person b ON b.id = l.pupil_id
    ORDER BY 1, 2""",
    """SELECT a.login, a.kind, a.state, c.generation FROM accounts_account a
    LEFT JOIN accounts_activationcode c ON c.account_id = a.id ORDER BY 1""",
)


_HOLDER = """
import django, time
django.setup()
from directory.imports.runs.locks import authority_lock
with authority_lock({}):
    print('held', flush=True)
    time.sleep(60)
"""


def state_hash() -> str:
    """What the directory holds, without the keys, UUIDs and secrets that each run draws anew."""
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        for query in _STATE:
            cursor.execute(query)
            digest.update(repr(cursor.fetchall()).encode())
    return digest.hexdigest()


def start_import(folder: Path, code: str = "NANCY-METZ") -> subprocess.Popen[bytes]:
    """The command of the product, on the database of this test."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "import_aaf", str(folder), "--authority", code, "-v0",
         "--confirm-departures", "40"],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "ent.settings.test",
            "PREAU_TEST_DATABASE": str(connection.settings_dict["NAME"]),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def deliveries(pupils: int) -> tuple[Delivery, Delivery]:
    """A first delivery, and one that changes, moves, removes and adds people."""
    first = small_school(pupils)
    first.schools.append(SchoolOf(ref="200", uai="0540002B"))
    first.pupil("9001", school="200", guardians=["1001$10$1$1$0$1"])
    second = first.copy(date="20260902")
    for identifier in list(second.pupils)[:40]:
        del second.pupils[identifier]
    for number in range(41, 61):
        second.pupil(str(number), school="200", guardians=[f"{1000 + number}$10$1$1$0$1"])
    for number in range(61, 81):
        second.guardian(str(1000 + number), mail=f"nouveau{number}@example.org")
    for number in range(8001, 8021):
        second.pupil(str(number), guardians=["1002$20$0$1$0$0"])
    return first, second


@pytest.fixture
def prepared(tmp_path: Path) -> Iterator[tuple[Path, str, str]]:
    """The second delivery's folder, the state before it, and the state that it must lead to."""
    first, second = deliveries(300)
    academy = make_authority(code="NANCY-METZ")
    run_import(paths=[first.write(tmp_path / "first")], authority=academy)
    before = state_hash()
    yield second.write(tmp_path / "second"), before, str(academy.pk)


def kill_at_random(folder: Path, before: str, rounds: int, seed: int) -> None:
    """Kill at *rounds* moments over the length of a run; each time the old state or the new."""
    moments = random.Random(seed)
    final = ""
    for _ in range(rounds):
        process = start_import(folder)
        time.sleep(moments.uniform(0.5, 6))
        process.kill()
        process.wait()
        found = state_hash()
        if found != before:
            final = found
            break
    process = start_import(folder)
    assert process.wait(timeout=120) == 0
    after = state_hash()
    assert after != before
    if final:
        assert final == after
    assert Person.objects.filter(left_at__isnull=False).count() == 40
    again = start_import(folder)
    assert again.wait(timeout=120) == 0
    assert state_hash() == after
    assert not DeliveryRow.objects.filter(
        state__in=[DeliveryState.PREVIEWING, DeliveryState.APPLYING]
    ).exists()


def test_killed_at_any_moment_the_old_state_or_the_new_and_a_rerun_ends_it(
    prepared: tuple[Path, str, str],
) -> None:
    """T-H8, small size; the full one is `make faults`."""
    folder, before, _ = prepared
    kill_at_random(folder, before, rounds=3, seed=8)


@pytest.mark.faults
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(5))
def test_killed_twenty_times_the_result_is_that_of_an_uninterrupted_run(
    prepared: tuple[Path, str, str], seed: int
) -> None:
    """T-H8: each seed begins again from the state before the delivery."""
    folder, before, _ = prepared
    kill_at_random(folder, before, rounds=20, seed=seed)


def test_a_second_import_of_the_same_academy_is_refused_at_once(tmp_path: Path) -> None:
    """T-H9: and another academy's may run meanwhile; whoever waited would never end."""
    busy, free = make_authority(code="NANCY-METZ"), make_authority(code="REIMS")
    folder = small_school(2).write(tmp_path / "one")
    other = small_school(2)
    other.schools = [SchoolOf(uai="0510001R", academy="REIMS")]
    with authority_lock(busy.pk):
        with pytest.raises(ImportBusy):
            run_import(paths=[folder], authority=busy)
        assert run_import(paths=[other.write(tmp_path / "two")], authority=free).state == (
            DeliveryState.APPLIED
        )
        process = start_import(folder)
        assert process.wait(timeout=60) == 4
    assert run_import(paths=[folder], authority=busy).state == DeliveryState.APPLIED


def test_the_lock_is_free_before_the_server_notices_a_closed_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A busy server ends a closed connection later than the next delivery arrives."""
    academy = make_authority(code="NANCY-METZ")
    unnoticed: list[psycopg.Connection] = []
    with monkeypatch.context() as slow:
        slow.setattr(psycopg.Connection, "close", lambda link: unnoticed.append(link))
        for _ in range(2):
            with authority_lock(academy.pk):
                pass
    for link in unnoticed:
        link.close()


def test_the_lock_dies_with_its_holder(tmp_path: Path) -> None:
    """T-H9."""
    academy = make_authority(code="NANCY-METZ")
    holder = subprocess.Popen(
        [sys.executable, "-c",
         _HOLDER.format(academy.pk)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "ent.settings.test",
             "PREAU_TEST_DATABASE": str(connection.settings_dict["NAME"])},
        stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(ImportBusy), authority_lock(academy.pk):
            pass
        holder.kill()
        holder.wait()
        deadline = time.monotonic() + 5
        while True:
            try:
                with authority_lock(academy.pk):
                    break
            except ImportBusy:
                assert time.monotonic() < deadline
                time.sleep(0.05)
    finally:
        holder.kill()
        if holder.stdout:
            holder.stdout.close()


def test_a_reader_never_sees_half_an_import(tmp_path: Path) -> None:
    """Another connection counts while the import runs: nobody, or everybody."""
    academy = make_authority(code="NANCY-METZ")
    process = start_import(small_school(400).write(tmp_path / "one"))
    seen: set[int] = set()
    while process.poll() is None:
        seen.add(Person.objects.count())
        time.sleep(0.01)
    assert process.returncode == 0
    seen.add(Person.objects.count())
    assert seen == {0, 802}
    assert Authority.objects.get(pk=academy.pk).records.count() == 803
