"""A whole generated academy, imported, agrees with what its generator knows about it (T-H1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from accounts.enums import AccountKind
from accounts.models import Account, ActivationCode
from demo.aaf import GeneratorSpec, generate, generate_first_degree
from directory.enums import DeliveryState, GroupKind, MembershipRole, Profile, Role
from directory.models import (
    Affiliation,
    Group,
    Membership,
    Person,
    Record,
    Responsibility,
    RoleGrant,
    School,
    Teaching,
)
from tests.directory.imports.conftest import Importer

pytestmark = pytest.mark.django_db(transaction=True)

SPEC = GeneratorSpec(seed=11, schools=4, pupils_per_school=70, chunk_size=150)


def test_an_imported_academy_is_what_its_generator_wrote(deliver: Importer, tmp_path: Path) -> None:
    truth = generate(SPEC, tmp_path / "first")
    outcome = deliver(tmp_path / "first")
    assert outcome.state == DeliveryState.APPLIED

    assert Record.objects.filter(category="Eleve").count() == truth.pupils
    assert Record.objects.filter(category="PersRelEleve").count() == truth.parents
    pupils = Account.objects.filter(person__profile=Profile.PUPIL)
    guardians = Account.objects.filter(person__profile=Profile.GUARDIAN)
    assert pupils.count() == truth.pupils
    assert guardians.count() == truth.parents_with_account
    assert Account.objects.filter(kind=AccountKind.ACADEMIC).count() == truth.staff_with_account
    assert ActivationCode.objects.count() == truth.pupils + truth.parents_with_account
    assert Person.objects.filter(profile=Profile.CONTACT).count() == truth.contacts
    assert Responsibility.objects.count() == truth.links
    assert Responsibility.objects.filter(is_legal=True).count() == truth.legal_links
    logins = list(Account.objects.values_list("login", flat=True))
    assert len(logins) == len(set(logins)) == truth.accounts

    assert School.objects.count() == truth.structures
    assert set(School.objects.active().values_list("uai", flat=True)) == set(truth.schools)
    assert Group.objects.filter(kind=GroupKind.CLASS).count() == truth.classes
    assert Group.objects.filter(kind=GroupKind.GROUP).count() == truth.groups
    of_pupils = Membership.objects.filter(role=MembershipRole.PUPIL)
    assert of_pupils.filter(group__kind=GroupKind.CLASS).count() == truth.class_memberships
    assert of_pupils.filter(group__kind=GroupKind.GROUP).count() == truth.group_memberships
    main = Membership.objects.filter(role=MembershipRole.MAIN_TEACHER)
    assert main.count() == truth.form_teachers
    assert Teaching.objects.count() == truth.teachings
    for school in truth.schools.values():
        here = Affiliation.objects.filter(school__uai=school.uai)
        assert here.filter(profile=Profile.PUPIL).count() == school.pupils
    heads = RoleGrant.objects.in_force().filter(role=Role.SCHOOL_ADMINISTRATOR)
    assert set(heads.values_list("school__uai", flat=True)) == set(truth.schools)


def test_the_next_delivery_changes_what_its_generator_changed(
    deliver: Importer, tmp_path: Path
) -> None:
    generate(SPEC, tmp_path / "first")
    deliver(tmp_path / "first")
    spec = replace(SPEC, mutate=0.06, date=date(2026, 9, 2))
    truth = generate(spec, tmp_path / "next")
    outcome = deliver(tmp_path / "next")
    assert outcome.state == DeliveryState.APPLIED, outcome.delivery.refusal
    present = Record.objects.filter(person__isnull=False, is_present=True)
    gone = Person.objects.filter(left_at__isnull=False)
    assert present.filter(category="Eleve").count() == truth.pupils
    assert present.filter(category="PersRelEleve").count() == truth.parents
    assert truth.examples.moved
    assert gone.count() == truth.records_departed > 0
    left = set(gone.values_list("records__external_id", flat=True))
    assert left >= set(truth.examples.departed)
    for join_id in truth.examples.moved:
        pupil = Person.objects.get(records__external_id=join_id, profile=Profile.PUPIL)
        assert pupil.affiliations.count() == 1
        assert pupil.left_at is None


def test_an_academy_of_primary_schools_is_what_its_generator_wrote(
    deliver: Importer, tmp_path: Path
) -> None:
    spec = GeneratorSpec(seed=3, degree="1D", schools=2, pupils_per_school=60, project="ENTX")
    truth = generate_first_degree(spec, tmp_path / "first")
    outcome = deliver(tmp_path / "first")
    assert outcome.state == DeliveryState.APPLIED, outcome.delivery.refusal
    assert Record.objects.filter(category="Eleve", degree="1D").count() == truth.pupils
    assert Account.objects.count() == truth.accounts
    assert Person.objects.filter(profile=Profile.CONTACT).count() == truth.contacts
    assert Responsibility.objects.count() == truth.links
    assert School.objects.count() == truth.structures
    assert set(School.objects.active().values_list("uai", flat=True)) == set(truth.schools)
    # A class that chance gave no pupil is known to nobody.
    assert 0 < Group.objects.filter(kind=GroupKind.CLASS).count() <= truth.classes
    heads = RoleGrant.objects.in_force().filter(role=Role.SCHOOL_ADMINISTRATOR)
    assert set(heads.values_list("school__uai", flat=True)) == set(truth.schools)
