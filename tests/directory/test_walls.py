"""School A never sees nor touches school B."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from directory.enums import Role
from directory.models import Person, RoleGrant
from directory.rights.actors import actor_for
from directory.rights.walls import (
    visible_grants,
    visible_groups,
    visible_persons,
    visible_schools,
)
from ent.audit.models import AuditEvent
from tests import factories as make
from tests.cast import Cast

ClientOf = Callable[[Person | None], Client]
UNKNOWN = "00000000-0000-4000-8000-000000000000"
_CHANGING = re.compile(
    rb'(name="csrfmiddlewaretoken" value=")[^"]*|nonce-[^\' ;"]*|nonce="[^"]*"'
    rb"|(R\xc3\xa9f\xc3\xa9rence[^<]*)"
    rb'|data-ent-posted="[^"]*"'  # the address that was asked
)


def masked(content: bytes) -> bytes:
    """Leave out what changes with every answer."""
    return _CHANGING.sub(b"", content)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("name", "foreign"),
    [
        ("person", lambda cast: cast.pupil_b.uuid),
        ("person", lambda cast: cast.child_b.uuid),
        ("person", lambda cast: cast.far_pupil.uuid),
        ("person", lambda cast: cast.ent_administrator.uuid),
        ("group", lambda cast: cast.class_b.uuid),
        ("role-give", lambda cast: cast.stranger.uuid),
        ("role-give", lambda cast: cast.pupil.uuid),
        ("role-withdraw", lambda cast: cast.manager_b.role_grants.get().uuid),
        ("role-withdraw", lambda cast: cast.ent_administrator.role_grants.get().uuid),
    ],
)
def test_a_foreign_object_answers_as_one_that_does_not_exist(
    name: str, foreign: Callable[[Cast], object], method: str, cast: Cast, client_of: ClientOf
) -> None:
    """T-F2: same status, same headers, same bytes."""
    client = client_of(cast.manager_a)
    known = getattr(client, method)(reverse(f"directory:{name}", args=[foreign(cast)]))
    unknown = getattr(client, method)(reverse(f"directory:{name}", args=[UNKNOWN]))
    if method == "get" or name.startswith("role"):
        assert known.status_code == 404
    assert known.status_code == unknown.status_code
    assert masked(known.content) == masked(unknown.content)
    assert {**known.headers, "Content-Security-Policy": ""} == {
        **unknown.headers,
        "Content-Security-Policy": "",
    }


def test_a_foreign_school_answers_as_one_that_does_not_exist(
    cast: Cast, client_of: ClientOf
) -> None:
    """T-F2."""
    client = client_of(cast.manager_a)
    known = client.get(reverse("directory:school", args=[cast.school_b.uai]))
    unknown = client.get(reverse("directory:school", args=["9999999Z"]))
    assert known.status_code == unknown.status_code == 404
    assert masked(known.content) == masked(unknown.content)


def test_a_search_never_leaves_the_school(cast: Cast, client_of: ClientOf) -> None:
    """T-F2: neither in results, nor in facets, nor by naming the other school."""
    client = client_of(cast.manager_a)
    for query in ("q=martin", "vue=avancee&etablissement=0542222B", "q=", "classe=2NDE+1"):
        page = client.get(f"/annuaire/?{query}").text
        assert "Basile" not in page
        assert "Berthe-Morisot" not in page
        assert "Oscar" not in page


def test_a_list_of_ids_that_mixes_schools_is_refused_whole(cast: Cast, client_of: ClientOf) -> None:
    """T-F3: no row of the file, no event of the journal."""
    client = client_of(cast.manager_a)
    before = AuditEvent.objects.count()
    for foreign in (cast.pupil_b.uuid, UNKNOWN, "not-a-uuid"):
        answer = client.post(
            reverse("directory:export"),
            {"personne": [cast.pupil.uuid, foreign, cast.classmate.uuid], "format": "csv"},
        )
        assert answer.status_code == 404
        assert "Manon" not in answer.text
    assert AuditEvent.objects.count() == before


def test_an_export_holds_what_the_list_shows_and_is_journaled(
    cast: Cast, client_of: ClientOf
) -> None:
    answer = client_of(cast.manager_a).post(
        reverse("directory:export"),
        {"personne": [cast.pupil.uuid, cast.classmate.uuid], "format": "csv"},
    )
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines == [
        "Nom;Prénom;Profil;Classe ou fonction;État;Établissement",
        "Élève;Manon;Élève;4E3;Activé;Collège Aristide-Briand",
        "Voisin;Naël;Élève;6E1;Activé;Collège Aristide-Briand",
    ]
    assert "no-store" in answer.headers["Cache-Control"]
    event = AuditEvent.objects.filter(act="directory:exported").get()
    assert event.details == {"count": 2, "format": "csv"}


@pytest.mark.parametrize("address", ["directory:export", "credentials:prepare-selected-slips"])
def test_nobody_ticked_is_said_where_it_was_forgotten(
    address: str, cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.manager_a)
    search = "/annuaire/?q=ma&page=1"
    referer = f"http://testserver{search}"
    answer = client.post(reverse(address), {"format": "csv"}, headers={"referer": referer})
    assert (answer.status_code, answer.headers["Location"]) == (302, search)
    assert "Cochez d’abord les personnes." in client.get(search).text
    elsewhere = client.post(reverse(address), headers={"referer": "https://evil.example/annuaire/"})
    assert elsewhere.headers["Location"] == "/annuaire/"


def test_a_right_withdrawn_between_page_and_submit_does_nothing(
    cast: Cast, client_of: ClientOf
) -> None:
    """T-F4: the next request already knows."""
    client = client_of(cast.manager_a)
    address = reverse("directory:role-give", args=[cast.teacher.uuid])
    assert client.get(address).status_code == 200
    RoleGrant.objects.filter(person=cast.manager_a).update(withdrawn_at=timezone.now())
    answer = client.post(
        address, {"role": Role.EDITOR, "uai": cast.school_a.uai, "classe": "", "expires_on": ""}
    )
    assert answer.status_code == 403
    assert not cast.teacher.role_grants.exists()


def test_a_right_that_ended_yesterday_is_no_right(cast: Cast, client_of: ClientOf) -> None:
    """T-F4: the end date counts in Paris days."""
    yesterday = timezone.localdate() - timedelta(days=1)
    RoleGrant.objects.filter(person=cast.manager_a).update(expires_on=yesterday)
    assert client_of(cast.manager_a).get("/annuaire/").status_code == 403
    RoleGrant.objects.filter(person=cast.manager_a).update(expires_on=timezone.localdate())
    assert client_of(cast.manager_a).get("/annuaire/").status_code == 200


def test_a_parent_of_two_schools_shows_each_manager_their_own_child(
    cast: Cast, client_of: ClientOf
) -> None:
    """T-F5: the allowed rule and its wall, seen from both sides."""
    address = reverse("directory:person", args=[cast.parent.uuid])
    for_a = client_of(cast.manager_a).get(address).text
    for_b = client_of(cast.manager_b).get(address).text
    assert "Anna" in for_a
    assert "Aristide-Briand" in for_a
    assert "Basile" not in for_a
    assert "Berthe-Morisot" not in for_a
    assert "Basile" in for_b
    assert "Anna" not in for_b
    assert "Aristide-Briand" not in for_b


def test_a_list_names_the_school_that_the_manager_knows(cast: Cast, client_of: ClientOf) -> None:
    """T-F5: the parent's main school is A; manager B reads B there."""
    page = client_of(cast.manager_b).get("/annuaire/?q=claire+martin").text
    assert "Berthe-Morisot" in page
    assert "Aristide-Briand" not in page


def test_a_form_teacher_sees_the_class_and_its_parents_only(
    cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.form_teacher)
    page = client.get("/annuaire/").text
    for name in ("Manon", "Anna", "Claire"):
        assert name in page
    for name in ("Naël", "Basile", "Denis", "Élise"):
        assert name not in page
    assert client.get(reverse("directory:school", args=["0541111A"])).status_code == 404


def test_the_helpdesk_of_an_authority_sees_its_staff_only(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.helpdesk).get("/annuaire/").text
    assert "Professeure" in page
    assert "Étranger" in page  # a teacher of B: same academy
    for name in ("Manon", "Martin", "Pauline"):
        assert name not in page


def test_an_administrator_of_one_authority_sees_nothing_of_another(cast: Cast) -> None:
    regional = make.make_person(family_name="Régionale")
    make.give_role(person=regional, role=Role.ENT_ADMINISTRATOR, authority=cast.academy)
    far_class = make.make_class(school=cast.school_c)
    far_role = make.give_role(
        person=make.make_person(school=cast.school_c), role=Role.EDITOR, school=cast.school_c
    )
    actor = actor_for(regional)
    assert set(visible_schools(actor)) == {cast.school_a, cast.school_b}
    assert cast.class_b in visible_groups(actor)
    assert far_class not in visible_groups(actor)
    assert cast.pupil_b in visible_persons(actor)
    assert cast.far_pupil not in visible_persons(actor)
    assert visible_grants(actor).filter(school=cast.school_a).exists()
    assert far_role not in visible_grants(actor)


def test_a_person_of_no_school_is_for_ent_administrators(cast: Cast, client_of: ClientOf) -> None:
    lonely = make.make_person(family_name="Sansécole")
    address = reverse("directory:person", args=[lonely.uuid])
    assert client_of(cast.manager_a).get(address).status_code == 404
    assert client_of(cast.ent_administrator).get(address).status_code == 200
