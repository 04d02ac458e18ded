"""Public and connected pages in a real browser, at 1280 and 360 pixels, light and dark."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from portal.models import NewsItem, SchoolPage, UsefulLink
from tests import factories as make
from tests.cast import make_cast
from tests.kit.browser import assert_accessible, give_session
from tests.kit.server import LiveSite

pytestmark = pytest.mark.browser

FIRST_LOAD_BYTES = 150_000
# What people may type anywhere; none of it may run, nor even be refused by the policy (T-I2).
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "javascript:alert(1)",
    "{{constructor.constructor('alert(1)')()}}",
    "' autofocus onfocus=alert(1) x='",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>",
    "<style>@import 'http://evil.example'</style>",
    "\u2028<b>\u202e",
)


def test_a_visitor_finds_a_school_and_the_way_in(browser_page: Page, live_site: LiveSite) -> None:
    """R-A5, R-A3: home, search, the school's page, « Se connecter » visible at once."""
    make.make_school(name="Collège Émile-Gallé", town="Épinal", postal_code="88000")
    make.make_school(name="Lycée Colette")
    browser_page.goto("/")
    assert_accessible(browser_page)
    browser_page.get_by_role("searchbox").fill("galle epinal")
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_text("1 établissement pour")).to_be_visible()
    assert_accessible(browser_page)
    browser_page.get_by_role("link", name="Collège Émile-Gallé").click()
    expect(browser_page.get_by_role("heading", level=1)).to_have_text("Collège Émile-Gallé")
    way_in = browser_page.get_by_role("link", name="Se connecter")
    expect(way_in).to_be_in_viewport()
    assert_accessible(browser_page)
    browser_page.emulate_media(color_scheme="dark")
    assert_accessible(browser_page)
    way_in.click()
    expect(browser_page).to_have_url(f"{live_site.url}/connexion/?etablissement={_uai_of_galle()}")


def _uai_of_galle() -> str:
    from directory.models import School

    return School.objects.get(name="Collège Émile-Gallé").uai


def test_pages_are_accessible_in_light_and_dark(browser_page: Page, live_site: LiveSite) -> None:
    """R-B10: axe finds nothing and nothing scrolls sideways."""
    for path in ("/charte/", "/informations/aide/", "/informations/accessibilite/", "/?q=rien"):
        for scheme in ("light", "dark"):
            browser_page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            browser_page.goto(path)
            assert_accessible(browser_page)


def test_the_first_visit_weighs_less_than_150_kilobytes(
    browser_page: Page, live_site: LiveSite
) -> None:
    """6-performance: the page with its styles, letters and script, before any compression."""
    school = make.make_school()
    sizes: list[int] = []
    browser_page.on("response", lambda answer: sizes.append(len(answer.body())))
    browser_page.goto(f"/etablissements/{school.slug}/", wait_until="networkidle")
    assert 4 < len(sizes) < 15
    assert sum(sizes) < FIRST_LOAD_BYTES


def test_hostile_texts_neither_run_nor_trouble_the_policy(
    browser_page: Page, live_site: LiveSite
) -> None:
    """T-I2: names, town, news, links; the console stays silent (a CSP report is an error)."""
    for payload in PAYLOADS:
        school = make.make_school(
            name=payload,
            town=payload,
            street=payload,
            phone=payload[:40],
            slug=f"e{hash(payload) % 10**9}",
        )
        SchoolPage.objects.create(school=school, introduction=f"## {payload}\n\n- {payload}")
        UsefulLink.objects.create(school=school, label=payload, address="https://example.org/")
        NewsItem.objects.create(
            school=school,
            title=payload,
            body=payload,
            audience="tous",
            state="publiee",
            shows_from="2024-01-01T00:00:00Z",
        )
        browser_page.goto(f"/etablissements/{school.slug}/")
        assert browser_page.locator("script").count() == 2  # ours, and the data block
        assert browser_page.locator("iframe, img, style").count() == 0
        expect(browser_page.get_by_role("heading", level=1)).to_have_text(payload.strip())


def test_a_parent_switches_school_with_the_keyboard_alone(
    browser_page: Page, live_site: LiveSite, client_of: Callable[..., Client]
) -> None:
    """R-B8, R-B10: the menu opens, its choice is sent, the page says where one is."""
    cast = make_cast()
    give_session(browser_page.context, live_site, client_of(cast.parent))
    browser_page.goto("/accueil/")
    if "/premiers-pas/" in browser_page.url:
        browser_page.get_by_role("checkbox").check()
        browser_page.get_by_role("button", name="Continuer").click()
        browser_page.goto("/accueil/")
    assert_accessible(browser_page)
    menu = browser_page.locator("summary", has_text="Changer")
    menu.focus()
    browser_page.keyboard.press("Enter")
    choice = browser_page.get_by_role("button", name=cast.school_b.name)
    expect(choice).to_be_visible()
    assert_accessible(browser_page)
    browser_page.keyboard.press("Escape")
    expect(choice).not_to_be_visible()
    browser_page.keyboard.press("Enter")
    choice.focus()
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_text(f"Parent, {cast.school_b.name}")).to_be_visible()
    assert_accessible(browser_page)


def test_a_childs_card_switches_by_keyboard_and_its_links_lead_elsewhere(
    browser_page: Page, live_site: LiveSite, client_of: Callable[..., Client]
) -> None:
    """R-B8: the whole card is the way to the child; the school's link on it is not."""
    cast = make_cast()
    give_session(browser_page.context, live_site, client_of(cast.parent))
    browser_page.goto("/accueil/")
    if "/premiers-pas/" in browser_page.url:
        browser_page.get_by_role("checkbox").check()
        browser_page.get_by_role("button", name="Continuer").click()
        browser_page.goto("/accueil/")
    card = browser_page.get_by_role("button", name="Basile Martin")
    card.focus()
    assert_accessible(browser_page)
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_text(f"Parent, {cast.school_b.name}")).to_be_visible()
    assert_accessible(browser_page)
    browser_page.get_by_role("link", name=cast.school_a.name).click()
    expect(browser_page.get_by_role("heading", level=1)).to_have_text(cast.school_a.name)
    assert_accessible(browser_page)
    browser_page.get_by_role("button", name="Mon espace").click()
    expect(browser_page.get_by_text(f"Parent, {cast.school_a.name}")).to_be_visible()


def test_desks_and_errors_of_a_signed_in_person_are_accessible(
    browser_page: Page, live_site: LiveSite, client_of: Callable[..., Client]
) -> None:
    """R-B10: the frame on every page, at both widths."""
    cast = make_cast()
    give_session(browser_page.context, live_site, client_of(cast.ent_administrator))
    browser_page.goto("/accueil/")
    if "/premiers-pas/" in browser_page.url:
        browser_page.get_by_role("checkbox").check()
        browser_page.get_by_role("button", name="Continuer").click()
    for path in ("/accueil/", "/", "/annuaire/administration/", "/gestion/services/", "/rien/"):
        browser_page.goto(path)
        expect(browser_page.get_by_text("Ève Portail").first).to_be_attached()
        assert_accessible(browser_page)
