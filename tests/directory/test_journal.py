"""Each reads their perimeter of the journal, and the reading is journaled (T-M4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import Person
from ent.audit.enums import Act
from ent.audit.models import AuditEvent
from ent.audit.services import record
from tests.cast import Cast

ClientOf = Callable[[Person | None], Client]
JOURNAL = "/annuaire/journal/"


@pytest.fixture
def events(cast: Cast) -> Cast:
    """One event in A, one in B, one act of the credentials manager, one of the academy."""
    record(act=Act.ACCOUNT_ACTIVATED, subject=cast.pupil.uuid, school_uai="0541111A")
    record(act=Act.ACCOUNT_BLOCKED, subject=cast.pupil_b.uuid, school_uai="0542222B")
    record(
        act=Act.PASSWORD_REGENERATED,
        actor=cast.credentials_manager.uuid,
        subject=cast.classmate.uuid,
        school_uai="0541111A",
    )
    record(act=Act.IMPORT_APPLIED, authority_code="REIMS")
    return cast


@pytest.mark.parametrize(
    ("who", "acts"),
    [
        ("ent_administrator", {"account:activated", "account:blocked", "import:applied"}),
        ("manager_a", {"account:activated"}),
        ("head", {"account:activated"}),
        ("manager_b", {"account:blocked"}),
        ("credentials_manager", set()),
        ("form_teacher", set()),
        ("helpdesk", {"account:activated", "account:blocked"}),
    ],
)
def test_each_reads_their_perimeter(
    who: str, acts: set[str], events: Cast, client_of: ClientOf
) -> None:
    page = client_of(getattr(events, who)).get(JOURNAL)
    shown = {line["event"].act for line in page.context["lines"]}
    sees_act_of_the_manager = who not in {"manager_b", "form_teacher"}
    assert ("account:password:regenerated" in shown) == sees_act_of_the_manager
    assert shown - {"account:password:regenerated", "journal:read"} == acts


def test_a_reading_is_journaled_without_what_was_read(events: Cast, client_of: ClientOf) -> None:
    client_of(events.manager_a).get(JOURNAL, {"qui": "Manon"})
    event = AuditEvent.objects.filter(act="journal:read").get()
    assert event.details == {"page": 1}


def test_filters_narrow_and_stand_in_the_address(events: Cast, client_of: ClientOf) -> None:
    client = client_of(events.ent_administrator)
    found = client.get(JOURNAL, {"acte": "account:blocked"}).context["lines"]
    assert [line["subject"] for line in found] == ["Oscar Autre"]
    assert client.get(JOURNAL, {"qui": "manon"}).context["lines"][0]["subject"] == "Manon Élève"
    assert not client.get(JOURNAL, {"du": "2999-01-01"}).context["lines"]
    wrong = client.get(JOURNAL, {"du": "2026-02-01", "au": "2026-01-01"})
    assert "La fin vient avant le début" in wrong.text


def test_the_last_day_of_the_calendar_is_a_day(events: Cast, client_of: ClientOf) -> None:
    """A date field takes it; no day comes after."""
    page = client_of(events.ent_administrator).get(JOURNAL, {"au": "9999-12-31"})
    assert page.status_code == 200
    assert page.context["lines"]


def test_somebody_out_of_reach_is_named_by_their_profile(events: Cast, client_of: ClientOf) -> None:
    record(
        act=Act.ACCOUNT_UNBLOCKED,
        actor=events.stranger.uuid,
        subject=events.parent.uuid,
        school_uai="0541111A",
    )
    page = client_of(events.manager_a).get(JOURNAL, {"acte": "account:unblocked"})
    assert "Étranger" not in page.text.replace("Établissement", "")
    assert page.context["lines"][0]["actor"] == "Enseignant"


def test_an_administrator_out_of_reach_is_named_by_their_role(
    events: Cast, client_of: ClientOf
) -> None:
    """Their profile (« Personnel de collectivité ») would say nothing of why they may."""
    record(
        act=Act.ACCOUNT_UNBLOCKED,
        actor=events.ent_administrator.uuid,
        subject=events.parent.uuid,
        school_uai="0541111A",
    )
    page = client_of(events.manager_a).get(JOURNAL, {"acte": "account:unblocked"})
    assert page.context["lines"][0]["actor"] == "Administrateur ENT"


def test_a_name_out_of_reach_finds_nothing(events: Cast, client_of: ClientOf) -> None:
    page = client_of(events.manager_a).get(JOURNAL, {"qui": "Oscar"})
    assert not page.context["lines"]


def test_an_erased_person_is_no_longer_named(events: Cast, client_of: ClientOf) -> None:
    events.pupil.delete()
    page = client_of(events.manager_a).get(JOURNAL, {"acte": "account:activated"})
    assert page.context["lines"][0]["subject"] == "personne effacée"


def test_the_export_holds_the_same_lines(events: Cast, client_of: ClientOf) -> None:
    answer = client_of(events.manager_a).post(
        reverse("directory:journal-export"), {"acte": "account:activated"}
    )
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "Manon Élève" in lines[1]
    assert "account:blocked" not in answer.text
    assert AuditEvent.objects.filter(act="journal:read").get().details["format"] == "csv"


def test_a_sheet_tells_the_account_s_story_within_the_school(
    events: Cast, client_of: ClientOf
) -> None:
    record(act=Act.PASSWORD_REGENERATED, subject=events.parent.uuid, school_uai="0542222B")
    record(act=Act.SIGN_IN_SUCCEEDED, subject=events.parent.uuid)
    address = reverse("directory:person", args=[events.parent.uuid])
    for_a = client_of(events.manager_a).get(address).text
    assert "Connexion réussie" in for_a
    assert "Mot de passe régénéré" not in for_a
    assert "Mot de passe régénéré" in client_of(events.manager_b).get(address).text


@pytest.mark.parametrize(
    ("who", "about", "is_told"),
    [
        ("manager_a", "head", True),
        ("ent_administrator", "head", True),
        ("helpdesk", "head", True),
        ("credentials_manager", "head", False),
        ("credentials_manager", "pupil", True),
        ("form_teacher", "pupil", True),
        ("pupil", "pupil", False),
    ],
)
def test_a_sheet_tells_the_account_s_history_to_who_reads_the_journal_or_may_rescue(
    who: str, about: str, is_told: bool, cast: Cast, client_of: ClientOf
) -> None:
    """A manager at a counter does not read when the head signs in, nor from what device."""
    person: Person = getattr(cast, about)
    record(act=Act.SIGN_IN_SUCCEEDED, subject=person.uuid, school_uai="0541111A")
    page = client_of(getattr(cast, who)).get(reverse("directory:person", args=[person.uuid]))
    assert page.status_code == 200
    assert ("Historique du compte" in page.text) is is_told
