"""One code, several processes: it passes once (T-D4 for the portal's own second factor)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from ent.audit.enums import Act
from ent.audit.models import AuditEvent
from tests import factories as make
from tests.accounts.applications import install

_PROVE = """
import django, sys
django.setup()
from datetime import datetime
import time_machine
from accounts.models import Account
from accounts.second_factor.services import prove
from ent.audit.origin import Origin
login, typed, moment = sys.argv[1:]
account = Account.objects.get_by_natural_key(login)
with time_machine.travel(datetime.fromisoformat(moment), tick=False):
    print("ready", flush=True)
    sys.stdin.readline()
    print(bool(prove(account=account, typed=typed, origin=Origin())))
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["application", "recovery"])
def test_of_several_processes_one_passes(what: str) -> None:
    person = make.make_person(given_name="Lou", family_name="Tenue", school=make.make_school())
    account = make.make_account(person=person)
    application, codes = install(account)
    typed = application.code() if what == "application" else codes[0]
    moment = timezone.now().isoformat()
    environment = {**os.environ, "PREAU_TEST_DATABASE": connection.settings_dict["NAME"]}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _PROVE, account.login, typed, moment],
            cwd=Path(__file__).resolve().parents[2],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=120)[0].strip() for process in processes]
    assert sorted(answers) == ["False", "False", "False", "True"]
    assert AuditEvent.objects.filter(act=Act.SECOND_FACTOR_PROVED).count() == 1
