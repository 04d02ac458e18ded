"""The guichet of the demonstration: filled by the product's own ways, once; its fobs open it."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from demo.fobs.kept import Fob, read_fobs
from demo.guichet.filling import HELPER, fill_guichet
from demo.guichet.plan import PASSWORD, PIN, Plan, PlannedAgent, plan_path
from directory.enums import Category, Degree, Profile
from directory.models import Record
from guichet.agents.models import AcademicCredential
from guichet.enums import KeyState
from guichet.keys.models import OtpKey
from sso.models import Service
from tests import factories as make
from tests.guichet import kit
from tests.kit.ports import free_port


@pytest.fixture
def drawer(db: None, settings: Settings, tmp_path: Path) -> Path:
    """The demonstration of two teachers, filled twice; the folder of its fobs."""
    settings.VAR_DIR = tmp_path
    authority = make.make_authority(code=kit.AUTHORITY, name="Académie de Nancy-Metz")
    person = make.make_person(profile=Profile.TEACHER, email="odile@ac.example")
    Record.objects.create(
        authority=authority,
        degree=Degree.SECOND,
        category=Category.STAFF,
        external_id="1",
        person=person,
        checksum=b"",
    )
    agents = [
        PlannedAgent(uid=uid, family_name="Durand", given_name="Odile", email=f"{name}@ac.example")
        for uid, name in (("odurand", "odile"), ("pdurand", "paul"))
    ]
    plan = Plan(agents=agents, with_key="odurand", with_new_key="pdurand")
    plan.write(plan_path(tmp_path))
    fill_guichet()
    rows = set(OtpKey.objects.values_list("serial", "state", "pin", "sealed_seed"))
    fill_guichet()
    assert set(OtpKey.objects.values_list("serial", "state", "pin", "sealed_seed")) == rows
    assert Service.objects.count() == 1
    assert AcademicCredential.objects.get(uid="odurand").person == person
    return tmp_path / "demo" / "fobs"


def shown(fob: Fob) -> str:
    return fob.shows(time.time())


def test_its_agents_enter_by_password_by_key_and_for_the_first_time(drawer: Path) -> None:
    in_service, of_helper, unused, *stock = read_fobs(drawer / "fobs.json")
    assert kit.is_in(kit.enter(Client(), "odurand", PASSWORD))
    assert kit.is_in(kit.enter_by_key(Client(), "odurand", PIN + shown(in_service)))
    first = kit.enter_by_key(Client(), "pdurand", shown(unused))
    assert first.headers["Location"] == "/premiere-utilisation/second-code/"
    helper = Client()
    kit.enter_by_key(helper, HELPER, PIN + shown(of_helper))
    assert helper.get("/assistance/").status_code == 200
    serials = {fob.serial for fob in stock}
    assert set(OtpKey.objects.filter(state=KeyState.STOCK).values_list("serial", flat=True)) == (
        serials
    )


def test_the_drawer_shows_each_fob_with_its_code(drawer: Path) -> None:
    """A process of its own, which is asked again when the codes change."""
    port = free_port()
    arguments = [str(port), str(drawer), "http://guichet.example"]
    process = subprocess.Popen([sys.executable, "-m", "demo.fobs", *arguments])
    try:
        page, refresh = _page_of(f"http://127.0.0.1:{port}/")
    finally:
        process.terminate()
        process.wait(timeout=10)
    for fob in read_fobs(drawer / "fobs.json"):
        around = {fob.shows(time.time() + shift) for shift in (-60, 0)}
        assert any(f"{code[:3]} {code[3:]}" in page for code in around), fob.serial
        assert fob.seed not in page
    assert f"Clé de odurand, code PIN {PIN}" in page
    assert 1 <= int(refresh) <= 60


def _page_of(url: str) -> tuple[str, str]:
    deadline = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.read().decode(), answer.headers["Refresh"]
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
