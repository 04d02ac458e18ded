"""What everybody sees: the home that finds a school, and a school's page."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from lxml import html

from directory.models import School
from portal.enums import NewsAudience, NewsState
from portal.models import NewsItem, SchoolPage, UsefulLink
from tests import factories as make


def school_page(client: Client, school: School) -> html.HtmlElement:
    """The parsed public page of *school*."""
    response = client.get(f"/etablissements/{school.slug}/")
    assert response.status_code == 200
    return html.fromstring(response.content.decode())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed",
    ["émile gallé", "GALLE", "emile-galle", "gallé émile", "saint-dié", "st die", "88100"],
)
def test_a_school_is_found_by_name_town_and_postal_code(client: Client, typed: str) -> None:
    """R-A5: forgiving of accents, case, hyphens and order."""
    make.make_school(name="Collège Émile-Gallé", town="Saint-Dié-des-Vosges", postal_code="88100")
    make.make_school(name="Lycée Colette", town="Toul", postal_code="54200")
    page = client.get("/", {"q": typed}).content.decode()
    assert "Collège Émile-Gallé" in page
    assert "Lycée Colette" not in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("collège gallé", "CLG EMILE GALLE"),
        ("collège de Toul", "CLG EMILE GALLE"),
        ("lycée colette", "LGT COLETTE"),
        ("lycée professionnel", "LP DES FORGES"),
        ("lycée agricole", "LEGTA DU SAINTOIS"),
        ("LP", "LP DES FORGES"),
    ],
)
def test_a_school_is_found_by_the_word_that_its_feed_shortens(
    client: Client, typed: str, name: str
) -> None:
    """R-A5: the feeds write CLG, LGT, LEGTA; a family types « collège de Toul »."""
    names = ["CLG EMILE GALLE", "LGT COLETTE", "LP DES FORGES", "LEGTA DU SAINTOIS"]
    addresses = {
        each: make.make_school(name=each, town=town).slug
        for town, each in zip(["Toul", "Metz", "Reims", "Mirecourt"], names, strict=True)
    }
    page = client.get("/", {"q": typed}).content.decode()
    assert [each for each in names if f"/etablissements/{addresses[each]}/" in page] == [name]


@pytest.mark.django_db
def test_a_school_is_found_by_its_uai_in_any_case(client: Client) -> None:
    """R-A5."""
    found = make.make_school(uai="0540042A")
    assert found.name in client.get("/", {"q": "0540042a"}).content.decode()


@pytest.mark.django_db
def test_a_school_that_is_not_open_has_no_page_and_is_not_found(client: Client) -> None:
    """Rectorates and inspections of a delivery stay out."""
    closed = make.make_school(name="Rectorat", is_active=False)
    assert "Rectorat" not in client.get("/").content.decode()
    assert client.get(f"/etablissements/{closed.slug}/").status_code == 404


@pytest.mark.django_db
def test_a_search_without_result_says_what_to_do(client: Client) -> None:
    """An empty state is a sentence, and what was typed comes back as text."""
    page = client.get("/", {"q": "<b>introuvable"}).content.decode()
    assert "Nous n’avons rien trouvé" in page
    assert "<b>introuvable" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["%", "_", "¿?", "日本"])
def test_signs_alone_find_no_school(client: Client, typed: str) -> None:
    """R-A5: what folds to nothing was still a question; the whole list is no answer to it."""
    make.make_school(name="Collège Émile-Gallé")
    page = client.get("/", {"q": typed}).content.decode()
    assert "Nous n’avons rien trouvé" in page
    assert "Collège Émile-Gallé" not in page


@pytest.mark.django_db
def test_the_list_of_schools_has_pages(client: Client) -> None:
    """R-A5: twenty by twenty, and a page number that is nonsense is the first or the last."""
    for number in range(23):
        make.make_school(name=f"École {number:02d}")
    first = client.get("/").content.decode()
    assert "École 00" in first
    assert "École 22" not in first
    assert "École 22" in client.get("/?page=2").content.decode()
    assert "École 22" in client.get("/?page=999999").content.decode()
    assert "École 00" in client.get("/?page=abc").content.decode()


@pytest.mark.django_db
def test_the_page_says_who_the_school_is_and_how_to_sign_in(client: Client) -> None:
    """R-A1, R-A3: contact from the feed; « Se connecter » carries the school."""
    school = make.make_school(
        name="Collège Colette", phone="03 83 00 00 01", email="ce@example.fr", street="1 rue A"
    )
    tree = school_page(client, school)
    assert tree.find(".//h1").text_content() == "Collège Colette"
    words = tree.text_content()
    for expected in ("03 83 00 00 01", "ce@example.fr", "1 rue A", school.uai):
        assert expected in words
    ways_in = [a for a in tree.iter("a") if a.text_content().strip() == "Se connecter"]
    assert [a.get("href") for a in ways_in] == [f"/connexion/?etablissement={school.uai}"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("written", "shown"), [("mailto:ce@example.fr", "ce@example.fr"), ("voir le site", None)]
)
def test_a_school_is_written_to_at_a_usable_address_or_not_at_all(
    written: str, shown: str | None, client: Client
) -> None:
    school = make.make_school(phone="03 83 00 00 01", email=written)
    links = school_page(client, school).xpath("//a[starts-with(@href, 'mailto:')]/@href")
    assert list(links) == ([f"mailto:{shown}"] if shown else [])


@pytest.mark.django_db
def test_the_schools_own_contact_comes_before_the_feed(client: Client) -> None:
    """What an editor writes wins."""
    school = make.make_school(phone="03 83 00 00 01")
    SchoolPage.objects.create(school=school, contact_phone="03 83 99 99 99", colour="#7a3e6d")
    UsefulLink.objects.create(school=school, label="Cantine", address="https://example.org/c")
    tree = school_page(client, school)
    assert "03 83 99 99 99" in tree.text_content()
    assert "03 83 00 00 01" not in tree.text_content()
    assert "Cantine" in tree.text_content()
    assert tree.xpath("//link[@href='/couleurs/7a3e6d.css']")


@pytest.mark.django_db
def test_search_engines_are_told_what_the_page_is(client: Client) -> None:
    """R-A2: title, description, canonical, schema.org data; and no noindex."""
    school = make.make_school(name="Collège </script><b>", town="Toul")
    tree = school_page(client, school)
    assert "Toul" in tree.find(".//title").text_content()
    assert tree.xpath("//meta[@name='description']/@content")[0]
    canonical = tree.xpath("//link[@rel='canonical']/@href")[0]
    assert canonical == f"http://127.0.0.1:8000/etablissements/{school.slug}/"
    data = json.loads(tree.xpath("//script[@type='application/ld+json']")[0].text)
    assert data["@type"] == "School"
    assert data["name"] == "Collège </script><b>"
    assert data["address"]["addressLocality"] == "Toul"
    assert not tree.xpath("//meta[@name='robots']")


@pytest.mark.django_db
def test_the_site_map_lists_open_schools_by_their_canonical_address(client: Client) -> None:
    """R-A2."""
    by_path = make.make_school()
    by_host = make.make_school()
    closed = make.make_school(is_active=False)
    SchoolPage.objects.create(school=by_host, own_host="www.college-b.example")
    response = client.get("/sitemap.xml")
    text = response.content.decode()
    assert response.headers["Content-Type"].startswith("application/xml")
    assert f"<loc>http://127.0.0.1:8000/etablissements/{by_path.slug}/</loc>" in text
    assert "<loc>http://www.college-b.example/</loc>" in text
    assert by_host.slug not in text
    assert closed.slug not in text
    assert (
        "Sitemap: http://127.0.0.1:8000/sitemap.xml" in client.get("/robots.txt").content.decode()
    )


@pytest.mark.django_db
def test_only_public_news_that_began_and_is_not_over_is_shown(
    client: Client, make_news: Callable[..., NewsItem]
) -> None:
    """R-A4's states on the reading side; another school's news stays there."""
    school, other = make.make_school(), make.make_school()
    now = timezone.now()
    shown = make_news(school, "Visible")
    hidden: list[dict[str, Any]] = [
        {"title": "Brouillon", "state": NewsState.DRAFT, "shows_from": None},
        {"title": "Retirée", "state": NewsState.WITHDRAWN},
        {"title": "Demain", "shows_from": now + timedelta(days=1)},
        {"title": "Finie", "shows_until": now - timedelta(minutes=1)},
        {"title": "Interne", "audience": NewsAudience.CONNECTED},
    ]
    items = [make_news(school, **fields) for fields in hidden] + [make_news(other, "Ailleurs")]
    words = school_page(client, school).text_content()
    assert "Visible" in words
    own = f"/etablissements/{school.slug}/actualites"
    assert client.get(f"{own}/{shown.uuid}/").status_code == 200
    for item in items:
        assert item.title not in words
        assert client.get(f"{own}/{item.uuid}/").status_code == 404, item.title


@pytest.mark.django_db
def test_a_public_page_is_answered_from_memory_for_one_number_read(
    client: Client, django_assert_num_queries: Any
) -> None:
    """The second visitor costs one look-up by key; a browser that has the page gets 304."""
    school = make.make_school()
    path = f"/etablissements/{school.slug}/"
    first = client.get(path)
    with django_assert_num_queries(1):
        second = client.get(path)
    with django_assert_num_queries(1):
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert second.content == first.content
    assert again.status_code == 304
    assert again.content == b""
    assert "Cookie" not in second.headers.get("Vary", "")
    assert "Set-Cookie" not in second.headers


@pytest.mark.django_db
def test_a_public_page_follows_a_change_once_its_time_has_passed(client: Client) -> None:
    """The cache is of seconds; its end is the end of the old page."""
    school = make.make_school(name="Ancien nom")
    path = f"/etablissements/{school.slug}/"
    client.get(path)
    School.objects.filter(pk=school.pk).update(name="Nouveau nom")
    cache.clear()
    assert "Nouveau nom" in client.get(path).content.decode()


@pytest.mark.django_db
def test_nothing_nominative_is_public(client: Client) -> None:
    """R-A2: no person of the school appears on its page or in the site map."""
    school = make.make_school()
    make.make_person(school=school, given_name="Zénobie", family_name="Introuvable")
    text = client.get(f"/etablissements/{school.slug}/").content.decode()
    assert "Zénobie" not in text
    assert "Introuvable" not in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kind", ["mentions-legales", "donnees-personnelles", "accessibilite", "aide"]
)
def test_the_pages_owed_to_visitors_exist_and_are_linked(client: Client, kind: str) -> None:
    """R-J5: linked from every page, true by default."""
    home = client.get("/").content.decode()
    assert f'href="/informations/{kind}/"' in home
    assert client.get(f"/informations/{kind}/").status_code == 200


@pytest.mark.django_db
def test_the_accessibility_page_does_not_pretend(client: Client) -> None:
    """R-J5: without an audit the law says « non conforme »."""
    assert "non conforme" in client.get("/informations/accessibilite/").content.decode()


@pytest.mark.django_db
def test_a_colour_is_a_style_sheet_that_never_changes(client: Client) -> None:
    """Custom properties only, kept for a year; what is no colour is no page."""
    response = client.get("/couleurs/7a3e6d.css")
    assert response.headers["Content-Type"].startswith("text/css")
    assert "immutable" in response.headers["Cache-Control"]
    assert "--accent:#7a3e6d" in response.content.decode()
    assert client.get("/couleurs/7a3e6.css").status_code == 404
    assert client.get("/couleurs/zzzzzz.css").status_code == 404
