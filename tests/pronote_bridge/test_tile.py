"""Pronote on the connected page: first, in the right space, with what to know before the click."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from directory.enums import Profile
from directory.models import Person
from pronote_bridge.enums import EnvelopeKind, ExportScope, ListKind
from pronote_bridge.instances.services import withdraw_instance
from pronote_bridge.models import Export, ExportedPerson, Instance
from pronote_bridge.tile import pronote_tiles
from sso.catalogue.access import services_for
from sso.catalogue.registry import forget
from sso.catalogue.tiles import ServiceTile
from tests import factories as make
from tests.pronote_bridge.population import make_instance, make_pupil, make_staff, manager_of
from tests.pronote_bridge.test_instances import by

pytestmark = pytest.mark.django_db


def tiles_of(person: Person, active: Profile | None = None) -> list[ServiceTile]:
    """The tiles of Pronote that this person sees."""
    forget()
    drawn = pronote_tiles(person, services_for(person), active)
    return [tile for tiles in drawn.values() for tile in tiles]


def spaces_of(person: Person, active: Profile | None = None) -> list[str]:
    """The pages of Pronote that these tiles open."""
    return [tile.href.rpartition("/")[2] for tile in tiles_of(person, active)]


def in_a_downloaded_file(person: Person, instance: Instance, kind: ListKind) -> None:
    """Note that a file which left whole held this person."""
    now = timezone.now() - timedelta(days=1)
    export = Export.objects.create(
        instance=instance,
        service=instance.service,
        scope=ExportScope.FULL,
        envelope=EnvelopeKind.VENDOR,
        job_uuid=instance.uuid,
        exported_at=now,
        downloaded_at=now,
    )
    ExportedPerson.objects.create(
        export=export, person=person, kind=kind, digest=b"1", is_written=True
    )


@pytest.mark.parametrize(
    ("code", "profile", "page"),
    [
        ("DIR", Profile.HEAD, "direction.html"),
        ("ENS", Profile.TEACHER, "professeur.html"),
        ("DOC", Profile.LIBRARIAN, "professeur.html"),
        ("EDU", Profile.SCHOOL_LIFE, "viescolaire.html"),
        ("-", Profile.STAFF, "viescolaire.html"),
        ("COLTER", Profile.LOCAL_AUTHORITY, ""),
    ],
)
def test_each_function_opens_its_space(code: str, profile: Profile, page: str) -> None:
    school = make.make_school()
    person = make_staff(school, code, profile)
    make_instance(school)
    assert spaces_of(person) == [page]


def test_pupils_and_their_parents_open_theirs() -> None:
    school = make.make_school()
    pupil, parent = make_pupil(school), make.make_person(profile=Profile.GUARDIAN)
    make.make_child_of(guardian=parent, pupil=pupil)
    make_instance(school)
    assert spaces_of(pupil) == ["eleve.html"]
    assert spaces_of(parent) == ["parent.html"]


def test_a_teacher_who_is_a_parent_has_two_entries_the_active_one_first() -> None:
    school = make.make_school()
    teacher = make_staff(school, "ENS")
    make.make_child_of(guardian=teacher, pupil=make_pupil(school))
    make_instance(school)
    assert spaces_of(teacher, Profile.TEACHER) == ["professeur.html", "parent.html"]
    assert spaces_of(teacher, Profile.GUARDIAN) == ["parent.html", "professeur.html"]
    assert [tile.title for tile in tiles_of(teacher)] == [
        "Pronote, espace Professeurs",
        "Pronote, espace Parents",
    ]


def test_who_was_in_no_file_yet_reads_it_on_the_tile_with_whom_to_ask() -> None:
    school = make.make_school(name="Collège du Parc", phone="03 83 00 00 00")
    pupil = make_pupil(school)
    instance = make_instance(school)
    (tile,) = tiles_of(pupil)
    assert "ne vous connaît peut-être pas encore" in tile.notice
    assert "Collège du Parc" in tile.notice
    assert "03 83 00 00 00" in tile.notice
    in_a_downloaded_file(pupil, instance, ListKind.PUPILS)
    assert tiles_of(pupil)[0].notice == ""


def test_nobody_of_another_school_has_a_tile_nor_anybody_once_it_is_withdrawn() -> None:
    school = make.make_school()
    pupil, stranger = make_pupil(school), make_pupil(make.make_school())
    instance = make_instance(school)
    assert tiles_of(stranger) == []
    assert len(tiles_of(pupil)) == 1
    withdraw_instance(instance=instance, by=by(manager_of(school)))
    assert tiles_of(pupil) == []


def test_pronote_stands_first_among_the_services(
    client_of: Callable[[Person | None], Client],
) -> None:
    school = make.make_school()
    manager = manager_of(school)
    make.affiliate(person=manager, school=school, function_code="DIR")
    make_instance(school)
    page = client_of(manager).get("/accueil/").content.decode()
    services = page[page.index('id="services"') :]
    assert services.index("/pronote/direction.html") < services.index("Annuaire")


def test_the_tiles_cost_three_statements() -> None:
    school = make.make_school()
    pupil = make_pupil(school)
    instance = make_instance(school)
    in_a_downloaded_file(pupil, instance, ListKind.PUPILS)
    services = services_for(pupil)
    with CaptureQueriesContext(connection) as queries:
        pronote_tiles(pupil, services, None)
    assert len(queries) == 3


def test_four_children_cost_what_one_costs(client_of: Callable[[Person | None], Client]) -> None:
    """The connected page asks Pronote's tiles once, whatever the number of blocks."""
    school = make.make_school()
    make_instance(school)
    costs = []
    for number in (1, 4):
        parent = make.make_person(profile=Profile.GUARDIAN, school=school)
        make.make_account(person=parent)
        for _ in range(number):
            make.make_child_of(guardian=parent, pupil=make_pupil(school))
        client = client_of(parent)
        client.get("/accueil/")
        with CaptureQueriesContext(connection) as queries:
            assert "/pronote/parent.html" in client.get("/accueil/").content.decode()
        costs.append(len(queries))
    assert costs[0] == costs[1]
