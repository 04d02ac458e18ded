"""Two tabs, two processes, one code: one of them chooses the password."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from accounts.account.access_state import copy_late_access_states
from accounts.models import Account, ActivationCode, StaleAccessState
from tests.accounts.signing import GOOD_PASSWORD, make_pending, no_terms, sign_in

_OTHER = "trois canards sous la neige"

_CHOOSE = """
import django, sys
django.setup()
from django.test import Client
login, code, password = sys.argv[1:]
client = Client()
answer = client.post("/connexion/autres-comptes/", {"username": login, "password": code})
assert answer.status_code == 303
print("ready", flush=True)
sys.stdin.readline()
form = {"new_password": password, "confirmation": password}
print(client.post("/premiers-pas/mot-de-passe/", form).status_code)
"""


@pytest.mark.django_db
def test_the_second_tab_is_told_and_changes_nothing() -> None:
    no_terms()
    account, code = make_pending()
    first, second = Client(), Client()
    sign_in(first, account.login, code)
    sign_in(second, account.login, code)
    form = {"new_password": GOOD_PASSWORD, "confirmation": GOOD_PASSWORD}
    assert first.post("/premiers-pas/mot-de-passe/", form).status_code == 303
    other = {"new_password": _OTHER, "confirmation": _OTHER}
    assert second.post("/premiers-pas/mot-de-passe/", other).status_code != 200
    assert sign_in(Client(), account.login, GOOD_PASSWORD).status_code == 303
    assert sign_in(Client(), account.login, _OTHER).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_two_processes_one_wins() -> None:
    """The code dies and the account becomes active in one statement."""
    no_terms()
    account, code = make_pending()
    environment = {**os.environ, "PREAU_TEST_DATABASE": connection.settings_dict["NAME"]}
    passwords = [f"{GOOD_PASSWORD} {number}" for number in range(4)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _CHOOSE, account.login, code, password],
            cwd=Path(__file__).resolve().parents[2],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for password in passwords
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=120)[0].strip() for process in processes]
    assert answers.count("303") == 1 or set(answers) == {"303", "409"}, answers
    winners = [
        password
        for password in passwords
        if sign_in(Client(), account.login, password).status_code == 303
    ]
    assert len(winners) == 1
    assert not ActivationCode.objects.exists()
    assert Account.objects.get(pk=account.pk).epoch == 1


@pytest.mark.django_db(transaction=True)
def test_a_choice_never_waits_for_an_import_that_holds_the_person() -> None:
    """The state shown by the directory follows within a minute."""
    no_terms()
    account, code = make_pending()
    client = Client()
    sign_in(client, account.login, code)
    holder = connection.copy()
    try:
        holder.set_autocommit(False)
        with holder.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM directory_person WHERE id = %s FOR UPDATE", [account.person_id]
            )
        form = {"new_password": GOOD_PASSWORD, "confirmation": GOOD_PASSWORD}
        assert client.post("/premiers-pas/mot-de-passe/", form).status_code == 303
        assert StaleAccessState.objects.count() == 1
    finally:
        holder.rollback()
        holder.close()
    assert copy_late_access_states() == 1
    account.person.refresh_from_db()
    assert account.person.access_state == "active"
    assert not StaleAccessState.objects.exists()
