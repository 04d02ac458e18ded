"""Everybody sees as little as their task needs (T-I3), and nobody copies the directory (T-I4)."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from directory.models import Person, SheetCount
from directory.sheets import opening_limit
from directory.sheets.tasks import purge as purge_sheet_counts
from ent.audit.models import AuditEvent
from tests.cast import Cast

ClientOf = Callable[[Person | None], Client]
SECRETS = ("123456789AB", "03/04/2012", "12 rue des Tilleuls", "06 01 02 03 04")


@pytest.fixture
def filed(cast: Cast) -> Cast:
    """The pupil and the parent have a full file."""
    for person in (cast.pupil, cast.child_a, cast.parent):
        person.birth_date = datetime.date(2012, 4, 3)
        person.ine = "123456789AB"
        person.address = "12 rue des Tilleuls"
        person.mobile_phone = "06 01 02 03 04"
        person.save()
    return cast


def sheet_of(client: Client, person: Person) -> str:
    """Open a sheet."""
    answer = client.get(reverse("directory:person", args=[person.uuid]))
    assert answer.status_code == 200
    return answer.text


def test_a_pupil_reads_their_own_sheet_without_ine_birth_date_or_address(
    filed: Cast, client_of: ClientOf
) -> None:
    text = sheet_of(client_of(filed.pupil), filed.pupil)
    assert "4E3" in text
    for secret in SECRETS:
        assert secret not in text


def test_a_pupil_sees_neither_parents_nor_classmates(filed: Cast, client_of: ClientOf) -> None:
    assert "Claire" not in sheet_of(client_of(filed.child_a), filed.child_a)
    client = client_of(filed.pupil)
    for other in (filed.classmate, filed.parent, filed.teacher):
        assert client.get(reverse("directory:person", args=[other.uuid])).status_code == 404


def test_a_parent_opens_their_children_only(filed: Cast, client_of: ClientOf) -> None:
    client = client_of(filed.parent)
    own = sheet_of(client, filed.parent)
    assert "Anna" in own
    assert "Basile" in own
    for secret in SECRETS:
        assert secret not in sheet_of(client, filed.child_a)
    assert client.get(reverse("directory:person", args=[filed.pupil.uuid])).status_code == 404


def test_a_contact_without_authority_does_not_open_the_child(
    filed: Cast, client_of: ClientOf
) -> None:
    filed.parent.children_links.update(is_legal=False)
    address = reverse("directory:person", args=[filed.child_a.uuid])
    assert client_of(filed.parent).get(address).status_code == 404


def test_those_who_keep_the_files_see_the_file(filed: Cast, client_of: ClientOf) -> None:
    text = sheet_of(client_of(filed.manager_a), filed.pupil)
    for secret in SECRETS:
        assert secret in text


def test_a_manager_at_a_counter_sees_the_birth_date_and_no_more(
    filed: Cast, client_of: ClientOf
) -> None:
    text = sheet_of(client_of(filed.credentials_manager), filed.pupil)
    assert "03/04/2012" in text
    for secret in ("123456789AB", "Tilleuls", "06 01 02 03 04"):
        assert secret not in text


def test_a_form_teacher_sees_no_file(filed: Cast, client_of: ClientOf) -> None:
    text = sheet_of(client_of(filed.form_teacher), filed.pupil)
    for secret in SECRETS:
        assert secret not in text


def test_an_export_holds_no_more_than_the_list(filed: Cast, client_of: ClientOf) -> None:
    answer = client_of(filed.form_teacher).post(
        reverse("directory:export"), {"personne": [filed.pupil.uuid], "format": "csv"}
    )
    for secret in SECRETS:
        assert secret not in answer.text


def test_two_hundred_sheets_an_hour_then_slowly_and_reported(
    cast: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T-I4, with a limit of three sheets."""
    monkeypatch.setattr(opening_limit, "SHEETS_PER_HOUR", 3)
    client = client_of(cast.manager_a)
    address = reverse("directory:person", args=[cast.pupil.uuid])
    start = timezone.now().replace(minute=5, second=0, microsecond=0)
    with time_machine.travel(start, tick=False) as clock:
        assert [client.get(address).status_code for _ in range(3)] == [200, 200, 200]
        slowed = client.get(address)
        assert slowed.status_code == 429
        assert slowed.headers["Retry-After"] == "10"
        clock.shift(10)
        assert client.get(address).status_code == 200
        assert client.get(address).status_code == 429
        alert = AuditEvent.objects.filter(act="alert:ceiling").get()
        assert alert.outcome == "refused"
        clock.shift(3600)
        assert client_of(cast.manager_a).get(address).status_code == 200
    assert sorted(SheetCount.objects.values_list("count", flat=True)) == [1, 4]


def test_who_opened_how_many_sheets_is_forgotten_after_two_hours(
    cast: Cast, client_of: ClientOf
) -> None:
    start = timezone.now().replace(minute=5, second=0, microsecond=0)
    with time_machine.travel(start, tick=False) as clock:
        sheet_of(client_of(cast.manager_a), cast.pupil)
        clock.shift(3600)
        purge_sheet_counts()
        assert SheetCount.objects.exists()
        clock.shift(2 * 3600)
        purge_sheet_counts()
    assert not SheetCount.objects.exists()


def test_one_s_own_sheet_does_not_count(cast: Cast, client_of: ClientOf) -> None:
    sheet_of(client_of(cast.pupil), cast.pupil)
    assert not SheetCount.objects.exists()
