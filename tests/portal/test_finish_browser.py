"""What a hand, an eye and a habit meet: targets, cards, charts, capitals, « Retour »."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from directory.enums import Profile
from tests import factories as make
from tests.accounts.signing import local_door, make_pending, no_terms
from tests.cast import make_cast, verified_client
from tests.kit.browser import assert_accessible, give_session
from tests.kit.server import LiveSite
from tests.pronote_bridge.population import make_instance

pytestmark = pytest.mark.browser

# What is visible, can be pressed, and is no word within a sentence.
_SMALL_TARGETS = """() => Array.from(document.querySelectorAll(
  "main a[href], main button, main summary, main select, header a[href], header button"))
  .filter((element) => {
    if (element.closest("p, .skip-link, dd, address, li:not([class]) > span")) { return false; }
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && getComputedStyle(element).visibility !== "hidden";
  })
  .filter((element) => element.getBoundingClientRect().height < 43.5)
  .map((element) => element.textContent.trim() + " " + element.getBoundingClientRect().height)"""
# Texts that are cut: wider or higher than the box that hides what runs over.
_CUT = """(selector) => Array.from(document.querySelectorAll(selector)).filter((element) => {
    const own = element.getBoundingClientRect();
    const frame = (element.closest("svg") || document.documentElement).getBoundingClientRect();
    return own.width && (own.left < frame.left - 0.5 || own.right > frame.right + 0.5);
  }).map((element) => element.textContent.trim())"""


def is_narrow(page: Page) -> bool:
    return bool(page.viewport_size and page.viewport_size["width"] < 600)


def test_a_list_is_pressed_and_read_on_a_phone(browser_page: Page, live_site: LiveSite) -> None:
    """Facets, sort links, paths and names are 44 px high; a card bears both names."""
    page, cast = browser_page, make_cast()
    for number in range(3):
        make.make_person(given_name="ÉLISE", family_name=f"TRÉSOR {number}", school=cast.school_a)
    make.make_person(
        given_name="Paul", family_name="TRÉSOR", school=cast.school_a, profile=Profile.STAFF
    )
    give_session(page.context, live_site, verified_client(cast.manager_a))
    page.goto("/annuaire/?q=tresor")
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    assert page.evaluate(_SMALL_TARGETS) == []
    title = page.get_by_role("rowheader").first
    expect(title).to_have_text("TRÉSOR 0 Élise")
    assert ("Élise" in title.inner_text()) is is_narrow(page)
    leave = page.get_by_role("button", name="Se déconnecter")
    assert leave.inner_text().strip() == "Se déconnecter"
    words = leave.locator("span").bounding_box()
    assert words is not None
    assert words["width"] > 60
    assert_accessible(page)


#: Desks and forms, each with what an administrator of one school finds there.
_PAGES = (
    "/accueil/",
    "/mon-compte/",
    "/messagerie/",
    "/messagerie/preferences/",
    "/annuaire/groupes/",
    "/annuaire/journal/",
    "/annuaire/administration/",
    "/annuaire/administration/acces/",
    "/annuaire/administration/classes-a-depanner/",
    "/annuaire/administration/diffusion-des-identifiants/",
    "/annuaire/administration/diffusion-des-identifiants/preparer/",
    "/annuaire/administration/fichiers-des-identifiants/",
    "/annuaire/administration/fiches/",
    "/gestion/services/",
    "/gestion/pronote/",
    "/gestion/exports/",
)


def test_every_desk_is_pressed_with_a_finger_and_fits_a_phone(
    browser_page: Page, live_site: LiveSite
) -> None:
    """44 px, and no page wider than its window, however long an address is."""
    page, cast = browser_page, make_cast()
    person = cast.manager_a
    person.email = f"{'marie-antoinette.' * 3}bernardin@ac-nancy-metz.example"
    person.save(update_fields=["email"])
    give_session(page.context, live_site, verified_client(person))
    pronote = f"/gestion/pronote/{make_instance(cast.school_a).uuid}"
    deep = (f"{pronote}/", f"{pronote}/rapport/", f"{pronote}/rapprochement/deposer/")
    faults = {}
    for address in (*_PAGES, *deep):
        page.goto(address)
        beside = "() => document.documentElement.scrollWidth - window.innerWidth"
        found = [page.evaluate(_SMALL_TARGETS), max(page.evaluate(beside), 0)]
        if found != [[], 0]:
            faults[address] = found
    assert faults == {}


def test_a_refused_form_leads_to_its_fields_with_a_finger(
    browser_page: Page, live_site: LiveSite
) -> None:
    page = browser_page
    page.goto(f"/connexion/{local_door().code}/")
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.get_by_role("button", name="Se connecter").last.click()
    expect(page.locator(".error-summary, [role=alert]").first).to_be_visible()
    assert page.evaluate(_SMALL_TARGETS) == []


def test_a_share_is_written_as_a_number(browser_page: Page, live_site: LiveSite) -> None:
    """« 7 1 % » was what one read: figures as wide as each other, out of any column."""
    page, cast = browser_page, make_cast()
    give_session(page.context, live_site, verified_client(cast.manager_a))
    page.goto("/annuaire/administration/activation/0541111A/")
    share = page.locator(".share-percent")
    expect(share).to_contain_text("%")
    assert "tabular-nums" not in share.evaluate("one => getComputedStyle(one).fontVariantNumeric")
    assert "tabular-nums" in page.locator("td.cell-number").first.evaluate(
        "one => getComputedStyle(one).fontVariantNumeric"
    )
    assert page.evaluate(_CUT, ".plot-scale span, .plot-days span") == []
    assert page.evaluate(_SMALL_TARGETS) == []
    assert_accessible(page)


def test_capitals_that_are_locked_are_said_while_one_types(
    browser_page: Page, live_site: LiveSite
) -> None:
    """A child of eleven has typed the right password in capitals, five times."""
    page = browser_page
    page.goto(f"/connexion/{local_door().code}/")
    field = page.get_by_label("Mot de passe", exact=True)
    field.focus()
    warning = page.get_by_text("La touche majuscules est verrouillée.")
    expect(warning).to_have_count(0)
    _key(field, is_locked=True)
    expect(warning).to_be_visible()
    assert_accessible(page)
    _key(field, is_locked=False)
    expect(warning).to_have_count(0)
    reveal = page.get_by_role("button", name="Afficher ce que je tape")
    box = reveal.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert reveal.evaluate("one => one.scrollWidth <= one.clientWidth")
    reveal.click()
    expect(page.get_by_role("button", name="Masquer ce que je tape")).to_be_visible()


def _key(field: Any, *, is_locked: bool) -> None:
    field.evaluate(
        """(field, isLocked) => field.dispatchEvent(new KeyboardEvent("keyup",
        { key: "A", bubbles: true, modifierCapsLock: isLocked }))""",
        is_locked,
    )


def test_back_after_a_refused_form_shows_the_form(browser_page: Page, live_site: LiveSite) -> None:
    """The browser showed its own « Confirmer le nouvel envoi du formulaire »."""
    page = browser_page
    no_terms()
    account, _ = make_pending()
    page.goto(f"/connexion/{local_door().code}/")
    page.get_by_label("Identifiant", exact=True).fill(account.login)
    page.get_by_label("Mot de passe", exact=True).fill("pas le bon")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("link", name="Mot de passe oublié").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mot de passe oublié")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Identification")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Identification")
    expect(page.get_by_role("alert")).to_have_count(0)
