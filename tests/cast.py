"""The standing cast: the same few people in every test that asks who may do what.

School A and school B belong to one academy, school C to another. ``parent`` has a child in A and
a child in B; ``stranger`` belongs to B only, ``far_pupil`` to C.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client
from django.utils import timezone

from accounts.enums import AccountKind
from directory.enums import MembershipRole, Profile, Role, Source
from directory.models import Authority, Group, Person, School
from signin.enums import Method
from signin.sessions.methods import METHODS_KEY
from signin.sessions.recent_proof import AUTHENTICATED_AT_KEY
from tests import factories as make


@dataclass(frozen=True, kw_only=True, slots=True)
class Cast:
    """Who stands on the stage."""

    academy: Authority
    other_academy: Authority
    school_a: School
    school_b: School
    school_c: School
    class_a: Group
    other_class_a: Group
    class_b: Group
    ent_administrator: Person
    manager_a: Person
    manager_b: Person
    credentials_manager: Person
    head: Person
    teacher: Person
    form_teacher: Person
    editor: Person
    helpdesk: Person
    pupil: Person
    classmate: Person
    pupil_b: Person
    far_pupil: Person
    parent: Person
    child_a: Person
    child_b: Person
    stranger: Person
    guest: Person


def _with_account(person: Person, *, kind: AccountKind = AccountKind.LOCAL) -> Person:
    make.make_account(person=person, kind=kind)
    return person


def make_cast() -> Cast:
    """Write the whole cast: about thirty rows of each kind, one password for everybody."""
    academy = make.make_authority(code="NANCY-METZ", name="Académie de Nancy-Metz")
    other_academy = make.make_authority(code="REIMS", name="Académie de Reims")
    school_a = make.make_school(authority=academy, name="Collège Aristide-Briand", uai="0541111A")
    school_b = make.make_school(authority=academy, name="Lycée Berthe-Morisot", uai="0542222B")
    school_c = make.make_school(authority=other_academy, name="Collège Colette", uai="0513333C")
    class_a = make.make_class(school=school_a, code="4E3")
    other_class_a = make.make_class(school=school_a, code="6E1")
    class_b = make.make_class(school=school_b, code="2NDE 1")

    def person(
        given_name: str,
        family_name: str,
        profile: Profile,
        school: School | None,
        kind: AccountKind = AccountKind.LOCAL,
        function_label: str = "",
    ) -> Person:
        return _with_account(
            make.make_person(
                given_name=given_name,
                family_name=family_name,
                profile=profile,
                school=school,
                function_label=function_label,
            ),
            kind=kind,
        )

    ent_administrator = person("Ève", "Portail", Profile.GUEST, None)
    make.give_role(person=ent_administrator, role=Role.ENT_ADMINISTRATOR)
    manager_a = person("Alice", "Gérante", Profile.STAFF, school_a, function_label="Secrétaire")
    make.give_role(person=manager_a, role=Role.SCHOOL_ADMINISTRATOR, school=school_a)
    manager_b = person("Bruno", "Gérant", Profile.STAFF, school_b, function_label="Secrétaire")
    make.give_role(person=manager_b, role=Role.SCHOOL_ADMINISTRATOR, school=school_b)
    credentials_manager = person("Zoé", "Accueil", Profile.SCHOOL_LIFE, school_a)
    make.give_role(person=credentials_manager, role=Role.CREDENTIALS_MANAGER, school=school_a)
    head = person("Denis", "Principal", Profile.HEAD, school_a, function_label="Principal")
    make.give_role(person=head, role=Role.SCHOOL_ADMINISTRATOR, school=school_a, source=Source.FEED)
    teacher = person("Élise", "Professeure", Profile.TEACHER, school_a, AccountKind.ACADEMIC)
    make.put_in_group(person=teacher, group=class_a, role=MembershipRole.TEACHER)
    make.make_teaching(person=teacher, group=class_a)
    form_teacher = person("Félix", "Titulaire", Profile.TEACHER, school_a, AccountKind.ACADEMIC)
    make.put_in_group(person=form_teacher, group=class_a, role=MembershipRole.MAIN_TEACHER)
    make.make_teaching(person=form_teacher, group=class_a, label="Français")
    make.give_role(person=form_teacher, role=Role.FORM_TEACHER, group=class_a)
    editor = person("Rémi", "Plume", Profile.LIBRARIAN, school_a)
    make.give_role(person=editor, role=Role.EDITOR, school=school_a)
    helpdesk = person("Héléna", "Secours", Profile.GUEST, None)
    make.give_role(person=helpdesk, role=Role.HELPDESK, authority=academy)

    pupil = person("Manon", "Élève", Profile.PUPIL, school_a)
    make.put_in_group(person=pupil, group=class_a)
    classmate = person("Naël", "Voisin", Profile.PUPIL, school_a)
    make.put_in_group(person=classmate, group=other_class_a)
    pupil_b = person("Oscar", "Autre", Profile.PUPIL, school_b)
    make.put_in_group(person=pupil_b, group=class_b)
    far_pupil = person("Pauline", "Lointaine", Profile.PUPIL, school_c)

    child_a = person("Anna", "Martin", Profile.PUPIL, school_a)
    make.put_in_group(person=child_a, group=class_a)
    child_b = person("Basile", "Martin", Profile.PUPIL, school_b)
    make.put_in_group(person=child_b, group=class_b)
    parent = person("Claire", "Martin", Profile.GUARDIAN, None)
    parent.main_school = school_a
    parent.save(update_fields=["main_school"])
    make.make_child_of(guardian=parent, pupil=child_a)
    make.make_child_of(guardian=parent, pupil=child_b)
    return Cast(
        academy=academy,
        other_academy=other_academy,
        school_a=school_a,
        school_b=school_b,
        school_c=school_c,
        class_a=class_a,
        other_class_a=other_class_a,
        class_b=class_b,
        ent_administrator=ent_administrator,
        manager_a=manager_a,
        manager_b=manager_b,
        credentials_manager=credentials_manager,
        head=head,
        teacher=teacher,
        form_teacher=form_teacher,
        editor=editor,
        helpdesk=helpdesk,
        pupil=pupil,
        classmate=classmate,
        pupil_b=pupil_b,
        far_pupil=far_pupil,
        parent=parent,
        child_a=child_a,
        child_b=child_b,
        stranger=person("Simon", "Étranger", Profile.TEACHER, school_b),
        guest=person("Inès", "Invitée", Profile.GUEST, school_a),
    )


@pytest.fixture
def cast(db: None) -> Cast:
    """The standing cast, written into this test's database."""
    return make_cast()


def mark_verified(client: Client, *, is_recent: bool = True) -> None:
    """Mark the client's session as one in which the second factor was proved, just now or not."""
    session = client.session
    session[AUTHENTICATED_AT_KEY] = timezone.now().timestamp() if is_recent else 0
    session[METHODS_KEY] = [Method.PASSWORD.value, Method.TOTP.value]
    session.save()


def verified_client(person: Person, *, is_recent: bool = True) -> Client:
    """Return a browser in which that person proved everything, just now or not."""
    client = Client()
    client.force_login(person.account)
    mark_verified(client, is_recent=is_recent)
    return client


@pytest.fixture
def client_of() -> Callable[[Person | None], Client]:
    """A browser in which a person of the cast proved everything just now (nobody: signed out)."""

    def sign_in(person: Person | None) -> Client:
        return Client() if person is None else verified_client(person)

    return sign_in
