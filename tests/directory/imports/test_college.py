"""The whole second-degree school of the sample data: the truth it must import to."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db.models import Count

from accounts.enums import AccountKind
from accounts.models import Account, ActivationCode
from directory.enums import DeliveryState, Profile, Role, Source
from directory.imports.runs.sequence import run_import
from directory.imports.runs.state import ImportOutcome
from directory.models import Person, Record, RoleGrant, School
from tests.directory.imports.conftest import row_versions
from tests.factories import make_authority

pytestmark = pytest.mark.django_db


@pytest.fixture
def college(shared_data: Path) -> ImportOutcome:
    """The college, imported."""
    return run_import(
        paths=[shared_data / "aaf" / "college-2d-complet"],
        authority=make_authority(code="CRETEIL"),
    )


def test_the_college_imports_to_the_truth(college: ImportOutcome) -> None:
    assert college.state == DeliveryState.APPLIED
    profiles = dict(Person.objects.values_list("profile").annotate(Count("id")).order_by())
    assert profiles[Profile.PUPIL] == 277
    assert profiles[Profile.GUARDIAN] == 468
    assert profiles[Profile.CONTACT] == 82
    assert Record.objects.filter(category="PersEducNat").count() == 52
    assert Account.objects.filter(person__profile=Profile.GUARDIAN).count() == 468
    assert not Account.objects.filter(person__profile=Profile.CONTACT).exists()
    assert Account.objects.filter(kind=AccountKind.ACADEMIC).count() == 52
    assert ActivationCode.objects.count() == 277 + 468
    assert [s.uai for s in School.objects.active()] == ["0949999Z"]


def test_every_anomaly_of_the_college_is_explained(college: ImportOutcome) -> None:
    codes = dict(college.delivery.anomalies.values_list("code").annotate(Count("id")).order_by())
    assert codes == {"pupil_without_guardian": 13, "class_listed_twice": 12}
    for anomaly in college.delivery.anomalies.all():
        assert anomaly.file.endswith(".xml")
        assert anomaly.line
        assert anomaly.object_id
        assert anomaly.message


def test_the_college_has_one_login_homonym(college: ImportOutcome) -> None:
    numbered = Account.objects.filter(login__regex=r"[0-9]$")
    assert numbered.count() == 1
    assert Account.objects.filter(login=numbered.get().login[:-1]).exists()
    shown = set(Person.objects.exclude(login="").values_list("login", flat=True))
    assert shown == set(Account.objects.values_list("login", flat=True))


def test_the_head_of_the_college_administers_it(college: ImportOutcome) -> None:
    grant = RoleGrant.objects.get()
    assert grant.role == Role.SCHOOL_ADMINISTRATOR
    assert grant.source == Source.FEED
    assert grant.person.profile == Profile.HEAD


def test_the_same_college_again_changes_no_row(college: ImportOutcome, shared_data: Path) -> None:
    """T-H14: row versions prove it, and the report says the same anomalies."""
    before = row_versions()
    again = run_import(
        paths=[shared_data / "aaf" / "college-2d-complet"],
        authority=college.delivery.authority,
    )
    assert again.state == DeliveryState.APPLIED
    assert row_versions() == before
    assert again.delivery.checksum == college.delivery.checksum
    assert again.delivery.counters["unchanged"] == 879
    assert again.delivery.anomalies.count() == 25
