"""T-D15: what a dump and the files of the server hold of seeds, PINs and codes: nothing."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from ent.audit.origin import COMMAND
from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.jobs.running import run_now
from ent.jobs.sweeper import sweep
from guichet.assistance.services import DeskAct, assign_key, issue_rescue
from guichet.authority.current import forget_guichet
from guichet.authority.models import Guichet
from guichet.enums import KeyState, SeedImportState
from guichet.keys.models import OtpKey
from guichet.seed_files.services import confirm, receive_file
from tests.guichet import kit
from tests.guichet.test_seed_files import desk, upload
from tests.kit.dumps import dump_database, forms_of

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["desk"]  # a fixture
CANARY = "zzqxkvwj"
SEED = f"{CANARY}-seed-000001".encode()
TRANSPORT = f"{CANARY} du fournisseur"
PIN = "59031746"
ROOT = Path(__file__).resolve().parents[2]


def test_a_dump_and_every_file_hold_no_seed_pin_nor_code(desk: Client) -> None:
    """A file is imported, a key is used for the first time and again, a rescue is handed over."""
    guichet = Guichet.objects.get()
    Guichet.objects.update(pin_digits=8)
    forget_guichet()
    received = upload(desk, f"serial;seed;interval\nTST1;{SEED.hex()};60\n", transport=TRANSPORT)
    needles = [*forms_of(CANARY), SEED.hex().encode(), base64.b32encode(SEED)]
    assert _found(needles, dump_database()) == [], "while the file waits"
    run_now(Job.objects.get(kind="guichet.read_seeds"))
    desk.post(f"/assistance/import/{received.uuid}/", {"importer": "1"})
    run_now(Job.objects.get(kind="guichet.import_seeds"))
    act = DeskAct(guichet=guichet, actor=None, origin=COMMAND)
    agent = kit.make_agent("odurand", guichet=guichet)
    key = assign_key("TST1", agent, act)
    fob, client, codes = kit.Fob(seed=SEED, pk=key.pk), Client(), []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        codes.append(fob.code())
        kit.enter_by_key(client, agent.uid, codes[-1])
        clock.shift(60)
        codes.append(fob.code())
        client.post("/premiere-utilisation/second-code/", {"code": codes[-1]})
        chosen = {"pin": PIN, "confirmation": PIN}
        assert client.post("/premiere-utilisation/code-pin/", chosen).status_code == 303
        for typed in (PIN, "00000000"):
            clock.shift(60)
            codes.append(fob.code())
            kit.enter_by_key(Client(), agent.uid, typed + codes[-1])
        rescue, _ = issue_rescue(key.uuid, act)
        kit.enter_by_key(Client(), agent.uid, PIN + rescue)
    assert fob.row.failures == 1
    needles += [PIN.encode(), rescue.encode(), rescue.replace("-", "").encode()]
    dump = dump_database()
    assert b"guichet_otpkey" in dump
    texts = [dump, *(path.read_bytes() for path in _files())]
    for text in texts:
        assert _found(needles, text) == []
        for code in codes:
            assert re.search(rb"(?<![0-9.])%s(?![0-9])" % code.encode(), text) is None


def _found(needles: list[bytes], text: bytes) -> list[bytes]:
    return [needle for needle in needles if needle in text]


def _files() -> list[Path]:
    """Every file of the server but the database's own."""
    found = Path(settings.VAR_DIR).rglob("*")
    return [path for path in found if path.is_file() and "postgres" not in path.parts]


@pytest.mark.slow  # two processes start, one after the other
def test_a_killed_import_goes_on_and_wipes_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """kill -9 between two batches: the file stays sealed, the next worker finishes and wipes it."""
    for module in ("services", "sweeper"):
        monkeypatch.setattr(f"ent.jobs.{module}.wake_worker", lambda job_id: True)
    guichet = kit.make_guichet()
    agent = kit.make_agent("sacha", guichet=guichet)
    lines = [f"TST{n:04d};{SEED.hex()};60" for n in range(501)]
    received = receive_file(
        "\n".join(["serial;seed;interval", *lines]).encode(),
        transport=TRANSPORT,
        interval=None,
        guichet=guichet,
        actor=agent,
    )
    run_now(Job.objects.get(kind="guichet.read_seeds"))
    received.refresh_from_db()
    confirm(received, actor=agent)
    with transaction.atomic():
        kit.make_key(None, guichet=guichet, state=KeyState.STOCK, serial="TST0500")
        worker = _start_import()  # waits for us at the last serial, its first batch committed
        _wait_until(lambda: OtpKey.objects.count() == 501)
        worker.kill()
        worker.wait()
        transaction.set_rollback(True)
    assert OtpKey.objects.count() == 500
    received.refresh_from_db()
    assert received.state == SeedImportState.APPLYING
    assert SEED.hex().encode() not in bytes(received.sealed or b"")
    _wait_until(lambda: sweep().taken_up == 1)
    assert _start_import().wait(60) == 0
    received.refresh_from_db()
    assert (received.state, received.sealed) == (SeedImportState.APPLIED, None)
    assert (received.imported_count, OtpKey.objects.count()) == (501, 501)
    assert Job.objects.get(kind="guichet.import_seeds").state == JobState.SUCCEEDED


def _start_import() -> subprocess.Popen[bytes]:
    job = Job.objects.get(kind="guichet.import_seeds")
    return subprocess.Popen(
        [sys.executable, "-m", "tests.ent.job_process", str(job.pk)],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "ent.settings.test",
            "PREAU_TEST_DATABASE": connection.settings_dict["NAME"],
            "PREAU_REALM": "guichet",
            "GUICHET_AUTHORITY": kit.AUTHORITY,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
