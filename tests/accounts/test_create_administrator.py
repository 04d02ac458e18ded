"""The first administrator comes from the command line, never with a password on it (R-D8)."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.enums import AccountState
from accounts.management.commands import create_administrator as command
from accounts.models import Account, ReservedLogin
from accounts.provisioning.administrators import free_login
from directory.enums import AccessState, Role
from directory.models import Person, RoleGrant
from ent.audit.enums import Act
from ent.audit.models import AuditEvent
from ent.sealing.hashing import keyed_hash
from ent.sealing.keys import KeyRole
from tests import factories as make
from tests.kit import canaries

PASSWORD = "sous le préau quand il pleut"

pytestmark = pytest.mark.django_db


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    canaries.watch(PASSWORD)
    path = tmp_path / "secret"
    path.write_text(PASSWORD + "\n", encoding="utf-8")
    return path


def run(password_file: Path, *arguments: str) -> str:
    out = io.StringIO()
    names = ["--given-name", "Zoé", "--family-name", "L’Hôte-Bœuf"]
    call_command(
        "create_administrator", *names, "--password-file", str(password_file), *arguments,
        stdout=out,
    )  # fmt: skip
    return out.getvalue()


def test_the_command_creates_somebody_who_can_sign_in(password_file: Path) -> None:
    said = run(password_file)
    account = Account.objects.get()
    assert account.login == "zoe.lhoteboeuf"
    assert account.login in said
    assert PASSWORD not in said
    assert account.check_password(PASSWORD)
    assert account.state == AccountState.ACTIVE
    assert account.person.login == account.login
    assert account.person.access_state == AccessState.ACTIVE
    grant = RoleGrant.objects.in_force().get()
    assert (grant.person, grant.role) == (account.person, Role.ENT_ADMINISTRATOR)


def test_the_act_is_in_the_journal(password_file: Path) -> None:
    run(password_file)
    person = Person.objects.get()
    acts = AuditEvent.objects.about(person.uuid).values_list("act", flat=True)
    assert set(acts) == {Act.ACCOUNT_CREATED.value, Act.ROLE_GRANTED.value}


def test_a_homonym_gets_the_next_number_even_after_an_erasure(password_file: Path) -> None:
    make.make_account(person=make.make_person(), login="zoe.lhoteboeuf2")
    make.make_account(person=make.make_person(), login="zoe.lhoteboeufelin9")
    assert "zoe.lhoteboeuf3" in run(password_file)
    ReservedLogin.objects.create(
        base_hash=keyed_hash(KeyRole.LOGIN_HASH, b"zoe.lhoteboeuf"), last_number=7
    )
    assert "zoe.lhoteboeuf8" in run(password_file)


@pytest.mark.parametrize(
    ("given", "family", "login"),
    [
        ("Zoé" + "e" * 40, "Lhôte-Bœuf", "zoe" + "e" * 27 + ".lhoteboeuf"),
        ("Zoé", "Martin 2", "zoe.martin"),
    ],
)
def test_the_login_is_the_one_that_an_import_would_make(
    given: str, family: str, login: str
) -> None:
    """Each part has 30 letters at most, and a digit at the end is a number among homonyms."""
    assert free_login(given_name=given, family_name=family) == login


@pytest.mark.parametrize("weak", ["quatorze carac", "aaaaaaaaaaaaaaaaaaaa", ""])
def test_a_weak_password_is_refused_and_nothing_is_created(tmp_path: Path, weak: str) -> None:
    path = tmp_path / "weak"
    path.write_text(weak, encoding="utf-8")
    with pytest.raises(CommandError):
        run(path)
    assert not Person.objects.exists()


def test_a_login_that_is_taken_is_refused_and_nothing_is_created(password_file: Path) -> None:
    make.make_account(person=make.make_person(), login="chef")
    with pytest.raises(CommandError, match="déjà pris"):
        run(password_file, "--login", "chef")
    assert Person.objects.count() == 1


def test_without_a_keyboard_the_command_says_what_to_give() -> None:
    with pytest.raises(CommandError, match="--given-name"):
        call_command("create_administrator")


def test_a_password_typed_in_two_ways_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    canaries.watch(PASSWORD)
    typed = iter(["trop court", PASSWORD, PASSWORD + "!", PASSWORD, PASSWORD])
    monkeypatch.setattr(command, "getpass", lambda _: next(typed))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    out, err = io.StringIO(), io.StringIO()
    options: dict[str, Any] = {"given_name": "Alix", "family_name": "Perrin"}
    call_command("create_administrator", stdout=out, stderr=err, **options)
    assert Account.objects.get().check_password(PASSWORD)
    assert "diffèrent" in err.getvalue()
    assert "15 caractères" in err.getvalue()


def test_no_option_takes_a_password() -> None:
    """T-L1: a command line is read by everybody on the machine."""
    parser = command.Command().create_parser("manage.py", "create_administrator")
    names = [name for action in parser._actions for name in action.option_strings]
    assert [name for name in names if "password" in name] == ["--password-file"]
