"""Who may open which service (R-G2): populations, classes, named users."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from directory.enums import Profile
from directory.models import Person
from sso.catalogue import registry
from sso.catalogue.access import may_open, services_for
from sso.enums import Refusal
from sso.models import Service, ServiceAudience, ServiceGrant
from tests.cast import Cast
from tests.sso.kit import make_service


def fresh(service: Service) -> Service:
    """The service as the catalogue reads it."""
    [found] = Service.objects.filter(pk=service.pk).with_details()
    return found


def opens_to(service: Service, cast: Cast) -> set[str]:
    """Which members of the cast may open it."""
    people = {
        name: value
        for name in Cast.__dataclass_fields__
        if isinstance(value := getattr(cast, name), Person)
    }
    service = fresh(service)
    return {name for name, person in people.items() if may_open(person, service).is_allowed}


def test_without_audience_a_service_opens_to_nobody(cast: Cast) -> None:
    service = make_service(is_for_all=False)
    assert opens_to(service, cast) == set()
    assert may_open(cast.pupil, service).reason == Refusal.NOT_FOR_YOU


def test_a_profile_everywhere(cast: Cast) -> None:
    service = make_service(is_for_all=False)
    ServiceAudience.objects.create(service=service, profile=Profile.TEACHER)
    assert opens_to(service, cast) == {"teacher", "form_teacher", "stranger"}


def test_a_school_stops_at_its_wall(cast: Cast) -> None:
    """A parent of a child in each school is in both, as everywhere."""
    service = make_service(is_for_all=False)
    ServiceAudience.objects.create(service=service, school=cast.school_b)
    assert opens_to(service, cast) == {"manager_b", "pupil_b", "child_b", "parent", "stranger"}


def test_a_profile_in_a_school_is_the_profile_there(cast: Cast) -> None:
    """Somebody who is a parent in B is not one in A."""
    service = make_service(is_for_all=False)
    ServiceAudience.objects.create(service=service, school=cast.school_a, profile=Profile.PUPIL)
    assert opens_to(service, cast) == {"pupil", "classmate", "child_a"}


def test_a_class_holds_pupils_teachers_and_parents(cast: Cast) -> None:
    service = make_service(is_for_all=False)
    ServiceAudience.objects.create(service=service, group=cast.class_a)
    expected = {"pupil", "child_a", "teacher", "form_teacher", "parent"}
    assert opens_to(service, cast) == expected
    ServiceAudience.objects.update(profile=Profile.PUPIL)
    assert opens_to(service, cast) == {"pupil", "child_a"}


def test_a_parent_without_legal_responsibility_is_not_in_the_class(cast: Cast) -> None:
    cast.parent.children_links.update(is_legal=False)
    service = make_service(is_for_all=False)
    ServiceAudience.objects.create(service=service, group=cast.class_a, profile=Profile.GUARDIAN)
    assert opens_to(service, cast) == set()


def test_a_named_user_opens_it_until_the_last_day(cast: Cast) -> None:
    service = make_service(is_for_all=False)
    grant = ServiceGrant.objects.create(service=service, person=cast.guest)
    assert opens_to(service, cast) == {"guest"}
    today = timezone.localdate()
    ServiceGrant.objects.update(expires_on=today)
    assert opens_to(service, cast) == {"guest"}
    ServiceGrant.objects.update(expires_on=today - timedelta(days=1))
    assert opens_to(service, cast) == set()
    ServiceGrant.objects.update(expires_on=None, withdrawn_at=timezone.now())
    assert opens_to(service, cast) == set()
    assert not ServiceGrant.objects.in_force().filter(pk=grant.pk).exists()


def test_nobody_opens_a_closed_service_named_or_not(cast: Cast) -> None:
    service = make_service(is_open=False)
    ServiceGrant.objects.create(service=service, person=cast.guest)
    assert may_open(cast.guest, fresh(service)).reason == Refusal.CLOSED


@pytest.mark.parametrize("count", [1, 30])
def test_the_tiles_of_a_person_are_one_statement(
    count: int, cast: Cast, settings: Settings
) -> None:
    settings.SSO_CATALOGUE_SECONDS = 600
    for number in range(count):
        make_service(f"https://s{number}.example.fr/", code=f"s{number}", position=count - number)
    registry.catalogue()
    with CaptureQueriesContext(connection) as asked:
        found = services_for(cast.pupil)
    assert len(asked) == 1
    assert [service.code for service in found] == [f"s{n}" for n in range(count - 1, -1, -1)]


def test_the_tiles_and_the_ticket_agree(cast: Cast) -> None:
    for number, profile in enumerate([Profile.PUPIL, Profile.TEACHER, Profile.GUARDIAN]):
        service = make_service(
            f"https://s{number}.example.fr/", code=f"s{number}", is_for_all=False
        )
        ServiceAudience.objects.create(service=service, profile=profile)
    registry.forget()
    for person in (cast.pupil, cast.teacher, cast.parent, cast.guest):
        tiles = {service.pk for service in services_for(person)}
        allowed = {
            service.pk
            for service in Service.objects.with_details()
            if may_open(person, service).is_allowed
        }
        assert tiles == allowed
