"""T-D4: ten posts at once of one right passcode, over four processes: exactly one opens."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest
from django.db import connection

from guichet.authority.models import Guichet
from guichet.enums import KeyEvent, KeyState
from guichet.keys.models import KeyAct
from tests.guichet import kit
from tests.guichet.live import LiveGuichet, post_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def _race(site: LiveGuichet, keys: int) -> None:
    guichet = Guichet.objects.get()
    fobs = {}
    for number in range(keys):
        agent = kit.make_agent(f"agent{number}", guichet=guichet)
        state = KeyState.ACTIVE if number % 4 else KeyState.ASSIGNED
        fobs[agent.uid] = kit.make_key(agent, guichet=guichet, state=state)
    for uid, fob in fobs.items():
        pin = kit.PIN if fob.row.has_pin else ""
        statuses = Counter(post_at_once(site, uid, pin + fob.code(), count=10))
        assert statuses[303] == 1, (uid, statuses)
        assert set(statuses) <= {200, 303, 429}
    used = KeyAct.objects.filter(event__in=[KeyEvent.USED, KeyEvent.FIRST_CODE])
    assert used.count() == keys


def test_one_passcode_posted_ten_times_at_once_opens_once(site: LiveGuichet) -> None:
    _race(site, 4)


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_a_hundred_keys(site: LiveGuichet) -> None:
    _race(site, 100)


def test_the_processes_of_the_portal_open_no_seed() -> None:
    """With the key files of web, worker and beat together: nothing (T-D15).

    That a guichet's process opens them is what every other test here shows.
    """
    guichet = kit.make_guichet()
    kit.make_key(kit.make_agent(guichet=guichet), guichet=guichet)
    program = (
        "import django; django.setup()\n"
        "from guichet.keys.models import OtpKey\n"
        "from guichet.keys.seeds import clock_of\n"
        "key = OtpKey.objects.get()\n"
        "clock_of(key, authority=key.authority.uuid)\n"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "ent.settings.test",
        "PREAU_TEST_DATABASE": connection.settings_dict["NAME"],
        "PREAU_RUNS_WORKER": "1",
        "PREAU_REALM": "portail",
        "GUICHET_AUTHORITY": kit.AUTHORITY,
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "otp_seed_private" in done.stderr, done.stderr[-2000:]
