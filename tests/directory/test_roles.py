"""« Accès utilisateur »: giving, withdrawing, and who may not (R-D8)."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from directory.enums import Role, Source
from directory.models import Person, RoleGrant
from directory.rights.actors import actor_for
from directory.roles.services import give_role, withdraw_role
from ent.audit.models import AuditEvent
from ent.audit.origin import Origin
from tests import factories as make
from tests.cast import Cast

ClientOf = Callable[[Person | None], Client]
SUMMARY = "/annuaire/administration/acces/"


def post_role(client: Client, person: Person, **data: str) -> object:
    """Submit « Ajouter des accès »."""
    filled = {"uai": "", "classe": "", "expires_on": "", **data}
    return client.post(reverse("directory:role-give", args=[person.uuid]), filled)


def test_a_head_gives_a_role_that_opens_at_the_next_request(
    cast: Cast, client_of: ClientOf
) -> None:
    teacher = client_of(cast.teacher)
    assert teacher.get("/annuaire/").status_code == 403
    end = timezone.localdate() + datetime.timedelta(days=30)
    answer = post_role(
        client_of(cast.head),
        cast.teacher,
        role=Role.CREDENTIALS_MANAGER,
        uai="0541111A",
        expires_on=end.isoformat(),
    )
    assert answer.status_code == 302  # type: ignore[attr-defined]
    grant = cast.teacher.role_grants.get()
    assert (grant.school, grant.expires_on, grant.granted_by) == (cast.school_a, end, cast.head)
    assert teacher.get("/annuaire/").status_code == 200
    event = AuditEvent.objects.filter(act="role:granted").get()
    assert event.school_uai == "0541111A"
    assert event.details["role"] == Role.CREDENTIALS_MANAGER


@pytest.mark.parametrize("role", [Role.ENT_ADMINISTRATOR, Role.SCHOOL_ADMINISTRATOR, Role.HELPDESK])
def test_a_head_makes_no_administrator(role: Role, cast: Cast, client_of: ClientOf) -> None:
    answer = post_role(client_of(cast.head), cast.teacher, role=role, uai="0541111A")
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert not cast.teacher.role_grants.exists()


def test_the_service_refuses_what_the_form_would_not_offer(cast: Cast) -> None:
    for role, place in (
        (Role.EDITOR, {"school": cast.school_b}),
        (Role.SCHOOL_ADMINISTRATOR, {"school": cast.school_a}),
        (Role.ENT_ADMINISTRATOR, {}),
        (Role.FORM_TEACHER, {"group": cast.class_b}),
        (Role.HELPDESK, {"authority": cast.academy}),
    ):
        with pytest.raises(PermissionDenied):
            give_role(
                person=cast.teacher,
                role=role,
                actor=actor_for(cast.head),
                origin=Origin(),
                **place,
            )


def test_nobody_gives_a_role_to_themselves_nor_to_a_pupil(cast: Cast) -> None:
    for person in (cast.head, cast.pupil):
        with pytest.raises(PermissionDenied):
            give_role(
                person=person,
                role=Role.EDITOR,
                actor=actor_for(cast.head),
                origin=Origin(),
                school=cast.school_a,
            )


def test_a_parent_may_write_the_page_and_open_no_account(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.head)
    page = client.get(reverse("directory:role-give", args=[cast.parent.uuid])).content.decode()
    assert str(Role.EDITOR.label) in page
    assert str(Role.CREDENTIALS_MANAGER.label) not in page
    post_role(client, cast.parent, role=Role.CREDENTIALS_MANAGER, uai="0541111A")
    assert not cast.parent.role_grants.exists()
    with pytest.raises(PermissionDenied):
        give_role(
            person=cast.parent,
            role=Role.CREDENTIALS_MANAGER,
            actor=actor_for(cast.head),
            origin=Origin(),
            school=cast.school_a,
        )
    post_role(client, cast.parent, role=Role.EDITOR, uai="0541111A")
    assert cast.parent.role_grants.get().role == Role.EDITOR


def test_an_end_that_nobody_will_see_is_refused(cast: Cast, client_of: ClientOf) -> None:
    answer = post_role(
        client_of(cast.manager_a),
        cast.teacher,
        role=Role.EDITOR,
        uai="0541111A",
        expires_on="9999-12-31",
    )
    assert "trop lointaine" in answer.content.decode()  # type: ignore[attr-defined]


def test_the_same_role_is_not_given_twice(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.manager_a)
    post_role(client, cast.teacher, role=Role.EDITOR, uai="0541111A")
    answer = post_role(client, cast.teacher, role=Role.EDITOR, uai="0541111A")
    assert "Cette personne a déjà ce rôle ici." in answer.content.decode()  # type: ignore[attr-defined]
    assert cast.teacher.role_grants.count() == 1


def test_a_form_teacher_role_names_a_class_of_the_school(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.manager_a)
    post_role(client, cast.teacher, role=Role.FORM_TEACHER, uai="0541111A", classe="2NDE 1")
    assert not cast.teacher.role_grants.exists()
    post_role(client, cast.teacher, role=Role.FORM_TEACHER, uai="0541111A", classe="6e1")
    assert cast.teacher.role_grants.get().group == cast.other_class_a


def test_the_form_says_which_role_needs_what(cast: Cast, client_of: ClientOf) -> None:
    """« Facultatif » stands beside the last day only; a missing place says what is missing."""
    for giver in (cast.ent_administrator, cast.head):
        client = client_of(giver)
        address = reverse("directory:role-give", args=[cast.teacher.uuid])
        assert client.get(address).content.decode().count("(facultatif)") == 1
        answer = post_role(client, cast.teacher, role=Role.EDITOR)
        page = answer.content.decode()  # type: ignore[attr-defined]
        assert page.count("Choisissez l’établissement où s’exerce ce rôle.") == 2
        assert not cast.teacher.role_grants.exists()
    page = client_of(cast.ent_administrator).get(address).content.decode()
    assert "obligatoire, sauf pour un administrateur ENT ou l’assistance" in page


def test_an_end_in_the_past_is_refused(cast: Cast, client_of: ClientOf) -> None:
    answer = post_role(
        client_of(cast.manager_a),
        cast.teacher,
        role=Role.EDITOR,
        uai="0541111A",
        expires_on="2020-01-01",
    )
    assert "Cette date est passée" in answer.content.decode()  # type: ignore[attr-defined]


def test_a_withdrawn_role_closes_at_the_next_request(cast: Cast, client_of: ClientOf) -> None:
    manager = client_of(cast.credentials_manager)
    assert manager.get("/annuaire/").status_code == 200
    grant = cast.credentials_manager.role_grants.get()
    address = reverse("directory:role-withdraw", args=[grant.uuid])
    head = client_of(cast.head)
    assert "Retirer cet accès" in head.get(address).text
    assert head.post(address).status_code == 302
    assert manager.get("/annuaire/").status_code == 403
    grant.refresh_from_db()
    assert grant.withdrawn_by == cast.head
    assert AuditEvent.objects.filter(act="role:withdrawn").count() == 1


def test_only_an_ent_administrator_takes_a_head_s_role(cast: Cast, client_of: ClientOf) -> None:
    grant = cast.head.role_grants.get()
    address = reverse("directory:role-withdraw", args=[grant.uuid])
    assert client_of(cast.manager_a).post(address).status_code == 403
    assert client_of(cast.head).post(address).status_code == 403
    assert client_of(cast.ent_administrator).post(address).status_code == 302
    grant.refresh_from_db()
    assert grant.source == Source.FEED
    assert grant.withdrawn_at is not None


def test_the_last_administrator_cannot_withdraw_themselves(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        withdraw_role(
            grant=cast.ent_administrator.role_grants.get(),
            actor=actor_for(cast.ent_administrator),
            origin=Origin(),
        )


def test_an_administrator_of_one_authority_stays_in_it(cast: Cast, client_of: ClientOf) -> None:
    regional = make.make_person(given_name="Rachel", family_name="Régionale")
    make.make_account(person=regional)
    make.give_role(person=regional, role=Role.ENT_ADMINISTRATOR, authority=cast.academy)
    client = client_of(regional)
    page = client.get("/annuaire/", {"vue": "avancee", "profil": "eleve"}).text
    assert "Oscar" in page
    assert "Pauline" not in page
    with pytest.raises(PermissionDenied):
        give_role(
            person=cast.teacher,
            role=Role.ENT_ADMINISTRATOR,
            actor=actor_for(regional),
            origin=Origin(),
            authority=cast.academy,
        )
    give_role(
        person=cast.teacher,
        role=Role.SCHOOL_ADMINISTRATOR,
        actor=actor_for(regional),
        origin=Origin(),
        school=cast.school_b,
    )


def test_the_summary_shows_expired_and_withdrawn_on_demand(cast: Cast, client_of: ClientOf) -> None:
    RoleGrant.objects.filter(person=cast.editor).update(
        expires_on=timezone.localdate() - datetime.timedelta(days=1)
    )
    client = client_of(cast.manager_a)
    assert "Plume" not in client.get(SUMMARY).text
    over = client.get(SUMMARY, {"etat": "termines"}).text
    assert "Plume" in over
    assert "Échu" in over
    assert "Bruno" not in client.get(SUMMARY, {"etat": "tous"}).text


def test_an_empty_summary_says_so(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.manager_a).get(SUMMARY, {"q": "personne de ce nom"}).text
    assert "Aucun enregistrement" in page


def test_a_role_that_ran_out_can_be_given_again(cast: Cast, client_of: ClientOf) -> None:
    """Last year's access is over and not in the way; the summary keeps it."""
    former = cast.credentials_manager.role_grants.get()
    former.expires_on = timezone.localdate() - datetime.timedelta(days=1)
    former.save(update_fields=["expires_on"])
    browser = client_of(cast.credentials_manager)
    assert browser.get("/annuaire/").status_code == 403
    answer = post_role(
        client_of(cast.head),
        cast.credentials_manager,
        role=Role.CREDENTIALS_MANAGER,
        uai="0541111A",
    )
    assert answer.status_code == 302  # type: ignore[attr-defined]
    assert browser.get("/annuaire/").status_code == 200
    over = client_of(cast.head).get(SUMMARY, {"etat": "termines"})
    assert [row["grant"].pk for row in over.context["rows"]] == [former.pk]


@pytest.mark.parametrize(
    ("today", "last_day"),
    [("2026-09-01", "2027-08-31"), ("2027-07-31", "2027-08-31"), ("2027-08-01", "2028-08-31")],
)
def test_a_form_teacher_s_role_ends_with_the_school_year(
    cast: Cast, client_of: ClientOf, today: str, last_day: str
) -> None:
    """Decision 0026: the form names the day, a later one is refused, an earlier one is kept."""
    with time_machine.travel(f"{today} 10:00+02:00", tick=False):
        client = client_of(cast.manager_a)
        address = reverse("directory:role-give", args=[cast.teacher.uuid])
        end = datetime.date.fromisoformat(last_day)
        assert f"le {end:%d/%m/%Y}, fin de l’année scolaire" in client.get(address).content.decode()
        late = post_role(
            client, cast.teacher, role=Role.FORM_TEACHER, uai="0541111A", classe="6e1",
            expires_on=(end + datetime.timedelta(days=1)).isoformat(),
        )  # fmt: skip
        assert f"choisissez le {end:%d/%m/%Y} au plus tard" in late.content.decode()  # type: ignore[attr-defined]
        post_role(client, cast.teacher, role=Role.FORM_TEACHER, uai="0541111A", classe="6e1")
        assert cast.teacher.role_grants.get().expires_on == end
        assert f"jusqu’au {end:%d/%m/%Y}." in client.get(SUMMARY).content.decode()
        post_role(client, cast.teacher, role=Role.EDITOR, uai="0541111A")
        assert cast.teacher.role_grants.get(role=Role.EDITOR).expires_on is None
