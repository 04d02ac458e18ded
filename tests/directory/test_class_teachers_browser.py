"""A primary school after its import: a teacher is attached to a class."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from directory.imports.runs.sequence import run_import
from directory.models import Person, Record
from tests.cast import make_cast, mark_verified
from tests.directory.imports.first_degree import small_primary_school
from tests.kit.browser import assert_accessible, give_session
from tests.kit.server import LiveSite

pytestmark = pytest.mark.browser


def person(identifier: str) -> Person:
    """The person of a record of the staff."""
    found = Record.objects.get(external_id=identifier, category="PersEducNat").person
    assert found is not None
    return found


def test_a_school_says_who_teaches_whom(
    browser_page: Page, live_site: LiveSite, tmp_path: Path
) -> None:
    made = small_primary_school()
    made.date = f"{timezone.localdate():%Y%m%d}"
    cast = make_cast()
    run_import(paths=[made.write(tmp_path / "first")], authority=cast.academy)
    client = Client()
    client.force_login(cast.ent_administrator.account)
    mark_verified(client)
    give_session(browser_page.context, live_site, client)
    browser_page.goto("/annuaire/etablissements/0541234A/")
    expect(browser_page.get_by_role("heading", name="École primaire du Pont")).to_be_visible()
    expect(browser_page.get_by_text("CP MME MARTIN")).to_be_visible()
    _look(browser_page, "school")
    browser_page.get_by_role("link", name="Enseignants des classes").click()
    assert_accessible(browser_page)
    browser_page.get_by_label("Enseignant", exact=True).select_option(str(person("5002").uuid))
    browser_page.get_by_label("CP MME MARTIN").check()
    browser_page.get_by_role("button", name="Rattacher").click()
    expect(browser_page.get_by_text("est maintenant de 1 classe de plus")).to_be_visible()
    assert_accessible(browser_page)
    _look(browser_page, "attached")
    browser_page.get_by_role("button", name="Retirer").click()
    expect(browser_page.get_by_text("n’est plus de CP MME MARTIN")).to_be_visible()


def _look(page: Page, name: str) -> None:
    """Keep a picture when asked to, for the eye of who changes the page."""
    folder = os.environ.get("PREAU_LOOK")
    if folder and page.viewport_size:
        page.screenshot(path=f"{folder}/{name}-{page.viewport_size['width']}.png", full_page=True)
