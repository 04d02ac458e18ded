"""The connected page: minimal, quick, and switched in one click (R-B8, T-I3)."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from directory.models import Group, Person
from portal.enums import NewsAudience
from portal.models import NewsItem, SchoolPage
from tests import factories as make
from tests.cast import Cast

ClientOf = Callable[[Person | None], Client]


def words_of(client: Client) -> str:
    """The connected page's text."""
    response = client.get("/accueil/")
    assert response.status_code == 200, response.headers.get("Location")
    return response.content.decode()


def test_nobody_is_greeted_in_capitals_and_exports_keep_what_the_feed_says(
    cast: Cast, client_of: ClientOf
) -> None:
    Person.objects.filter(pk=cast.teacher.pk).update(given_name="JEAN-PIERRE")
    cast.teacher.refresh_from_db()
    text = words_of(client_of(cast.teacher))
    assert "Bonjour Jean-Pierre</h1>" in text
    assert "JEAN-PIERRE" not in text
    answer = client_of(cast.manager_a).post(
        "/annuaire/exporter/", {"personne": [cast.teacher.uuid], "format": "csv"}
    )
    assert ";JEAN-PIERRE;" in answer.content.decode("utf-8-sig")


@pytest.mark.django_db
def test_it_asks_to_sign_in(client: Client) -> None:
    """Sign-in is required by default."""
    response = client.get("/accueil/")
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/connexion/")


def test_a_parent_sees_their_children_with_class_and_school(
    cast: Cast, client_of: ClientOf
) -> None:
    """R-B8."""
    text = words_of(client_of(cast.parent))
    for expected in ("Anna Martin", "Basile Martin", "4E3", "2NDE 1", cast.school_b.name):
        assert expected in text


def test_a_class_is_named_by_its_code_as_parents_know_it(cast: Cast, client_of: ClientOf) -> None:
    """R-B8: « 4E3 », whatever label the feed gives the class (« 4EME »)."""
    Group.objects.filter(memberships__person=cast.child_a).update(label="4EME GENERALE")
    text = words_of(client_of(cast.parent))
    assert "4E3" in text
    assert "4EME GENERALE" not in text


def test_a_parent_sees_only_their_own_children_and_nothing_private(
    cast: Cast, client_of: ClientOf
) -> None:
    """T-I3: no birth date, INE, address; nobody else's child, nor one they do not answer for."""
    Person.objects.filter(pk=cast.child_a.pk).update(
        ine="123456789AB", birth_date=datetime.date(2013, 4, 5), address="9 impasse du Secret"
    )
    make.make_child_of(guardian=cast.parent, pupil=cast.classmate, is_legal=False, level=3)
    text = words_of(client_of(cast.parent))
    for hidden in ("123456789AB", "2013", "9 impasse du Secret", "Voisin", "Manon"):
        assert hidden not in text


def test_a_pupil_sees_no_parent(cast: Cast, client_of: ClientOf) -> None:
    """T-I3."""
    Person.objects.filter(pk=cast.parent.pk).update(address="9 impasse du Secret")
    text = words_of(client_of(cast.child_a))
    assert "Claire" not in text
    assert "Secret" not in text
    assert "Mes enfants" not in text


def test_news_of_my_school_and_of_the_portal_and_no_other(
    cast: Cast, client_of: ClientOf, make_news: Callable[..., NewsItem]
) -> None:
    """Connected news shows here; another school's news is a 404 as if it did not exist."""
    own = make_news(cast.school_a, "Pour nous", audience=NewsAudience.CONNECTED)
    make_news(None, "Du portail", audience=NewsAudience.CONNECTED)
    other = make_news(cast.school_b, "Pour eux", audience=NewsAudience.CONNECTED)
    browser = client_of(cast.pupil)
    text = words_of(browser)
    assert "Pour nous" in text
    assert "Du portail" in text
    assert "Pour eux" not in text
    assert browser.get(f"/accueil/actualites/{own.uuid}/").status_code == 200
    assert browser.get(f"/accueil/actualites/{other.uuid}/").status_code == 404


def test_another_school_is_one_click_away_and_kept(cast: Cast, client_of: ClientOf) -> None:
    """R-B8: one POST, then every page is of that school."""
    browser = client_of(cast.parent)
    assert f"Parent, {cast.school_a.name}" in words_of(browser)
    response = browser.post("/accueil/etablissement/", {"uai": f"{cast.school_b.uai}/tuteur"})
    assert response.status_code == 302
    assert f"Parent, {cast.school_b.name}" in words_of(browser)
    assert f"Parent, {cast.school_b.name}" in words_of(browser)


def test_the_frame_has_the_colour_of_the_school_that_was_chosen(
    cast: Cast, client_of: ClientOf
) -> None:
    SchoolPage.objects.create(school=cast.school_a, colour="#0d6b5e")
    SchoolPage.objects.create(school=cast.school_b, colour="#7a3e6d")
    browser = client_of(cast.parent)
    assert "0d6b5e" in words_of(browser)
    browser.post("/accueil/etablissement/", {"uai": f"{cast.school_b.uai}/tuteur"})
    text = words_of(browser)
    assert "7a3e6d" in text
    assert "0d6b5e" not in text


@pytest.mark.parametrize("asked", ["0542222B/eleve", "0542222B/tuteur", "", "0/…", "x" * 4000])
def test_a_school_that_is_not_mine_changes_nothing(
    cast: Cast, client_of: ClientOf, asked: str
) -> None:
    """R-J3: a foreign school answers as one that does not exist."""
    browser = client_of(cast.pupil)
    assert browser.post("/accueil/etablissement/", {"uai": asked}).status_code == 302
    assert f"Élève, {cast.school_a.name}" in words_of(browser)


def test_the_switch_is_never_a_get(cast: Cast, client_of: ClientOf) -> None:
    """T-B7: reading changes nothing."""
    assert client_of(cast.parent).get("/accueil/etablissement/").status_code == 405


def test_it_is_never_kept_by_a_cache_nor_by_a_search_engine(
    cast: Cast, client_of: ClientOf
) -> None:
    """R-A2, R-B9: no-store and noindex."""
    response = client_of(cast.pupil).get("/accueil/")
    assert "no-store" in response.headers["Cache-Control"]
    assert 'content="noindex, nofollow"' in response.content.decode()


def test_it_costs_at_most_twelve_queries_whatever_there_is(
    cast: Cast, client_of: ClientOf, make_news: Callable[..., NewsItem]
) -> None:
    """6-performance: the number grows neither with children nor with news."""

    def queries(browser: Client) -> int:
        browser.get("/accueil/")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            browser.get("/accueil/")
        return len(captured)

    browser = client_of(cast.parent)
    few = queries(browser)
    for number in range(12):
        make_news(cast.school_a, f"Actualité {number}")
        child = make.make_person(school=cast.school_a, given_name=f"Enfant{number}")
        make.put_in_group(person=child, group=cast.class_a)
        make.make_child_of(guardian=cast.parent, pupil=child)
    assert queries(browser) == few
    assert few <= 12


@pytest.mark.parametrize("who", ["ent_administrator", "teacher", "helpdesk", "guest", "head"])
def test_it_opens_for_every_kind_of_person(cast: Cast, client_of: ClientOf, who: str) -> None:
    """Also for people of no school."""
    assert "Bonjour" in words_of(client_of(getattr(cast, who)))


def test_hostile_names_and_news_stay_text(
    cast: Cast, client_of: ClientOf, make_news: Callable[..., NewsItem], settings: Any
) -> None:
    """T-I2: what people type never becomes markup of a page."""
    payload = (
        "<img src=x onerror=alert(1)>\n\n## <script>alert(1)</script>\n\n- javascript:alert(1)"
    )
    make_news(cast.school_a, payload[:100], body=payload)
    Person.objects.filter(pk=cast.pupil.pk).update(given_name="<svg/onload=alert(1)>")
    text = words_of(client_of(cast.pupil))
    assert "<img src=x" not in text
    assert "<svg/onload" not in text
    assert "<script>alert" not in text
