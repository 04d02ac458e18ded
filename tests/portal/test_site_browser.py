"""An editor keeps the site in a real browser: two widths, axe, and a policy that stays silent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from portal.models import DayMessage, NewsItem, OpeningPeriod, SchoolPage
from tests.cast import make_cast
from tests.kit.browser import assert_accessible, give_session
from tests.kit.pictures import encoded_picture
from tests.kit.server import LiveSite

pytestmark = pytest.mark.browser
TEXT = """## Le programme

Venez visiter les ateliers et **rencontrer** les professeurs.

| Heure | Lieu |
| --- | --- |
| 9 h | Hall |
| 10 h | Atelier de bois et de menuiserie |

- accueil au portail
- café offert

> « Une belle matinée », dit la principale.
"""


def test_an_editor_writes_previews_publishes_and_is_overtaken(
    browser_page: Page, live_site: LiveSite, client_of: Callable[..., Client]
) -> None:
    """R-A4, without a word of HTML; every page on the way is accessible."""
    cast = make_cast()
    page = browser_page
    give_session(page.context, live_site, client_of(cast.editor))
    page.goto("/gestion/site/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Site de l’établissement")
    assert_accessible(page)
    page.get_by_role("link", name="Images et documents").click()
    page.get_by_label("Image ou document").set_input_files(
        {"name": "cour.png", "mimeType": "image/png", "buffer": encoded_picture("PNG")}
    )
    page.get_by_role("button", name="Déposer").click()
    expect(page.get_by_text("Décrivez l’image").first).to_be_visible()
    page.get_by_label("Image ou document").set_input_files(
        {"name": "cour.png", "mimeType": "image/png", "buffer": encoded_picture("PNG")}
    )
    page.get_by_label("Ce que montre l’image").fill("La cour et le préau")
    page.get_by_role("button", name="Déposer").click()
    assert_accessible(page)
    page.get_by_role("link", name="cour.jpg").click()
    assert_accessible(page)
    code = page.locator(".file-code").inner_text()
    page.goto("/gestion/site/0541111A/actualites/ajouter/")
    page.get_by_label("Titre").fill("Portes ouvertes")
    page.get_by_label("Texte", exact=True).fill(f"{TEXT}\n{code}\n")
    page.get_by_label("Tout le monde (page publique)").check()
    page.get_by_role("button", name="Aperçu").click()
    expect(page.get_by_role("heading", name="Le programme").first).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Publier").click()
    expect(page.get_by_text("L’actualité est publiée.")).to_be_visible()
    assert_accessible(page)
    item = NewsItem.objects.get()
    page.get_by_role("link", name="Portes ouvertes").click()
    NewsItem.objects.update(version=7)  # a colleague saved it meanwhile
    page.get_by_role("button", name="Enregistrer et publier").click()
    expect(page.get_by_text("Quelqu’un a enregistré ce texte")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Enregistrer et publier").click()
    page.goto(f"/gestion/site/0541111A/actualites/{item.uuid}/versions/?version=1")
    assert_accessible(page)
    for name in ("liens", "horaires", "message", "pages", "presentation"):
        page.goto(f"/gestion/site/0541111A/{name}/")
        assert_accessible(page)


def test_the_public_page_shows_all_that_its_people_wrote(
    browser_page: Page, live_site: LiveSite
) -> None:
    cast = make_cast()
    now = timezone.now()
    school = cast.school_a
    SchoolPage.objects.create(school=school, introduction="<p>Bienvenue.</p>", hours_note="Sauf…")
    DayMessage.objects.create(
        school=school,
        words="Le collège est fermé demain.",
        tone="alerte",
        shows_from=now - timedelta(hours=1),
        shows_until=now + timedelta(hours=1),
    )
    for day in (1, 2, 4, 5):
        OpeningPeriod.objects.create(school=school, weekday=day, opens="08:00", closes="18:00")
    school.practical_pages.create(
        slug="cantine", title="Cantine", body="<p>x</p>", is_published=True
    )
    page = browser_page
    page.goto(f"/etablissements/{school.slug}/")
    expect(page.get_by_text("Lundi – mardi")).to_be_visible()
    expect(page.get_by_text("Le collège est fermé demain.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("navigation", name="Pages de l’établissement").get_by_text("Cantine").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cantine")
    assert_accessible(page)
