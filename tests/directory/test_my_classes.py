"""« Mes classes »: what the feed says one teaches, names and states, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from directory.enums import AccessState, GroupKind, MembershipRole
from directory.models import Group, Person
from tests import factories as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Person | None], Client]
CLASSES = "/annuaire/mes-classes/"


def page_of(client: Client, group: Group) -> str:
    return client.get(reverse("directory:my-class", args=[group.uuid])).content.decode()


def test_a_teacher_without_any_role_lists_the_classes_of_the_feed(
    cast: Cast, client_of: ClientOf
) -> None:
    latin = make.make_class(school=cast.school_a, code="3LATIN", kind=GroupKind.GROUP)
    make.make_teaching(person=cast.teacher, group=latin, label="Latin")
    page = client_of(cast.teacher).get(CLASSES).content.decode()
    assert "4E3" in page
    assert "3LATIN" in page
    assert "Latin" in page
    assert cast.other_class_a.code not in page
    assert "Professeur principal" not in page


def test_the_main_teacher_finds_the_own_class_first(cast: Cast, client_of: ClientOf) -> None:
    first = make.make_class(school=cast.school_a, code="3A")
    make.make_teaching(person=cast.form_teacher, group=first)
    page = client_of(cast.form_teacher).get(CLASSES).content.decode()
    assert page.index("4E3") < page.index("3A")
    assert "Professeur principal" in page


def test_the_class_shows_who_is_there_and_who_has_come_in(cast: Cast, client_of: ClientOf) -> None:
    Person.objects.filter(pk=cast.child_a.pk).update(access_state=AccessState.PENDING)
    Person.objects.filter(pk=cast.pupil.pk).update(ine="1234567890A", address="3 rue Cachée")
    left = make.make_person(school=cast.school_a, family_name="Partie", left_at=timezone.now())
    make.put_in_group(person=left, group=cast.class_a)
    page = page_of(client_of(cast.teacher), cast.class_a)
    assert cast.pupil.family_name in page
    assert "1 compte activé sur 2" in page
    assert "Partie" not in page
    assert "1234567890A" not in page
    assert "rue Cachée" not in page
    assert cast.parent.full_name not in page
    assert "Gérer la classe" not in page
    assert "Gérer la classe" in page_of(client_of(cast.form_teacher), cast.class_a)


@pytest.mark.parametrize("who", ["stranger", "pupil", "parent", "head", "guest"])
def test_nobody_else_opens_it_by_its_address(cast: Cast, client_of: ClientOf, who: str) -> None:
    address = reverse("directory:my-class", args=[cast.class_a.uuid])
    assert client_of(getattr(cast, who)).get(address).status_code == 404


def test_a_class_that_the_feed_takes_away_is_closed_at_the_next_request(
    cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.teacher)
    address = reverse("directory:my-class", args=[cast.class_a.uuid])
    assert client.get(address).status_code == 200
    cast.teacher.memberships.filter(role=MembershipRole.TEACHER).delete()
    assert client.get(address).status_code == 200  # still taught by the feed's list of subjects
    cast.teacher.teachings.all().delete()
    assert client.get(address).status_code == 404
    assert "Aucune classe" in client.get(CLASSES).content.decode()


def test_the_tile_is_for_teachers(cast: Cast, client_of: ClientOf) -> None:
    assert "Mes classes" in client_of(cast.teacher).get("/accueil/").content.decode()
    assert "Mes classes" not in client_of(cast.pupil).get("/accueil/").content.decode()
