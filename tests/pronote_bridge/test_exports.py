"""The file that a worker makes: every element of it, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone
from lxml import etree

from directory.enums import AccessState, Profile
from directory.lifecycle.erasure import erase_persons
from directory.models import Person
from ent.audit.origin import Origin
from ent.files.models import StoredFile
from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.jobs.running import run_now
from pronote_bridge.enums import EnvelopeKind, Extra, ListKind
from pronote_bridge.exports.services import request_export
from pronote_bridge.models import Export, ExportedPerson, VendorPartner
from sso.release.identifiers import identifier_for
from tests import factories as make
from tests.kit import canaries
from tests.pronote_bridge.files import KeyPair, make_key_pair
from tests.pronote_bridge.population import (
    content_of,
    downloaded,
    made_export,
    make_instance,
    make_pupil,
    make_staff,
    make_vendor,
    manager_of,
    work,
)
from tests.pronote_bridge.reader import Base, open_vendor_file

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> KeyPair:
    """The vendor's key pair."""
    return make_key_pair(tmp_path_factory.mktemp("key"))


@pytest.fixture
def vendor(pair: KeyPair) -> VendorPartner:
    """The portal's vendor."""
    return make_vendor(pair)


def document_of(export: Export, pair: KeyPair) -> str:
    """The clear document of an export."""
    return open_vendor_file(content_of(export), pair.private).decode()


def test_every_element_of_a_file_is_the_one_expected(
    pair: KeyPair, vendor: VendorPartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime(2026, 9, 1, 8, 30, 15, 999, tzinfo=ZoneInfo("Europe/Paris"))
    school = make.make_school(name="Collège « A & B »", uai="0541234A")
    head = make_staff(school, "DIR", Profile.HEAD, family_name="Zed", given_name="Denis")
    teacher = make_staff(
        school, "ENS", family_name="Prof", given_name="Élise", birth_date=date(1980, 1, 2)
    )
    mother = make.make_person(
        profile=Profile.GUARDIAN,
        family_name="Martin",
        given_name="Claire",
        title="Mme",
        address="1 rue <A>\nBât. B\n\nEscalier C\nPorte D\nChez E",
        postal_code="54000",
        town="Nancy",
    )
    pupil = make_pupil(
        school, family_name="Martin", given_name="Anna", ine="0123456789A", address="cachée"
    )
    for child in (pupil, make_pupil(school, family_name="Martin", given_name="Basile")):
        make.make_child_of(guardian=mother, pupil=child)
    instance = make_instance(school)
    manager = manager_of(school)
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)
    export = made_export(instance, manager)
    people = (head, teacher, mother, pupil, pupil.guardian_links.get().guardian)
    ids = {
        one.pk: identifier_for(person_id=one.pk, service_id=instance.service_id) for one in people
    }
    brother = Person.objects.get(given_name="Basile")
    other = identifier_for(person_id=brother.pk, service_id=instance.service_id)
    ident = {pk: number for number, pk in enumerate(sorted([*ids, brother.pk]))}
    assert document_of(export, pair) == (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<PARTENAIRE_INDEX xmlns="http://www.index-education.com/rapprochementssoV2.0"'
        ' Date="2026-09-01T08:30:15+02:00" Partenaire="ENT_PREAU"'
        ' ProtocoleDelegationAuthentification="CAS">'
        '<Nomenclatures><Civilites><Civilite Ident="0" Libelle=""/>'
        '<Civilite Ident="1" Libelle="Mme"/><Civilite Ident="2" Libelle="M."/>'
        "</Civilites></Nomenclatures>"
        '<Etablissements><Etablissement Ident="0" Numero="0541234A" Nom="Collège « A &amp; B »"/>'
        "</Etablissements>"
        '<EtablissementsGeres><Etablissement Ident="0"/></EtablissementsGeres>'
        f'<Personnels><Personnel Ident="{ident[head.pk]}" Nom="Zed" Prenom="Denis"'
        f' ID_Partenaire="{ids[head.pk]}"/></Personnels>'
        f'<Professeurs><Professeur Ident="{ident[teacher.pk]}" Nom="Prof" Prenom="Élise"'
        f' ID_Partenaire="{ids[teacher.pk]}"/></Professeurs>'
        f'<Responsables><Responsable Ident="{ident[mother.pk]}" Nom="Martin" Prenom="Claire"'
        f' ID_Partenaire="{ids[mother.pk]}" Adresse1="1 rue &lt;A&gt;" Adresse2="Bât. B"'
        ' Adresse3="Escalier C" Adresse4="Porte D, Chez E" CodePostal="54000" Ville="Nancy">'
        '<Civilite Ident="1"/></Responsable></Responsables>'
        f'<Eleves><Eleve Ident="{ident[pupil.pk]}" Nom="Martin" Prenom="Anna"'
        f' ID_Partenaire="{ids[pupil.pk]}" DateNaissance="2012-03-04">'
        f'<Responsable Ident="{ident[mother.pk]}"/></Eleve>'
        f'<Eleve Ident="{ident[brother.pk]}" Nom="Martin" Prenom="Basile"'
        f' ID_Partenaire="{other}" DateNaissance="2012-03-04">'
        f'<Responsable Ident="{ident[mother.pk]}"/></Eleve></Eleves>'
        "</PARTENAIRE_INDEX>"
    )
    assert (export.staff_count, export.teacher_count) == (1, 1)
    assert (export.guardian_count, export.pupil_count) == (1, 2)


def test_an_instance_may_ask_for_more_and_then_only_for_what_it_names(
    pair: KeyPair, vendor: VendorPartner
) -> None:
    school = make.make_school()
    make_pupil(school, ine="0123456789A", address="1 rue A", town="Toul")
    make_staff(school, "ENS", birth_date=date(1980, 1, 2))
    instance = make_instance(school, extras=[Extra.NATIONAL_NUMBER, Extra.TEACHER_BIRTH_DATE])
    document = document_of(made_export(instance, manager_of(school)), pair)
    assert 'NumeroNational="0123456789A"' in document
    assert 'DateNaissance="1980-01-02"' in document
    assert "Toul" not in document


def test_hostile_names_arrive_intact_and_follow_the_schema(
    pair: KeyPair, vendor: VendorPartner
) -> None:
    school = make.make_school()
    names = ["D & <b>", "N\u2028ow", "X" * 100, "李", "a\tb", "]]>", "Ç\u0301"]
    for name in names:
        make_pupil(school, family_name=name)
    root = etree.fromstring(
        document_of(made_export(make_instance(school), manager_of(school)), pair).encode()
    )
    assert sorted(str(one.get("Nom")) for one in root[-1]) == sorted(names)


def test_the_standard_envelope_is_made_as_well(pair: KeyPair, vendor: VendorPartner) -> None:
    school = make.make_school()
    make_pupil(school)
    export = made_export(make_instance(school), manager_of(school), envelope=EnvelopeKind.W3C)
    assert etree.fromstring(content_of(export)).tag.endswith("EncryptedData")


def test_a_new_key_of_the_vendor_serves_the_next_export_and_changes_no_identifier(
    pair: KeyPair, vendor: VendorPartner, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """T-J1."""
    school = make.make_school()
    make_pupil(school)
    instance, manager = make_instance(school), manager_of(school)
    first, second = Base(), Base()
    first.take(document_of(made_export(instance, manager), pair).encode())
    vendor.delete()
    new = make_key_pair(tmp_path_factory.mktemp("new"))
    make_vendor(new)
    export = made_export(instance, manager)
    second.take(document_of(export, new).encode())
    assert first.lines == second.lines
    with pytest.raises((ValueError, AssertionError)):
        open_vendor_file(content_of(export), pair.private)


def test_a_differential_holds_what_changed_and_whom_it_refers_to(
    pair: KeyPair, vendor: VendorPartner
) -> None:
    school = make.make_school()
    quiet, moved = make_pupil(school, family_name="Calme"), make_pupil(school, family_name="Mue")
    parent = make.make_person(profile=Profile.GUARDIAN, family_name="Parent")
    for child in (quiet, moved):
        make.make_child_of(guardian=parent, pupil=child)
    instance, manager = make_instance(school), manager_of(school)
    first = downloaded(made_export(instance, manager))
    Person.objects.filter(pk=moved.pk).update(family_name="Muée")
    make_pupil(school, family_name="Nouveau")
    second = made_export(instance, manager, base=first)
    base = Base()
    base.take(document_of(second, pair).encode())
    names = sorted(dict(said)["Nom"] for said, _ in base.lines.values())
    assert names == ["Muée", "Nouveau", "Parent"]
    assert ExportedPerson.objects.filter(export=second).count() == 4


def test_a_differential_starts_from_a_downloaded_export_of_the_same_instance(
    vendor: VendorPartner,
) -> None:
    school, other = make.make_school(), make.make_school()
    make_pupil(school)
    make_pupil(other)
    manager = manager_of(school, other)
    mine, foreign = make_instance(school), make_instance(other)
    for base in (made_export(mine, manager), downloaded(made_export(foreign, manager))):
        with pytest.raises(ValidationError, match="téléchargé en entier"):
            made_export(mine, manager, base=base)


def test_what_cannot_be_exported_gets_a_sentence_and_writes_nothing(pair: KeyPair) -> None:
    school = make.make_school()
    instance, manager = make_instance(school), manager_of(school)
    with pytest.raises(ValidationError, match="clé publique"):
        made_export(instance, manager)
    make_vendor(pair)
    with pytest.raises(ValidationError, match="Aucun élève"):
        made_export(instance, manager)
    assert not Export.objects.exists()
    assert not Job.objects.exists()


def test_an_export_of_nobody_fails_with_a_sentence(vendor: VendorPartner) -> None:
    school = make.make_school()
    make_pupil(school, birth_date=None)
    export = request_export(
        instance=make_instance(school),
        base=None,
        envelope=EnvelopeKind.VENDOR,
        actor=manager_of(school),
        at=Origin(),
    )
    job = run_now(Job.objects.get(uuid=export.job_uuid))
    assert (job.state, "rapport" in job.error) == (JobState.FAILED, True)
    assert not StoredFile.objects.exists()


def test_a_right_on_one_school_of_a_group_makes_no_export(vendor: VendorPartner) -> None:
    first, second = make.make_school(), make.make_school()
    make_pupil(first)
    with pytest.raises(PermissionDenied):
        made_export(make_instance(first, second), manager_of(first))


def test_a_right_that_is_withdrawn_meanwhile_stops_the_worker(vendor: VendorPartner) -> None:
    school = make.make_school()
    make_pupil(school)
    manager = manager_of(school)
    export = request_export(
        instance=make_instance(school),
        base=None,
        envelope=EnvelopeKind.VENDOR,
        actor=manager,
        at=Origin(),
    )
    manager.role_grants.update(withdrawn_at=timezone.now())
    job = run_now(Job.objects.get(uuid=export.job_uuid))
    assert (job.state, "n’administrez plus" in job.error) == (JobState.FAILED, True)


def test_the_file_is_downloaded_once_after_a_recent_proof_and_then_gone(
    vendor: VendorPartner, client_of: Callable[[Person | None], Client]
) -> None:
    school = make.make_school()
    pupil = make_pupil(school)
    manager = manager_of(school)
    export = made_export(make_instance(school), manager)
    canaries.watch(identifier_for(person_id=pupil.pk, service_id=export.service_id))
    client = client_of(manager)
    page = client.get(f"/gestion/exports/{export.uuid}/telecharger/").content.decode()
    for words in ("SPR", "Sauvegardez", "enregistrez dans Pronote", "Supprimez", "ENT_Pronote"):
        assert words in page
    asked = client.post(f"/gestion/exports/{export.uuid}/telecharger/")
    work()
    job = Job.objects.get(uuid=asked["Location"].strip("/").split("/")[-1])
    address = f"/fichiers/{job.params['handoff']}/"
    assert client.head(address).status_code == 200
    response = client.get(address)
    assert response["Content-Disposition"] == f'attachment; filename="{school.uai}.xml"'
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert content.startswith(b"<?xml")
    export.refresh_from_db()
    assert export.downloaded_at is not None
    assert not StoredFile.objects.exists()
    assert client.get(address).status_code == 404
    assert "Téléchargé, effacé" in client.get("/gestion/exports/").content.decode()


def test_a_download_that_stops_on_the_way_leaves_the_file(
    vendor: VendorPartner, client_of: Callable[[Person | None], Client]
) -> None:
    school = make.make_school()
    make_pupil(school)
    manager = manager_of(school)
    export = made_export(make_instance(school), manager)
    client = client_of(manager)
    asked = client.post(f"/gestion/exports/{export.uuid}/telecharger/")
    work()
    job = Job.objects.get(uuid=asked["Location"].strip("/").split("/")[-1])
    response = client.get(f"/fichiers/{job.params['handoff']}/")
    assert next(iter(response.streaming_content))  # type: ignore[attr-defined]
    export.refresh_from_db()
    assert export.downloaded_at is None
    assert StoredFile.objects.exists()


def test_a_file_lives_a_day_at_most(vendor: VendorPartner) -> None:
    school = make.make_school()
    make_pupil(school)
    export = made_export(make_instance(school), manager_of(school))
    stored = export.stored_file()
    assert stored is not None
    assert (stored.expires_at - stored.created_at).total_seconds() == 24 * 3600


def test_somebody_blocked_after_an_export_is_not_in_the_next_one(
    pair: KeyPair, vendor: VendorPartner
) -> None:
    school = make.make_school()
    make_pupil(school, family_name="Reste")
    leaver = make_pupil(school, family_name="Bloquée")
    instance, manager = make_instance(school), manager_of(school)
    made_export(instance, manager)
    Person.objects.filter(pk=leaver.pk).update(access_state=AccessState.BLOCKED)
    document = document_of(made_export(instance, manager), pair)
    assert "Reste" in document
    assert "Bloquée" not in document


def test_empty_lists_are_absent(pair: KeyPair, vendor: VendorPartner) -> None:
    school = make.make_school()
    make_pupil(school)
    instance = make_instance(school, includes=[ListKind.PUPILS])
    document = document_of(made_export(instance, manager_of(school)), pair)
    for name in ("Personnels", "Professeurs", "Responsables"):
        assert name not in document


def test_an_erased_person_is_named_by_no_export(vendor: VendorPartner) -> None:
    school = make.make_school()
    kept, erased = make_pupil(school), make_pupil(school)
    export = made_export(make_instance(school), manager_of(school))
    erase_persons([erased.pk])
    people = ExportedPerson.objects.filter(export=export)
    assert list(people.values_list("person_id", flat=True)) == [kept.pk]
    assert export.pupil_count == 2
