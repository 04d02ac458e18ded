"""« Guichets » and « Rattachements »: doors set and tried, bindings found, cut and settled."""

from __future__ import annotations

import socket
import time
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.doors.bindings.matching import purge_refusals
from accounts.enums import AccountState, BindingRefusal, MatchOn
from accounts.models import Account, CasServer, Door, DoorBinding, DoorHealth, RefusedBinding
from directory.enums import Role
from ent.audit.models import AuditEvent
from tests import factories as make
from tests.accounts.academy import (
    StandIn,
    academic_account,
    academic_door,
    come_back,
    leave,
    who,
)
from tests.accounts.test_academic_logout import logout_request
from tests.cast import mark_verified

pytestmark = pytest.mark.django_db
DESK = "/annuaire/administration/guichets/"
BINDINGS = "/annuaire/administration/rattachements/"


@pytest.fixture
def desk(door: Door) -> Client:
    """A browser of an ENT administrator."""
    person = make.make_person(given_name="Ariane", family_name="Portail")
    make.give_role(person=person, role=Role.ENT_ADMINISTRATOR)
    client = Client()
    client.force_login(make.make_account(person=person))
    mark_verified(client)
    return client


def settings_of(door: Door, **changed: object) -> dict[str, object]:
    assert door.authority is not None
    return {
        "label": door.label,
        "authority": door.authority.pk,
        "audiences": door.audiences,
        "position": door.position,
        "is_open": "on",
        "public_url": door.cas.public_url,
        "back_channel_url": "",
        "version": "3",
        "match_on": MatchOn.EMAIL.value,
        "match_attribute": "mail",
        "renew_policy": "apres-deconnexion",
        "method_parameter": "authn_method",
        "key_method": "",
        "deadline_seconds": 4,
        **changed,
    }


def refused(client: Client, academy: StandIn, door: Door, **said: str) -> RefusedBinding:
    leave(client, door)
    academy.issue("ST-no", "jdupont", **said)
    come_back(client, door, "ST-no")
    return RefusedBinding.objects.get()


def test_the_list_says_where_doors_lead_and_how_they_are(desk: Client, door: Door) -> None:
    Door.objects.create(code="sans", label="sans adresse", kind="cas", audiences=["enseignant"])
    page = desk.get(DESK).content.decode()
    assert door.label in page
    assert "Adresse à indiquer" in page


def test_an_academic_door_is_added_then_opens(
    desk: Client, client: Client, academy: StandIn, door: Door
) -> None:
    values = settings_of(door, code="reims", label="de l’académie de Reims")
    answer = desk.post(f"{DESK}ajouter/", values)
    assert answer.status_code == 302, answer.content.decode()
    added = Door.objects.get(code="reims")
    assert added.leads_elsewhere
    assert leave(client, added).startswith(academy.url)
    event = AuditEvent.objects.get(act="door:changed")
    assert academy.url not in str(event.details)


@pytest.mark.parametrize(
    "address",
    [
        "ftp://x.example/",
        "https://u@x.example/cas/",
        "https://x.example/cas/login",
        "https://x.example/?a=b",
    ],
)
def test_an_address_that_is_not_one_is_refused(desk: Client, door: Door, address: str) -> None:
    before = door.cas.public_url
    answer = desk.post(f"{DESK}{door.code}/", settings_of(door, public_url=address))
    assert answer.status_code == 200
    assert CasServer.objects.get(door=door).public_url == before


def test_closing_a_door_shows_the_honest_page(desk: Client, client: Client, door: Door) -> None:
    values = settings_of(door)
    del values["is_open"]
    desk.post(f"{DESK}{door.code}/", values)
    page = client.get(f"/connexion/{door.code}/").content.decode()
    assert "Ce guichet est fermé pour le moment" in page
    assert door.authority is not None
    Door.objects.create(
        code="futur", label="x", kind="cas", audiences=[], is_open=False, authority=door.authority
    )
    assert "pas encore ouvert" in client.get("/connexion/futur/").content.decode()
    local = Door.objects.create(
        code="ferme", label="x", kind="local", audiences=["famille"], is_open=False
    )
    page = client.get(f"/connexion/{local.code}/").content.decode()
    assert "fermé pour le moment" in page
    assert "académi" not in page.partition("<main")[2].partition("</main")[0]


def close(door: Door) -> None:
    Door.objects.filter(pk=door.pk).update(is_open=False)


def test_a_door_that_closes_ends_no_session_and_its_academy_still_ends_them(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    for number in (1, 2):
        leave(client, door)
        academy.issue(f"ST-{number}", "jdupont", mail=account.person.email)
        come_back(client, door, f"ST-{number}")
    close(door)
    assert who(client) == account.login
    academy_posts = Client(enforce_csrf_checks=True)
    body = logout_request("ST-2")
    assert academy_posts.post(f"/guichet/{door.code}/", {"logoutRequest": body}).status_code == 204
    assert who(client) is None


def test_who_comes_back_to_a_door_that_closed_meanwhile_reads_it(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    leave(client, door)
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    close(door)
    for _ in range(2):
        answer = come_back(client, door, "ST-1")
        assert answer.status_code == 403
        assert "Ce guichet vient de fermer" in answer.content.decode()
    assert not academy.asked, "nobody is asked for somebody who may not come in"
    Door.objects.update(is_open=True)
    assert come_back(client, door, "ST-1").status_code == 403, "the mark was used"


def test_who_is_inside_while_the_door_closes_proves_nothing_anew_and_signs_out_whole(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    leave(client, door)
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    come_back(client, door, "ST-1")
    leave(client, door)
    close(door)
    assert "Vous êtes connecté" in come_back(client, door, "ST-2").content.decode()
    page = client.get("/mon-compte/confirmer/").content.decode()
    assert "ce guichet est fermé pour le moment" in page
    answer = client.post("/deconnexion/", follow=True)
    assert who(client) is None
    page = answer.content.decode()
    assert f"{academy.url}logout" in page
    assert "Ce qu’il reste à faire" in page
    assert "Refresh" not in answer.headers


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("cas", "La liaison fonctionne"),
        ("hang", "n’a pas répondu dans le délai"),
        ("broken", "erreur interne"),
        ("moved", "renvoie vers une autre adresse"),
        ("body", "n’est pas celle d’un serveur CAS"),
    ],
)
def test_tester_contacts_the_server_and_explains(
    desk: Client, academy: StandIn, door: Door, mode: str, words: str
) -> None:
    academy.mode, academy.body = mode, b"<html>bonjour</html>"
    page = desk.post(f"{DESK}{door.code}/tester/").content.decode()
    assert words in page
    assert academy.asked
    assert AuditEvent.objects.filter(act="door:tested").exists()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://127.0.0.1:9/cas/", "refuse la connexion, ou n’est pas joignable"),
        ("https://127.0.0.1:{port}/cas/", "Le certificat du serveur n’est pas accepté"),
        ("https://nulle-part.invalid/cas/", "Le nom du serveur est introuvable"),
    ],
)
def test_tester_tells_what_is_wrong_with_the_connection(
    desk: Client,
    academy: StandIn,
    door: Door,
    address: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown(host: str, *args: Any, **more: Any) -> Any:
        if host.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return look_up(host, *args, **more)

    look_up = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    port = academy.url.split(":")[2].split("/")[0]
    CasServer.objects.filter(door=door).update(public_url=address.format(port=port))
    page = desk.post(f"{DESK}{door.code}/tester/").content.decode()
    assert "La liaison ne fonctionne pas" in page
    assert words in page


def test_tester_holds_a_process_no_longer_than_one_deadline(
    desk: Client, academy: StandIn, door: Door
) -> None:
    """The two requests share it: a server that answers late, then dies."""
    CasServer.objects.filter(door=door).update(deadline_seconds=2)
    academy.mode = "slow"
    began = time.monotonic()
    page = desk.post(f"{DESK}{door.code}/tester/").content.decode()
    took = time.monotonic() - began
    assert len(academy.asked) == 2
    assert "refuse comme il se doit un ticket inventé" in page
    assert "n’a pas répondu dans le délai" in page
    assert took < 2.9


def test_a_good_test_ends_the_rest_of_a_door(desk: Client, academy: StandIn, door: Door) -> None:
    DoorHealth.objects.create(door=door, failures=9)
    desk.post(f"{DESK}{door.code}/tester/")
    assert DoorHealth.objects.get(door=door).failures == 0


def test_an_administrator_of_one_authority_sees_no_other_door(academy: StandIn, door: Door) -> None:
    other = make.make_authority(code="REIMS")
    theirs = academic_door(other, academy.url)
    person = make.make_person(given_name="Rémi", family_name="Reims")
    make.give_role(person=person, role=Role.ENT_ADMINISTRATOR, authority=other)
    client = Client()
    client.force_login(make.make_account(person=person))
    mark_verified(client)
    page = client.get(DESK).content.decode()
    assert theirs.code in page
    assert door.code not in page
    assert client.get(f"{DESK}{door.code}/").status_code == 404
    assert client.post(f"{DESK}{door.code}/tester/").status_code == 404
    assert client.get(f"{DESK}{theirs.code}/").status_code == 200


def test_an_administrator_of_one_authority_opens_no_door_of_the_whole_portal(door: Door) -> None:
    person = make.make_person(given_name="Nadia", family_name="Nancy")
    make.give_role(person=person, role=Role.ENT_ADMINISTRATOR, authority=door.authority)
    client = Client()
    client.force_login(make.make_account(person=person))
    mark_verified(client)
    values = {"label": "de tous", "code": "tous", "audiences": ["autre"], "position": 1}
    answer = client.post(f"{DESK}ajouter/?nature=local", {**values, "authority": ""})
    assert answer.status_code == 200
    assert not Door.objects.filter(code="tous").exists()


def test_who_says_where_a_door_leads_has_just_proved_who_they_are(desk: Client, door: Door) -> None:
    """R-B9: another server's address is everybody's identity."""
    session = desk.session
    session["authenticated_at"] = 0
    session.save()
    for address in (f"{DESK}{door.code}/", f"{DESK}ajouter/"):
        answer = desk.post(address, settings_of(door, public_url="https://ailleurs.example/cas/"))
        assert answer.headers["Location"].startswith("/mon-compte/confirmer/")
    assert CasServer.objects.get(door=door).public_url == door.cas.public_url


def test_a_binding_is_found_then_cut_and_its_sessions_end(
    desk: Client, client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    leave(client, door)
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    come_back(client, door, "ST-1")
    binding = DoorBinding.objects.get()
    for typed in ("jdupont", "dupont", account.login, "jeanne.dupont@ac-nancy-metz.example"):
        assert "Jeanne Dupont" in desk.get(BINDINGS, {"q": typed}).content.decode()
    assert "Jeanne Dupont" not in desk.get(BINDINGS, {"q": "personne"}).content.decode()
    address = f"{BINDINGS}{binding.uuid}/detacher/"
    assert "sessions ouvertes" in desk.get(address).content.decode()
    assert desk.post(address).status_code == 302
    assert not DoorBinding.objects.exists()
    assert who(client) is None
    event = AuditEvent.objects.get(act="account:binding:removed")
    assert event.details == {"door": door.code}


def test_nobody_detaches_an_administrator_nor_themselves(
    desk: Client, door: Door, account: Account
) -> None:
    """Rank: an administrator of one authority would cut off one of the whole portal."""
    assert door.authority is not None
    school = make.make_school(authority=door.authority)
    actor = academic_account(school, email="remi@ac.example", name="Remi")
    make.give_role(person=actor.person, role=Role.ENT_ADMINISTRATOR, authority=door.authority)
    make.give_role(person=account.person, role=Role.ENT_ADMINISTRATOR)
    for bound in (actor, account):
        Account.objects.filter(pk=bound.pk).update(state=AccountState.ACTIVE)
        DoorBinding.objects.create(door=door, subject=bound.login, account=bound, matched="x")
    client = Client()
    client.force_login(Account.objects.get(pk=actor.pk))
    mark_verified(client)
    for browser, login, words in (
        (client, account.login, "Cette personne administre l’ENT"),
        (client, actor.login, "On ne détache pas son propre compte"),
        (desk, account.login, "Cette personne administre l’ENT"),
    ):
        address = f"{BINDINGS}{DoorBinding.objects.get(subject=login).uuid}/detacher/"
        for answer in (browser.get(address), browser.post(address)):
            assert answer.status_code == 403
            assert words in answer.content.decode()
            assert (
                "<form" not in answer.content.decode().partition("<main")[2].partition("</main")[0]
            )
    assert DoorBinding.objects.count() == 2
    assert not AuditEvent.objects.filter(act="account:binding:removed").exists()


def test_an_administrators_binding_is_cut_from_the_machine(door: Door, account: Account) -> None:
    make.give_role(person=account.person, role=Role.ENT_ADMINISTRATOR)
    DoorBinding.objects.create(door=door, subject="jdupont", account=account, matched="x")
    out = StringIO()
    call_command("unbind_account", account.login.upper(), stdout=out)
    assert not DoorBinding.objects.exists()
    assert door.label in out.getvalue()
    event = AuditEvent.objects.get(act="account:binding:removed")
    assert event.actor_pseudonym is None
    call_command("unbind_account", account.login, stdout=out)
    assert "n'est rattaché à aucun" in out.getvalue()
    with pytest.raises(CommandError, match="Aucun compte"):
        call_command("unbind_account", "personne.ici")


def test_a_refusal_is_settled_by_a_human(
    desk: Client, client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    found = refused(client, academy, door, mail="jeanne.mariee@ac.example")
    assert found.reason == BindingRefusal.NOBODY
    page = desk.get(BINDINGS, {"q": found.reference}).content.decode()
    assert "jeanne.mariee@ac.example" in page
    address = f"{BINDINGS}{found.uuid}/rattacher/"
    wrong = desk.post(address, {"login": "ariane.portail"})
    assert "Aucune personne de cette autorité" in wrong.content.decode()
    assert desk.post(address, {"login": account.login.upper()}).status_code == 302
    leave(client, door)
    academy.issue("ST-2", "jdupont", mail="jeanne.mariee@ac.example")
    assert come_back(client, door, "ST-2").status_code == 303
    assert who(client) == account.login
    assert not RefusedBinding.objects.exists()


def test_nobody_is_given_the_account_of_an_administrator_nor_their_own_by_hand(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    """Never upwards: an administrator of one authority would become one of the whole portal."""
    assert door.authority is not None
    school = make.make_school(authority=door.authority)
    actor = academic_account(school, email="remi@ac.example", name="Remi")
    make.give_role(person=actor.person, role=Role.ENT_ADMINISTRATOR, authority=door.authority)
    make.give_role(person=account.person, role=Role.ENT_ADMINISTRATOR)
    Account.objects.filter(pk=actor.pk).update(state=AccountState.ACTIVE)
    found = refused(client, academy, door, mail="autre@ac.example")
    desk = Client()
    desk.force_login(Account.objects.get(pk=actor.pk))
    mark_verified(desk)
    for login in (account.login, actor.login):
        answer = desk.post(f"{BINDINGS}{found.uuid}/rattacher/", {"login": login})
        assert "On ne rattache ni son propre compte" in answer.content.decode()
    assert not DoorBinding.objects.exists()


def test_a_second_claimant_is_settled_only_after_the_first_was_cut(
    desk: Client, client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    DoorBinding.objects.create(door=door, subject="first", account=account, matched="x")
    found = refused(client, academy, door, mail=account.person.email)
    answer = desk.post(f"{BINDINGS}{found.uuid}/rattacher/", {"login": account.login})
    assert "détachez-la d’abord" in answer.content.decode()
    assert DoorBinding.objects.get().subject == "first"


def test_a_refusal_is_closed_and_old_ones_are_forgotten(
    desk: Client, client: Client, academy: StandIn, door: Door
) -> None:
    found = refused(client, academy, door, mail="x@ac.example")
    desk.post(f"{BINDINGS}{found.uuid}/classer/")
    assert not RefusedBinding.objects.exists()
    kept = refused(client, academy, door, mail="x@ac.example")
    assert purge_refusals() == 0
    RefusedBinding.objects.filter(pk=kept.pk).update(last_at="2026-01-01T00:00:00Z")
    assert purge_refusals() == 1
