"""The demonstration prepares both sides, with people whom a reconciliation stumbles over."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings as DjangoSettings

from accounts.models import Account
from demo.aaf import generate
from demo.authorities import AUTHORITIES
from demo.management.commands import prepare_demo
from demo.pronote.base.people import Population
from demo.pronote.entry.spaces import SPACES, visitor
from demo.pronote.reconciliation.keys import private_key
from demo.pronote.settings import PASSWORD_OF_SUPERVISOR, Settings
from directory.enums import DeliveryState, Profile, Source
from directory.imports.runs.sequence import run_import
from directory.models import Authority, Person
from pronote_bridge.instances.models import Instance
from pronote_bridge.vendor.services import vendor_key, vendor_partner
from sso.models import ServiceIdentifier
from sso.release.identifiers import identifiers_for
from tests.demo_pronote.exporting import exported
from tests.demo_pronote.kit import serving

pytestmark = pytest.mark.django_db(transaction=True)

#: The first academy of the demonstration, with two schools.
SMALL = replace(AUTHORITIES[0], schools=2, pupils_per_school=60, primary_schools=0)


def prepare() -> None:
    call_command("prepare_demo", stdout=io.StringIO())


@pytest.fixture
def prepared(settings: DjangoSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small demonstration; the folder of its Pronote."""
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(prepare_demo, "AUTHORITIES", (SMALL,))
    monkeypatch.setenv("DEMO_PRONOTE_PORT", "8301")
    prepare()
    return tmp_path / "demo" / "pronote"


def test_both_sides_know_each_other_and_a_second_run_follows_the_port(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = Instance.objects.get()
    assert instance.address == "http://127.0.0.1:8301/pronote"
    partner = vendor_partner()
    key = private_key(prepared).public_key()
    assert vendor_key(partner).rsa.public_numbers() == key.public_numbers()
    assert partner.is_complete
    table = (prepared.parent / "accounts.txt").read_text(encoding="utf-8")
    line = next(line for line in table.splitlines() if line.startswith("Superviseur de Pronote"))
    assert line.endswith("http://127.0.0.1:8301/pronote/administration/")
    assert PASSWORD_OF_SUPERVISOR in line

    monkeypatch.setenv("DEMO_PRONOTE_PORT", "8302")
    prepare()
    moved = Instance.objects.get()
    assert moved.address == "http://127.0.0.1:8302/pronote"
    assert moved.service == instance.service


def test_its_file_leaves_the_planted_people_to_a_hand_and_recognises_the_table(
    prepared: Path,
) -> None:
    instance = Instance.objects.get()
    school = instance.key_school
    pupils = Person.objects.filter(main_school=school, profile=Profile.PUPIL)
    named = Counter(pupils.values_list("family_name", "given_name"))
    assert named["MOREAU", "Gabriel"] == named["PETIT", "Inès"] == 2
    assert pupils.get(family_name="FONTAINE", given_name="Salomé").birth_date is None
    rose, basile = pupils.filter(family_name="DELAUNAY").order_by("-given_name")
    assert (rose.birth_date, rose.guardian_links.count()) == (basile.birth_date, 2)

    start = Settings(base_folder=prepared, port=0, people=prepared / "people.json")
    with serving(start) as desk:
        desk.enter()
        desk.give(exported(instance, desk.program.key.public_key()))
        base = desk.program.base
        values = dict(
            ServiceIdentifier.objects.filter(service=instance.service).values_list(
                "person_id", "value"
            )
        )
        teacher = Person.objects.get(children_links__source=Source.MANUAL, profile=Profile.TEACHER)
        for person, population in (
            (rose, Population.PUPILS),
            (rose.guardian_links.earliest("pk").guardian, Population.GUARDIANS),
            (teacher, Population.TEACHERS),
            (teacher, Population.GUARDIANS),
        ):
            assert base.bearer(values[person.pk], population) is not None
        left = {one.name for one in base.members(Population.PUPILS) if not one.is_paired}
        assert {"MOREAU Gabriel", "FONTAINE Salomé", "ARRIVAGE Tom"} <= left
        assert "PETIT Inès" not in left
        assert 5 <= len(left) <= 9
        for population in (Population.GUARDIANS, Population.TEACHERS, Population.STAFF):
            people = base.members(population)
            assert 0 < sum(not one.is_paired for one in people) < len(people) / 4
        spaces = [one.spaces for one in base.members(Population.STAFF) if "direction" in one.spaces]
        assert spaces
    assert json.loads((prepared / "people.json").read_text("utf-8"))["school"]["uai"] == school.uai


def test_after_an_import_of_the_directory_with_other_names_classes_and_logins_all_are_known(
    prepared: Path, tmp_path: Path
) -> None:
    """Pronote keeps the identifier; the directory keeps the row that it stands in."""
    instance = Instance.objects.get()
    service = instance.service
    start = Settings(base_folder=prepared, port=0, people=prepared / "people.json")
    with serving(start) as desk:
        desk.enter()
        desk.give(exported(instance, desk.program.key.public_key()))
        base = desk.program.base
        twins = Person.objects.filter(family_name="DELAUNAY", profile=Profile.PUPIL)
        parents = Person.objects.filter(children_links__pupil__in=list(twins)).distinct()
        numbers = [one.pk for one in (*twins, *parents)]
        before = identifiers_for(person_ids=numbers, service_id=service.pk)
        classes = set(twins.values_list("memberships__group__code", flat=True))

        import_changed_names(tmp_path / "next")
        for account in Account.objects.filter(person__in=numbers):
            change_login(account)

        people = Person.objects.filter(pk__in=numbers)
        assert {"DELAUNAY-ROY", "BRUNET-ROY"} <= set(people.values_list("family_name", flat=True))
        pupils = people.filter(profile=Profile.PUPIL)
        assert set(pupils.values_list("memberships__group__code", flat=True)) != classes
        after = identifiers_for(person_ids=numbers, service_id=service.pk)
        assert after == before
        for person in people:
            code = "eleve" if person.profile == Profile.PUPIL else "parent"
            assert visitor(base, SPACES[code], after[person.pk]) is not None
        desk.give(exported(instance, desk.program.key.public_key()))
        for person in people:
            code = "eleve" if person.profile == Profile.PUPIL else "parent"
            assert visitor(base, SPACES[code], after[person.pk]) is not None


def import_changed_names(folder: Path) -> None:
    """The academy's next delivery: a family with another name, its twins in another class."""
    generate(replace(SMALL.deliveries[0], date=date(2026, 9, 2)), folder)
    for path in folder.glob("*.xml"):
        text = path.read_text(encoding="iso-8859-15")
        records = [renamed(one) for one in text.split("</addRequest>")]
        path.write_text("</addRequest>".join(records), encoding="iso-8859-15")
    authority = Authority.objects.get(code=SMALL.code)
    assert run_import(paths=[folder], authority=authority).state == DeliveryState.APPLIED


def renamed(record: str) -> str:
    """The record as it is delivered next, when it is one of the family's."""
    if ">DELAUNAY<" not in record and ">BRUNET<" not in record:
        return record
    record = re.sub(r"(DELAUNAY|BRUNET)(?=</value>)", r"\1-ROY", record)
    return re.sub(r"\$5A(?=</value>)", "$4A", record)


def change_login(account: Account) -> None:
    """As « Modifier le login » does to the account's row."""
    account.login = f"autre.{account.login}"
    account.save(update_fields=["login"])
