"""Instances made, changed, shared, withdrawn: every identifier as before, or named beforehand."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from directory.enums import Role
from directory.models import Person, School
from directory.rights.actors import actor_for
from ent.audit.origin import Origin
from pronote_bridge.enums import EnvelopeKind, ExportScope
from pronote_bridge.exports.perms import visible_exports
from pronote_bridge.instances.addresses import read_pronote_address, why_unusual
from pronote_bridge.instances.models import every_list
from pronote_bridge.instances.perms import can_manage
from pronote_bridge.instances.services import (
    InstanceSettings,
    change_instance,
    change_schools,
    create_instance,
    withdraw_instance,
)
from pronote_bridge.instances.takeover import candidates_for, known_otherwise, sources_of
from pronote_bridge.models import Export, Instance, InstanceSchool
from sso.catalogue.access import may_open
from sso.catalogue.locking import ActorAndOrigin
from sso.catalogue.registration import delete_service
from sso.catalogue.registry import find_service, forget
from sso.enums import LogoutMode
from sso.models import Service
from sso.release.identifiers import identifier_for
from tests import factories as make
from tests.pronote_bridge.population import make_instance, make_pupil, manager_of

pytestmark = pytest.mark.django_db


def by(person: Person) -> ActorAndOrigin:
    """The person as an actor."""
    return ActorAndOrigin(actor=actor_for(person), origin=Origin())


def settings_at(address: str, **fields: object) -> InstanceSettings:
    """Settings with this address."""
    return InstanceSettings(
        **{  # type: ignore[arg-type]
            "name": "Notre Pronote",
            "address": read_pronote_address(address),
            "includes": every_list(),
            "extras": [],
            **fields,
        }
    )


def address_of(school: School) -> str:
    """The hosted Pronote of a school."""
    return f"https://{school.uai}.index-education.net/pronote/eleve.html?fd=1"


def created(person: Person, *schools: School, takes_over: Service | None = None) -> Instance:
    """An instance made by the service."""
    return create_instance(
        settings=settings_at(address_of(schools[0])),
        schools=schools,
        takes_over=takes_over,
        by=by(person),
    )


def created_elsewhere(
    person: Person, school: School, at: str = "https://pronote.college.fr/"
) -> Instance:
    """An instance with a new service, at an address that no other service has."""
    return create_instance(
        settings=settings_at(at), schools=[school], takes_over=None, by=by(person)
    )


def registered(school: School, *, name: str = "", address: str = "") -> Service:
    """A service that the school registered for Pronote, without an instance."""
    former = make_instance(school)
    service = former.service
    former.delete()
    if name:
        Service.objects.filter(pk=service.pk).update(name=name)
    if address:
        parts = urlsplit(address)
        service.addresses.update(host=parts.hostname, path_prefix=parts.path)
    return service


def ids_of(instance: Instance, *people: Person) -> list[str]:
    """The identifiers of these people in the instance's service."""
    return [identifier_for(person_id=one.pk, service_id=instance.service_id) for one in people]


def portal_administrator() -> Person:
    """An ENT administrator."""
    person = make.make_person()
    make.make_account(person=person)
    make.give_role(person=person, role=Role.ENT_ADMINISTRATOR)
    return person


def test_making_an_instance_registers_its_service_in_one_act() -> None:
    school = make.make_school()
    pupil, stranger = make_pupil(school), make_pupil(make.make_school())
    instance = created(manager_of(school), school)
    host = f"{school.uai.lower()}.index-education.net"
    assert instance.address == f"https://{host}/pronote"
    forget()
    for page in ("eleve.html", "mobile.eleve.html"):
        found = find_service(f"https://{host.upper()}/pronote/{page}")
        assert found is not None
        assert found[0].pk == instance.service_id
    assert find_service(f"https://{host}/pronotes/") is None
    assert may_open(pupil, instance.service).is_allowed
    assert not may_open(stranger, instance.service).is_allowed
    assert instance.service.logout_mode == LogoutMode.NONE
    assert instance.service.school == school


def test_the_service_that_the_school_has_already_is_adopted_with_its_identifiers() -> None:
    school = make.make_school()
    pupil, manager = make_pupil(school), manager_of(school)
    former = make_instance(school)
    service = former.service
    former.delete()
    before = identifier_for(person_id=pupil.pk, service_id=service.pk)
    (candidate,) = candidates_for([school], instance=None)
    assert (candidate.service, candidate.known) == (service, 1)
    instance = created(manager, school, takes_over=service)
    assert ids_of(instance, pupil) == [before]


def test_a_change_of_address_keeps_service_and_identifiers() -> None:
    school = make.make_school()
    pupil, manager = make_pupil(school), manager_of(school)
    instance = created(manager, school)
    before = ids_of(instance, pupil)
    moved = change_instance(
        instance=instance, settings=settings_at("https://pronote.college.fr/"), by=by(manager)
    )
    assert moved.service_id == instance.service_id
    assert ids_of(moved, pupil) == before
    forget()
    assert find_service("https://pronote.college.fr/eleve.html") is not None
    assert find_service(address_of(school)) is None


def test_withdrawn_and_made_again_everybody_has_the_same_identifier() -> None:
    school = make.make_school()
    pupil, manager = make_pupil(school), manager_of(school)
    instance = created(manager, school)
    before = ids_of(instance, pupil)
    withdraw_instance(instance=instance, by=by(manager))
    instance.service.refresh_from_db()
    assert not instance.service.is_open
    (candidate,) = candidates_for([school], instance=None)
    again = created(manager, school, takes_over=candidate.service)
    again.service.refresh_from_db()
    assert again.service.is_open
    assert ids_of(again, pupil) == before


def test_schools_join_and_part_and_every_identifier_is_as_before() -> None:
    first, second = make.make_school(), make.make_school()
    pupil, other = make_pupil(first), make_pupil(second)
    manager = manager_of(first, second)
    one, two = created(manager, first), created(manager, second)
    before = ids_of(one, pupil) + ids_of(two, other)
    assert not known_otherwise([first, second], into=one.service).exists()
    group = change_schools(
        instance=one, schools=[first, second], takes_over=one.service, by=by(manager)
    )
    assert ids_of(group, pupil, other) == before
    assert may_open(other, Service.objects.get(pk=group.service_id)).is_allowed
    assert Service.objects.get(pk=group.service_id).school is None
    two.refresh_from_db()
    assert two.withdrawn_at is not None
    alone = change_schools(
        instance=group, schools=[first], takes_over=group.service, by=by(manager)
    )
    assert not known_otherwise([second], into=two.service).exists()
    again = created(manager, second, takes_over=two.service)
    assert ids_of(alone, pupil) + ids_of(again, other) == before


def test_whoever_has_two_identifiers_is_named_before_schools_join() -> None:
    first, second = make.make_school(), make.make_school()
    both = make_pupil(first, family_name="Double")
    make.affiliate(person=both, school=second)
    manager = manager_of(first, second)
    one, two = created(manager, first), created(manager, second)
    kept, lost = ids_of(one, both)[0], ids_of(two, both)[0]
    assert [found.family_name for found in known_otherwise([first, second], into=one.service)] == [
        "Double"
    ]
    group = change_schools(
        instance=one, schools=[first, second], takes_over=one.service, by=by(manager)
    )
    assert ids_of(group, both) == [kept]
    assert lost != kept


def test_whoever_stays_in_a_group_is_named_before_the_other_school_has_its_own() -> None:
    first, second = make.make_school(), make.make_school()
    both, only = make_pupil(first, family_name="Double"), make_pupil(second)
    make.affiliate(person=both, school=second)
    manager = manager_of(first, second)
    group = created(manager, first, second)
    before = ids_of(group, both, only)
    change_schools(instance=group, schools=[first], takes_over=group.service, by=by(manager))
    assert [one.family_name for one in known_otherwise([second], into=None)] == ["Double"]
    alone = created(manager, second)
    assert ids_of(group, both) == before[:1]
    assert ids_of(alone, only) == before[1:]


@pytest.mark.parametrize("is_new", [True, False])
def test_identifiers_of_a_school_wait_in_a_withdrawn_groups_service(is_new: bool) -> None:
    first, second = make.make_school(), make.make_school()
    mine, other, gone = make_pupil(first), make_pupil(second), make.make_person()
    both = make_pupil(first, family_name="Double")
    make.affiliate(person=both, school=second)
    manager = manager_of(first, second)
    group = created(manager, first, second)
    kept, followed = ids_of(group, other, both), ids_of(group, mine, gone)
    withdraw_instance(instance=group, by=by(manager))
    assert [one.family_name for one in known_otherwise([first], into=None)] == ["Double"]
    alone = created_elsewhere(manager_of(first), first)
    assert ids_of(alone, mine, gone) == followed
    assert ids_of(alone, both) != kept[1:]
    takes_over = None if is_new else group.service
    again = created(manager_of(second), second, takes_over=takes_over)
    assert ids_of(again, other, both) == kept


def test_identifiers_that_wait_stay_when_the_other_school_joins_a_third() -> None:
    first, second, third = (make.make_school() for _ in range(3))
    mine, other = make_pupil(first), make_pupil(second)
    both = make_pupil(first, family_name="Double")
    make.affiliate(person=both, school=second)
    manager, neighbour = manager_of(first, second), manager_of(first, third)
    group, joined = created(manager, first, second), created(neighbour, third)
    kept, followed = ids_of(group, other, both), ids_of(group, mine)
    withdraw_instance(instance=group, by=by(manager))
    alone = created(neighbour, first, takes_over=group.service)
    named = known_otherwise([first, third], into=joined.service)
    assert [one.family_name for one in named] == ["Double"]
    joined = change_schools(
        instance=alone, schools=[first, third], takes_over=joined.service, by=by(neighbour)
    )
    assert ids_of(joined, mine) == followed
    again = created(manager_of(second), second, takes_over=group.service)
    assert ids_of(again, other, both) == kept


def test_whoever_left_stays_known_where_an_instance_goes_on() -> None:
    first, second = make.make_school(), make.make_school()
    gone, manager = make.make_person(), manager_of(first, second)
    group = created(manager, first, second)
    before = ids_of(group, gone)
    change_schools(instance=group, schools=[first], takes_over=group.service, by=by(manager))
    created(manager, second)
    assert ids_of(group, gone) == before


def test_a_new_service_takes_the_identifiers_of_the_one_that_the_school_had_registered() -> None:
    school = make.make_school()
    pupil = make_pupil(school)
    service = registered(school)
    before = identifier_for(person_id=pupil.pk, service_id=service.pk)
    assert not known_otherwise([school], into=None).exists()
    instance = created_elsewhere(manager_of(school), school)
    assert instance.service != service
    assert ids_of(instance, pupil) == [before]


def test_whoever_is_known_in_two_former_services_is_named_for_a_new_one() -> None:
    school = make.make_school()
    one, two = make_pupil(school, family_name="Double"), make_pupil(school)
    manager = manager_of(school)
    service = registered(school)
    former = created_elsewhere(manager, school)
    before = ids_of(former, one, two)
    withdraw_instance(instance=former, by=by(manager))
    identifier_for(person_id=one.pk, service_id=service.pk)
    for into in (None, service, former.service):
        assert [found.family_name for found in known_otherwise([school], into=into)] == ["Double"]
    again = created_elsewhere(manager, school, "https://notes.college.fr/")
    assert ids_of(again, one, two) == before


def test_a_registered_service_stays_open_when_schools_join_under_another() -> None:
    first, second = make.make_school(), make.make_school()
    pupil, manager = make_pupil(first), manager_of(first, second)
    service = registered(first)
    before = identifier_for(person_id=pupil.pk, service_id=service.pk)
    alone = created_elsewhere(manager, second)
    group = change_schools(
        instance=alone, schools=[first, second], takes_over=alone.service, by=by(manager)
    )
    assert ids_of(group, pupil) == [before]
    service.refresh_from_db()
    assert service.is_open
    assert service.addresses.exists()


@pytest.mark.parametrize("is_withdrawn", [True, False])
def test_whoever_a_new_service_changes_is_named_on_the_page_before_it_is_made(
    client_of: Callable[[Person | None], Client], is_withdrawn: bool,
) -> None:  # fmt: skip
    first, second = make.make_school(), make.make_school()
    both = make_pupil(first, family_name="Double")
    make.affiliate(person=both, school=second)
    manager = manager_of(first, second)
    group = created(manager, first, second)
    ids_of(group, both)
    if is_withdrawn:
        withdraw_instance(instance=group, by=by(manager))
    else:
        change_schools(instance=group, schools=[first], takes_over=group.service, by=by(manager))
    client = client_of(manager_of(second))
    form = {
        "etablissements": [second.uai],
        "nom": "Pronote du collège",
        "adresse": address_of(second),
        "listes": every_list(),
    }
    page = client.post("/gestion/pronote/ajouter/", form).content.decode()
    assert "Avec un nouveau service" in page
    assert both.full_name in page
    assert Instance.objects.count() == 1
    client.post("/gestion/pronote/ajouter/", {**form, "service": "nouveau"})
    assert Instance.objects.count() == 2


def test_a_school_has_one_instance() -> None:
    school = make.make_school(name="Collège Unique")
    manager = manager_of(school)
    created(manager, school)
    with pytest.raises(ValidationError, match=r"Collège Unique.*a déjà une instance"):
        created(manager, school)


def test_a_service_with_an_instance_is_never_deleted_from_the_catalogue() -> None:
    school = make.make_school()
    manager = manager_of(school)
    instance = created(manager, school)
    with pytest.raises(ValidationError, match="fermez-le"):
        delete_service(service=instance.service, by=by(manager))
    withdraw_instance(instance=instance, by=by(manager))
    with pytest.raises(ValidationError, match="fermez-le"):
        delete_service(service=instance.service, by=by(manager))


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://pronote.college.fr/", "http"),
        ("https://203.0.113.9/pronote", "numéro"),
        ("https://10.0.0.8/pronote", "privé"),
        ("https://serveur.lan/pronote", "privé"),
    ],
)
def test_an_unusual_address_is_for_an_ent_administrator_to_allow(address: str, reason: str) -> None:
    school = make.make_school()
    assert reason in " ".join(why_unusual(read_pronote_address(address)))
    settings = settings_at(address)
    with pytest.raises(ValidationError, match="administrateur ENT"):
        create_instance(
            settings=settings, schools=[school], takes_over=None, by=by(manager_of(school))
        )
    assert not Service.objects.exists()
    administrator = portal_administrator()
    made = create_instance(
        settings=settings, schools=[school], takes_over=None, by=by(administrator)
    )
    assert made.allowed_by == administrator.uuid


@pytest.mark.parametrize(
    "typed", ["", "pronote", "ftp://a.fr/", "https://u@a.fr/", "https://a/../b"]
)
def test_what_is_no_address_gets_a_sentence(typed: str) -> None:
    with pytest.raises(ValidationError, match="copiez celle de la page"):
        read_pronote_address(typed)


def test_another_schools_instance_is_out_of_reach() -> None:
    first, second = make.make_school(), make.make_school()
    mine, foreign = manager_of(first), manager_of(second)
    instance = created(foreign, second)
    with pytest.raises(PermissionDenied):
        created(mine, first, second)
    with pytest.raises(PermissionDenied):
        withdraw_instance(instance=instance, by=by(mine))
    with pytest.raises(PermissionDenied):
        change_schools(instance=instance, schools=[first], takes_over=instance.service, by=by(mine))
    assert InstanceSchool.objects.current().get().school == second


def test_whoever_administers_one_school_of_a_group_sees_that_it_exists_and_no_more(
    client_of: Callable[[Person | None], Client],
) -> None:
    first, second = make.make_school(), make.make_school()
    instance = created(manager_of(first, second), first, second)
    mine = make_pupil(first, family_name="Dupont-Ici", birth_date=None)
    make_pupil(second, family_name="Durand-Ailleurs", birth_date=None)
    client = client_of(manager_of(first))
    place = f"/gestion/pronote/{instance.uuid}"
    page = client.get(f"{place}/").content.decode()
    assert "instance partagée" in page
    report = client.get(f"{place}/rapport/").content.decode()
    assert mine.family_name in report
    assert "Durand-Ailleurs" not in report
    section = client.get(f"{place}/rapport/sans-date/").content.decode()
    assert "Durand-Ailleurs" not in section
    for part in ("modifier", "etablissements", "retirer", "exporter", "machines"):
        assert client.get(f"{place}/{part}/").status_code == 404
    stranger = client_of(manager_of(make.make_school()))
    assert stranger.get(f"{place}/").status_code == 404
    assert stranger.get(f"{place}/rapport/").status_code == 404


def test_a_group_of_which_a_school_is_closed_is_managed_and_the_school_taken_out(
    client_of: Callable[[Person | None], Client],
) -> None:
    first, second = make.make_school(), make.make_school()
    manager = portal_administrator()
    group = created(manager, first, second)
    make_pupil(second, family_name="Ailleurs", birth_date=None)
    export = Export.objects.create(
        instance=group,
        service=group.service,
        scope=ExportScope.FULL,
        envelope=EnvelopeKind.VENDOR,
        job_uuid=uuid4(),
        requested_by=manager.uuid,
    )
    School.objects.filter(pk=second.pk).update(is_active=False)
    assert can_manage(actor_for(manager), group)
    assert list(visible_exports(actor_for(manager))) == [export]
    assert not can_manage(actor_for(manager_of(first)), group)
    assert not visible_exports(actor_for(manager_of(first))).exists()
    client = client_of(manager)
    place = f"/gestion/pronote/{group.uuid}"
    assert "Ailleurs" in client.get(f"{place}/rapport/").content.decode()
    page = client.get(f"{place}/etablissements/").content.decode()
    assert first.uai in page
    assert second.uai not in page
    change_schools(instance=group, schools=[first], takes_over=group.service, by=by(manager))
    assert group.schools == [first]


def test_an_instance_whose_schools_are_all_closed_is_seen_and_withdrawn(
    client_of: Callable[[Person | None], Client],
) -> None:
    school = make.make_school()
    manager = portal_administrator()
    instance = created(manager, school)
    School.objects.filter(pk=school.pk).update(is_active=False)
    client = client_of(manager)
    page = client.get("/gestion/pronote/").content.decode()
    assert f"({school.uai}, fermé)" in page
    for part in ("", "retirer/", "modifier/", "etablissements/", "rapport/"):
        assert client.get(f"/gestion/pronote/{instance.uuid}/{part}").status_code == 200, part
    withdraw_instance(instance=instance, by=by(manager))
    assert str(instance.uuid) not in client.get("/gestion/pronote/").content.decode()


@pytest.mark.parametrize(
    ("name", "address", "is_pronote"),
    [
        ("Pronote", "https://notes.college.fr/", True),
        ("PRONOTE 2026", "https://notes.college.fr/", True),
        ("Pronote du collège", "https://notes.college.fr/", True),
        ("Mon Pronote", "https://notes.college.fr/", True),
        ("Vie scolaire", "https://0541111a.index-education.net/", True),
        ("Vie scolaire", "https://pronote.college.fr/", True),
        ("Vie scolaire", "https://ent.college.fr/pronote/", True),
        ("Aide Pronote", "https://aide.college.fr/", False),
        ("Tutoriels pour Pronote", "https://aide.college.fr/", False),
        ("Pronote, mode d’emploi", "https://aide.college.fr/", False),
    ],
)
def test_a_service_that_only_speaks_of_pronote_is_none_of_its_sources(
    name: str, address: str, is_pronote: bool
) -> None:
    school = make.make_school()
    pupil = make_pupil(school)
    service = registered(school, name=name, address=address)
    identifier_for(person_id=pupil.pk, service_id=service.pk)
    found = [candidate.service for candidate in candidates_for([school], instance=None)]
    assert found == ([service] if is_pronote else [])
    assert sources_of([school], into=None) == found


def test_an_instance_is_made_and_withdrawn_from_its_pages(
    client_of: Callable[[Person | None], Client],
) -> None:
    school = make.make_school()
    pupil, manager = make_pupil(school), manager_of(school)
    client = client_of(manager)
    form = {
        "etablissements": [school.uai],
        "nom": "Pronote du collège",
        "adresse": address_of(school),
        "listes": every_list(),
    }
    assert client.post("/gestion/pronote/ajouter/", form).status_code == 302
    instance = Instance.objects.get()
    before = ids_of(instance, pupil)
    page = client.get(f"/gestion/pronote/{instance.uuid}/").content.decode()
    assert "Mode avec alimentation" in page
    assert "1 personne" in page
    client.post(f"/gestion/pronote/{instance.uuid}/retirer/")
    asked = client.post("/gestion/pronote/ajouter/", form).content.decode()
    assert "Quels identifiants" in asked
    client.post("/gestion/pronote/ajouter/", {**form, "service": str(instance.service.uuid)})
    assert ids_of(Instance.objects.current().get(), pupil) == before


def test_a_refused_form_says_what_and_writes_nothing(
    client_of: Callable[[Person | None], Client],
) -> None:
    school, foreign = make.make_school(), make.make_school()
    client = client_of(manager_of(school))
    page = client.post(
        "/gestion/pronote/ajouter/",
        {"etablissements": [foreign.uai], "nom": "X", "adresse": "", "listes": ["responsables"]},
    ).content.decode()
    assert "sans elle, pas d’accès" in page
    assert "ajoutez les élèves" in page
    assert not Instance.objects.exists()
    assert not Service.objects.exists()


def test_an_address_that_is_taken_gets_a_sentence_and_nothing_is_half_written() -> None:
    first, second = make.make_school(), make.make_school()
    created(manager_of(first), first)
    manager = manager_of(second)
    with pytest.raises(ValidationError, match="déjà celle d’un autre service"):
        create_instance(
            settings=settings_at(address_of(first)), schools=[second], takes_over=None,
            by=by(manager),
        )  # fmt: skip
    assert Instance.objects.count() == Service.objects.count() == 1


def test_the_list_costs_as_many_statements_for_ten_instances_as_for_one(
    client_of: Callable[[Person | None], Client],
) -> None:
    schools = [make.make_school() for _ in range(10)]
    client = client_of(manager_of(*schools))
    make_instance(schools[0])
    counts = []
    for rest in ([], schools[1:]):
        for school in rest:
            make_instance(school)
        client.get("/gestion/pronote/")
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/gestion/pronote/").content.decode()
        counts.append(len(queries))
    assert page.count("index-education.net") == 10
    assert counts[0] == counts[1]
