"""The school that one was in is found again after a sign-out, and after the session's end."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Door
from directory.models import Person, School
from tests import factories as make
from tests.accounts.academy import StandIn, come_back, leave
from tests.accounts.signing import local_door, no_terms, sign_in
from tests.cast import Cast, verified_client
from tests.kit.trees import tree_of

pytestmark = pytest.mark.django_db
COOKIE = "preau_etablissement"


def make_pupil(school: School, login: str = "jo.nom") -> Person:
    """A pupil of *school* who signs in with a password."""
    person = make.make_person(school=school, given_name="Jo", family_name="Nom")
    make.make_account(person=person, login=login)
    return person


def signed_in(school: School) -> Client:
    """A browser in which a pupil of *school* has read the connected page."""
    no_terms()
    make_pupil(school)
    browser = Client()
    assert sign_in(browser, "jo.nom", make.PASSWORD).status_code == 303
    assert browser.get("/accueil/").status_code == 200
    return browser


def checked_doors(page: str) -> list[str]:
    """The doors that the mire has ticked beforehand."""
    tree = tree_of(page)
    return [
        str(box) for box in tree.xpath("//input[starts-with(@name,'guichet-')][@checked]/@value")
    ]


def test_signing_in_again_leads_to_the_school_one_was_in() -> None:
    school = make.make_school(name="Collège Colette")
    browser = signed_in(school)
    page = browser.post("/deconnexion/", follow=True).content.decode()
    again = tree_of(page).xpath("//a[contains(., 'Se connecter à nouveau')]/@href")
    assert again == [f"/connexion/?etablissement={school.uai}"]
    assert "Collège Colette" in browser.get(again[0]).content.decode()


def test_a_session_that_ends_loses_no_school() -> None:
    """The page that asks to sign in says which school, and has its academy ticked."""
    academy = make.make_authority(code="TOUL", name="Académie de Toul")
    other = make.make_authority(code="REIMS", name="Académie de Reims")
    doors = {authority: local_door(authority) for authority in (academy, other)}
    school = make.make_school(name="Collège Colette", authority=academy)
    browser = signed_in(school)
    with time_machine.travel(timezone.now() + timedelta(hours=13)):
        response = browser.get("/mon-compte/", follow=True)
    address = response.redirect_chain[-1][0]
    page = response.content.decode()
    assert address.startswith("/connexion/?next=")
    assert "Collège Colette" in page
    assert doors[academy].code in checked_doors(page)
    assert doors[other].code not in checked_doors(page)


def test_the_sign_in_that_follows_ends_in_that_school() -> None:
    """It is used as the school of an address is: the same pupil, two schools, the last one."""
    school = make.make_school(name="Collège Colette")
    browser = signed_in(school)
    browser.post("/deconnexion/")
    second = make.make_school(name="Lycée Zola")
    person = Person.objects.get(account__login="jo.nom")
    make.affiliate(person=person, school=second)
    Person.objects.filter(pk=person.pk).update(main_school=second)
    sign_in(browser, "jo.nom", make.PASSWORD)
    assert "Élève, Collège Colette" in browser.get("/accueil/").content.decode()


def test_an_academic_sign_out_keeps_it_too(
    client: Client, academy: StandIn, door: Door, account: object
) -> None:
    """Signing out by CAS ends on our page, from which one goes back to the same school."""
    leave(client, door)
    academy.issue("ST-1", "jdupont", mail=account.person.email)  # type: ignore[attr-defined]
    come_back(client, door, "ST-1")
    school = account.person.main_school  # type: ignore[attr-defined]
    client.get("/cas/logout")
    assert client.cookies[COOKIE].value == school.uai
    assert f"etablissement={school.uai}" in client.get("/deconnexion/terminee/").content.decode()


def test_a_sign_in_that_goes_on_to_a_service_keeps_the_school_of_its_address() -> None:
    """No page of ours is shown in between."""
    school = make.make_school()
    no_terms()
    make_pupil(school)
    browser = Client()
    sign_in(browser, "jo.nom", make.PASSWORD, query=f"?etablissement={school.uai}")
    assert browser.cookies[COOKIE].value == school.uai


def test_the_switch_changes_what_is_kept(cast: Cast) -> None:
    browser = verified_client(cast.parent)
    browser.get("/accueil/")
    assert browser.cookies[COOKIE].value == cast.school_a.uai
    browser.post("/accueil/etablissement/", {"uai": f"{cast.school_b.uai}/tuteur"}, follow=True)
    assert browser.cookies[COOKIE].value == cast.school_b.uai


def test_the_cookie_is_a_public_number_and_no_more() -> None:
    """The school's UAI: no name, no login; scripts and other sites do not get it."""
    school = make.make_school()
    morsel = signed_in(school).cookies[COOKIE]
    assert morsel.value == school.uai
    assert morsel["httponly"]
    assert morsel["samesite"] == "Lax"
    assert int(morsel["max-age"]) <= 200 * 24 * 3600


@pytest.mark.parametrize("value", ["0000000A", "<script>", "../..", "x" * 5000, "' OR 1=1", "é"])
def test_a_cookie_that_names_no_school_is_none(value: str) -> None:
    browser = Client()
    browser.cookies[COOKIE] = value
    response = browser.get("/connexion/")
    assert response.status_code == 200
    assert "<script>" not in response.content.decode()


def test_the_school_of_the_address_comes_before_the_one_that_was_kept() -> None:
    kept, named = make.make_school(name="Collège Colette"), make.make_school(name="Lycée Zola")
    browser = Client()
    browser.cookies[COOKIE] = kept.uai
    page = browser.get(f"/connexion/?etablissement={named.uai}").content.decode()
    assert "Lycée Zola" in page
    assert "Collège Colette" not in page


def test_a_visitor_gets_no_cookie(client: Client) -> None:
    """Reading public pages and the mire writes nothing of a school."""
    school = make.make_school()
    client.get(f"/etablissements/{school.slug}/")
    client.get(f"/connexion/?etablissement={school.uai}")
    assert COOKIE not in client.cookies


def test_signed_in_at_a_the_sign_in_of_b_says_so_and_offers_b_when_it_is_mine(cast: Cast) -> None:
    browser = verified_client(cast.parent)
    page = browser.get(f"/connexion/?etablissement={cast.school_b.uai}").content.decode()
    for expected in ("Claire Martin", cast.school_a.name, cast.school_b.name, "Passer à cet"):
        assert expected in page
    form = tree_of(page).xpath("//form[contains(., 'Passer à cet établissement')]")[0]
    browser.post(form.get("action"), {"uai": form.xpath(".//input[@name='uai']/@value")[0]})
    assert f"Parent, {cast.school_b.name}" in browser.get("/accueil/").content.decode()


def test_signed_in_at_a_a_stranger_to_b_leaves_for_bs_door(cast: Cast) -> None:
    """« Ce n’est pas moi »: who signs out there comes back to B, not to A."""
    browser = verified_client(cast.pupil)
    page = browser.get(f"/connexion/?etablissement={cast.school_b.uai}").content.decode()
    assert "ne fait pas partie de vos" in page
    assert "Passer à cet" not in page
    form = tree_of(page).xpath("//main//form[@action='/deconnexion/']")[0]
    posted = {box.get("name"): box.get("value") for box in form.xpath(".//input")}
    ended = browser.post("/deconnexion/", posted, follow=True).content.decode()
    assert f"/connexion/?etablissement={cast.school_b.uai}" in ended


def test_who_comes_back_to_their_own_school_is_offered_nothing_else(cast: Cast) -> None:
    browser = verified_client(cast.parent)
    page = browser.get(f"/connexion/?etablissement={cast.school_a.uai}").content.decode()
    assert "Passer à cet" not in page
    assert cast.school_a.name in page
