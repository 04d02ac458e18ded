"""Whoever is signed in reads it on every page; visitors' pages are kept, theirs never (R-B9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from accounts.models import Account
from directory.models import Person, School
from portal.enums import NewsAudience
from portal.models import NewsItem
from tests import factories as make
from tests.cast import Cast
from tests.kit.trees import tree_of

if TYPE_CHECKING:
    from tests.kit.responses import TestResponse

ClientOf = Callable[[Person | None], Client]
NUL = "/?q=%00"


def frame_of(response: TestResponse) -> tuple[str, bool, bool, bool]:
    """The name in the header, and whether sign-out, menu and « Se connecter » are there."""
    tree = tree_of(response.content)
    names = tree.xpath("//header//details[last()]/summary/span/text()")
    return (
        names[-1] if names else "",
        bool(tree.xpath("//header//form[@action='/deconnexion/']")),
        bool(tree.xpath("//nav[@aria-label='Menu principal']//a")),
        any(a.text_content().strip() == "Se connecter" for a in tree.iter("a")),
    )


def pages_of(school: School, item: NewsItem) -> dict[str, int]:
    """Addresses of each kind that showed whoever is signed in as a stranger, and their code."""
    page = f"/etablissements/{school.slug}/"
    return {
        "/": 200,
        "/?q=martin": 200,
        "/?page=1": 200,
        page: 200,
        f"{page}actualites/{item.uuid}/": 200,
        "/informations/aide/": 200,
        "/etablissements/inconnu/": 404,
        "/rien-de-tel/": 404,
        "/annuaire/administration/": 403,
        "/annuaire/administration/imports/": 403,
        "/deconnexion/": 405,
        NUL: 400,
    }


def test_name_sign_out_and_menu_stand_on_every_page_of_whoever_is_signed_in(
    cast: Cast, client_of: ClientOf, make_news: Callable[..., NewsItem]
) -> None:
    item = make_news(cast.school_a, "Portes ouvertes", audience=NewsAudience.PUBLIC)
    browser = client_of(cast.pupil)
    for address, status in pages_of(cast.school_a, item).items():
        response = browser.get(address)
        assert response.status_code == status, address
        assert frame_of(response) == ("Manon Élève", True, True, False), address
        assert "no-store" in response.headers["Cache-Control"], address


def test_a_form_that_the_server_refuses_keeps_the_frame(cast: Cast, client_of: ClientOf) -> None:
    """413: the same kind, by POST."""
    response = client_of(cast.pupil).post("/accueil/etablissement/", {"uai": "x" * 3_000_000})
    assert response.status_code == 413
    assert frame_of(response)[:3] == ("Manon Élève", True, True)


@pytest.mark.parametrize("first", ["visitor", "pupil"])
def test_what_a_visitor_and_a_pupil_read_never_meets(
    cast: Cast, client_of: ClientOf, first: str
) -> None:
    """Whoever comes first: the kept page names nobody, and nobody is served a stranger's."""
    page = f"/etablissements/{cast.school_a.slug}/"
    browsers = {"visitor": Client(), "pupil": client_of(cast.pupil)}
    for address in ("/", page):
        for who in (first, *browsers, *browsers):
            response = browsers[who].get(address)
            assert ("Manon" in response.content.decode()) == (who == "pupil"), (address, who)
            kept = response.headers["Cache-Control"]
            assert kept == ("public, no-cache" if who == "visitor" else "no-store, private")


def test_a_page_kept_before_the_sign_in_is_asked_for_again_and_answered_anew(
    cast: Cast, client_of: ClientOf
) -> None:
    """« no-cache » makes the browser ask; the visitor's tag gets a whole page, not « 304 »."""
    page = f"/etablissements/{cast.school_a.slug}/"
    tag = Client().get(page).headers["ETag"]
    response = client_of(cast.pupil).get(page, headers={"If-None-Match": tag})
    assert response.status_code == 200
    assert "Manon" in response.content.decode()


def test_a_session_that_ended_makes_nothing_public(cast: Cast) -> None:
    browser = Client()
    browser.cookies["preau_session"] = "x" * 32
    response = browser.get(f"/etablissements/{cast.school_a.slug}/")
    assert "public" not in response.headers["Cache-Control"]
    assert frame_of(response) == ("", False, False, True)


def test_my_space_stands_in_the_place_of_sign_in(cast: Cast, client_of: ClientOf) -> None:
    """Signed in at A: A's page and a stranger's lead to my space, B's switches to it when mine."""
    parent, pupil = client_of(cast.parent), client_of(cast.pupil)
    for browser, school, words in (
        (pupil, cast.school_a, ""),
        (pupil, cast.school_b, f"Vous êtes connecté sur l’espace « {cast.school_a.name} »"),
        (parent, cast.school_b, "Cet établissement est aussi le vôtre"),
    ):
        text = browser.get(f"/etablissements/{school.slug}/").content.decode().replace("\xa0", " ")
        text = text.replace("&nbsp;", " ")
        assert "Mon espace" in text
        assert words in text
    assert f'value="{cast.school_b.uai}/tuteur"' in text
    parent.post("/accueil/etablissement/", {"uai": f"{cast.school_b.uai}/tuteur"})
    assert f"Parent, {cast.school_b.name}" in parent.get("/accueil/").content.decode()


def test_the_search_of_schools_works_for_whoever_is_signed_in(
    cast: Cast, client_of: ClientOf
) -> None:
    """The form of the home leads to the home, not to the connected page."""
    tree = tree_of(client_of(cast.pupil).get("/").content.decode())
    assert tree.xpath("//form[@role='search']/@action") == ["/"]


def test_an_error_uses_up_no_message(cast: Cast, client_of: ClientOf) -> None:
    """A picture that does not exist must not take the words meant for the next page."""
    browser = client_of(cast.parent)
    browser.post("/accueil/etablissement/", {"uai": f"{cast.school_b.uai}/tuteur"})
    assert browser.get("/apple-touch-icon.png").status_code == 404
    assert "Vous êtes maintenant sur" in browser.get("/accueil/").content.decode()


@pytest.mark.django_db
def test_a_school_host_shows_its_own_errors_and_sends_to_the_portal(settings: object) -> None:
    """A 404 there names the school, and its links lead to the portal's host."""
    settings.SCHOOL_DOMAIN = "ecoles.example"  # type: ignore[attr-defined]
    settings.ALLOWED_HOSTS = [".ecoles.example", "testserver"]  # type: ignore[attr-defined]
    school = make.make_school(name="Collège Colette")
    response = Client().get(
        "/actualites/00000000-0000-4000-8000-000000000000/",
        headers={"host": f"{school.slug}.ecoles.example"},
    )
    text = response.content.decode()
    assert response.status_code == 404
    assert "Collège Colette" in text
    assert f'href="http://127.0.0.1:8000/connexion/?etablissement={school.uai}"' in text


@pytest.mark.django_db
def test_ours_stay_bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """5xx ask neither the database nor the session."""
    browser = Client(raise_request_exception=False)
    person = make.make_person(school=make.make_school(), given_name="Jo", family_name="Nom")
    browser.force_login(Account.objects.get(pk=make.make_account(person=person).pk))

    def fail() -> str:
        raise ZeroDivisionError

    monkeypatch.setattr("ent.web.health.database_state", fail)
    response = browser.get("/sante/")
    assert response.status_code == 500
    assert frame_of(response) == ("", False, False, False)
