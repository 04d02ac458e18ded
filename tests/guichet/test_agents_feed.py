"""The academy's file of agents."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from directory.enums import Category, Degree, Profile
from directory.lifecycle.erasure import erase_persons
from directory.models import Record
from guichet.agents.models import AcademicCredential
from guichet.agents_feed.reading import UnreadableFeed, read_agents
from guichet.authority.models import Guichet
from guichet.enums import KeyState
from tests import factories as make
from tests.guichet import kit
from tests.guichet.test_key_lists import workbook

pytestmark = pytest.mark.django_db
HEAD = "Identifiant;Nom;Prénom;Date de naissance;Courriel;Clé de jointure;Fonction;Date de fin\n"


def run(tmp_path: Path, text: str, **options: bool) -> str:
    path = tmp_path / "agents.csv"
    path.write_text(HEAD + text, encoding="utf-8")
    out = StringIO()
    call_command("import_agents", str(path), stdout=out, **options)
    return out.getvalue()


def test_a_file_is_first_told_then_applied(guichet: Guichet, tmp_path: Path) -> None:
    text = "odurand;Durand;Odile;15/03/1980;odile@ac.example;;Professeure;\n"
    assert "1 créés" in run(tmp_path, text)
    assert not AcademicCredential.objects.exists()
    run(tmp_path, text, apply=True)
    agent = AcademicCredential.objects.get()
    assert (agent.uid, agent.given_name, str(agent.birth_date)) == (
        "odurand",
        "Odile",
        "1980-03-15",
    )
    assert "1 inchangés" in run(tmp_path, text, apply=True)
    assert "1 modifiés" in run(tmp_path, text.replace("Professeure", "Proviseure"), apply=True)


def test_a_workbook_is_read_as_a_csv(guichet: Guichet, tmp_path: Path) -> None:
    """A date there is the number of a day."""
    path = tmp_path / "agents.xlsx"
    head = ["Identifiant", "Nom", "Date de naissance", "Date de fin"]
    path.write_bytes(workbook(head, ["odurand", "Durand", date(1980, 3, 15), "31/08/2027"]))
    call_command("import_agents", str(path), apply=True, stdout=StringIO())
    agent = AcademicCredential.objects.get()
    assert (agent.birth_date, agent.ends_on) == (date(1980, 3, 15), date(2027, 8, 31))


def test_an_agent_joins_exactly_one_person(guichet: Guichet, tmp_path: Path) -> None:
    """By join key, else by address; several or none: the agent exists without."""
    people = {}
    for key, email in (("1", "un@ac"), ("2", "deux@ac.example"), ("3", "deux@ac.example")):
        people[key] = make.make_person(profile=Profile.TEACHER, email=email)
        Record.objects.create(
            authority=guichet.authority,
            degree=Degree.SECOND,
            category=Category.STAFF,
            external_id=key,
            person=people[key],
            checksum=b"",
        )
    run(
        tmp_path,
        "un;Un;A;;autre@ac.example;AC-NANCY-METZ$1;;\ndeux;Deux;B;;deux@ac.example;;;\ntrois;T;C;;;;;\n",
        apply=True,
    )
    found = {agent.uid: agent.person for agent in AcademicCredential.objects.all()}
    assert found == {"un": people["1"], "deux": None, "trois": None}


def test_who_left_is_closed_at_once_and_comes_back_as_before(
    guichet: Guichet, tmp_path: Path
) -> None:
    agent = kit.make_agent("odurand", guichet=guichet, family_name="Durand")
    fob = kit.make_key(agent, guichet=guichet)
    client = Client()
    kit.enter(client, "odurand", kit.PASSWORD)
    assert "1 partis" in run(tmp_path, "autre;Autre;;;;;;\n", apply=True)
    assert client.get("/accueil/").status_code == 302
    assert fob.row.state == KeyState.TO_RECOVER
    assert "1 revenus" in run(tmp_path, "autre;Autre;;;;;;\nodurand;Durand;;;;;;\n", apply=True)
    assert kit.is_in(kit.enter(Client(), "odurand", kit.PASSWORD))
    assert fob.row.state == KeyState.TO_RECOVER


def test_too_many_departures_are_held_back(guichet: Guichet, tmp_path: Path) -> None:
    for number in range(30):
        kit.make_agent(f"agent{number}-x", guichet=guichet)
    with pytest.raises(CommandError, match="30 agents sur 30"):
        run(tmp_path, "autre;Autre;;;;;;\n", apply=True)
    assert AcademicCredential.objects.present().count() == 30
    assert "30 partis" in run(tmp_path, "autre;Autre;;;;;;\n", apply=True, confirm_departures=True)


def test_every_fault_is_told_and_closes_nobody(guichet: Guichet, tmp_path: Path) -> None:
    kit.make_agent("present", guichet=guichet)
    told = run(
        tmp_path,
        "é à;Nom;;;;;;\nbon;Nom;;;;;;\nbon;Nom;;;;;;\nsans;;;;;;;\ndate;Nom;;31/02/1980;;;;\n",
        apply=True,
    )
    for line in (2, 4, 5, 6):
        assert f"ligne {line} :" in told
    assert AcademicCredential.objects.get(uid="present").is_active
    with pytest.raises(UnreadableFeed, match="identifiant"):
        read_agents(b"nom;prenom\nA;B\n")


def test_an_erased_person_leaves_no_agent_and_their_key_is_to_be_recovered(
    guichet: Guichet,
) -> None:
    """T-M6: what stays of the key names nobody."""
    person = make.make_person(profile=Profile.TEACHER)
    agent = kit.make_agent("odurand", guichet=guichet, person=person)
    fob = kit.make_key(agent, guichet=guichet)
    client = Client()
    kit.enter(client, "odurand", kit.PASSWORD)
    erase_persons([person.pk])
    assert not AcademicCredential.objects.exists()
    key = fob.row
    assert (key.state, key.holder, key.last_step) == (KeyState.TO_RECOVER, None, -1)
    assert client.get("/accueil/").status_code == 302
