"""The demonstration is filled by the real import, once, and everybody in its table can sign in."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from accounts.enums import AccountState, DoorKind
from accounts.local.secrets import check_secret
from accounts.models import Account, CasServer, Door, TermsText
from demo import people
from demo.academic import Try
from demo.authorities import AUTHORITIES
from demo.guichet.plan import HOST, Plan, plan_path
from demo.management.commands import prepare_demo
from directory.enums import Role
from directory.models import Authority, Person, RoleGrant, School
from directory.models.deliveries import Delivery
from portal.models import NewsItem, SchoolPage
from sso.models import Service, ServiceAudience

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def small(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three authorities as in the real one, with a few dozen pupils."""
    settings.VAR_DIR = tmp_path
    schools = [replace(one, schools=2, pupils_per_school=60) for one in AUTHORITIES]
    monkeypatch.setattr(prepare_demo, "AUTHORITIES", tuple(schools))
    return tmp_path


def prepare() -> str:
    out = io.StringIO()
    call_command("prepare_demo", stdout=out)
    return out.getvalue()


def logins_and_secrets(table: str) -> list[tuple[str, str]]:
    return re.findall(r"  ([a-z]+\.[a-z]+\d*)  +(\S+(?: \S+)*)", table)


def test_everybody_in_the_table_can_sign_in_and_a_second_run_changes_nothing(small: Path) -> None:
    prepare()
    assert School.objects.active().count() == 8  # two of them of the first degree
    assert SchoolPage.objects.count() == 8
    assert {d.kind for d in Door.objects.filter(authority__isnull=False)} == {
        DoorKind.LOCAL,
        DoorKind.CAS,
    }
    assert TermsText.objects.filter(authority__isnull=False).count() == 3
    table = (small / "demo" / "accounts.txt").read_text(encoding="utf-8")
    found = logins_and_secrets(table)
    academic = re.findall(
        r"  ([a-z]+\d*)  +la pluie sous le preau  +[^\n]*portail académique", table
    )
    assert (len(found), len(academic)) == (6, 5)
    foreign = json.loads((small / "demo" / "academy" / "people.json").read_text("utf-8"))
    plan = Plan.read(plan_path(small))
    mails = {agent.uid: agent.email for agent in plan.agents}
    mails |= {uid: known["attributes"]["mail"] for uid, known in foreign["reims"].items()}
    for login in academic:
        assert Person.objects.get(email=mails[login]).login
    assert {plan.with_key, plan.with_new_key} <= set(academic)
    servers = {server.door.code: server for server in CasServer.objects.select_related("door")}
    assert set(servers) == {"nancy-metz", "reims"}
    assert HOST in servers["nancy-metz"].public_url
    assert servers["nancy-metz"].door.key_method == "cle-otp"
    assert Service.objects.count() == 4
    states = []
    for login, secret in found:
        account = Account.objects.select_related("activation_code").get(login=login)
        proof = check_secret(account, secret)
        assert proof.is_password or proof.is_code, login
        states.append(account.state)
    assert states.count(AccountState.PENDING) == 1
    roles = set(RoleGrant.objects.in_force().values_list("role", flat=True))
    assert roles >= {
        Role.ENT_ADMINISTRATOR,
        Role.SCHOOL_ADMINISTRATOR,
        Role.CREDENTIALS_MANAGER,
        Role.FORM_TEACHER,
    }

    kinds = (Account, Delivery, NewsItem, Door, Authority, Service, ServiceAudience)
    counts = [model.objects.count() for model in kinds]
    prepare()
    assert counts == [model.objects.count() for model in kinds]
    assert (small / "demo" / "accounts.txt").read_text(encoding="utf-8") == table


def test_outside_the_demonstration_it_refuses(settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match=r"démonstration|demo"):
        prepare()
    assert not Account.objects.exists()


def test_the_table_leaves_the_address_to_whoever_knows_it() -> None:
    line = Try("Élève", "zoe.martin", "k7qp-m3xr-9t4v", "Élève ou parent")
    text = people.table_text([line])
    assert "zoe.martin" in text
    assert "{url}/" in text
