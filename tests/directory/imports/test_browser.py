"""An import by the web, in a real browser: deposit, live preview, confirmation, report."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from tests.cast import make_cast, mark_verified
from tests.directory.imports.deliveries import Delivery, small_school
from tests.kit.browser import assert_accessible, give_session
from tests.kit.server import LiveProcess, LiveSite

pytestmark = pytest.mark.browser


def packed(delivery: Delivery, path: Path) -> Path:
    """The delivery as an archive to choose in the file field."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in delivery.files().items():
            archive.writestr(name, data)
    return path


def look(page: Page, name: str) -> None:
    """Keep a picture when asked to, for the eye of who changes the page."""
    folder = os.environ.get("PREAU_LOOK")
    if folder and page.viewport_size:
        page.screenshot(path=f"{folder}/{name}-{page.viewport_size['width']}.png", full_page=True)


def test_a_delivery_goes_from_deposit_to_report(
    browser_page: Page, live_site: LiveSite, live_worker: LiveProcess, tmp_path: Path
) -> None:
    cast = make_cast()
    client = Client()
    client.force_login(cast.ent_administrator.account)
    mark_verified(client)
    give_session(browser_page.context, live_site, client)
    delivery = small_school(pupils=30)
    browser_page.goto("/annuaire/administration/imports/")
    look(browser_page, "empty")
    assert_accessible(browser_page)
    browser_page.get_by_role("link", name="Déposer une livraison").first.click()
    assert_accessible(browser_page)
    look(browser_page, "deposit")
    browser_page.get_by_label("Autorité qui livre").select_option("NANCY-METZ")
    browser_page.get_by_label("Fichiers de la livraison").set_input_files(
        packed(delivery, tmp_path / "ENT2DVA.20260901.zip")
    )
    browser_page.get_by_role("button", name="Déposer").click()
    apply = browser_page.get_by_role("button", name="Appliquer cette livraison")
    expect(apply).to_be_visible(timeout=60_000)
    assert_accessible(browser_page)
    look(browser_page, "preview")
    apply.click()
    expect(browser_page.get_by_role("heading", name="Livraison appliquée")).to_be_visible(
        timeout=60_000
    )
    assert_accessible(browser_page)

    later = delivery.copy(date="20260902")
    for identifier in list(later.pupils)[11:25]:  # the school has its reason, too
        del later.pupils[identifier]
    later.pupil("11", guardians=["99999$10$1$1$0$1"])
    browser_page.goto("/annuaire/administration/imports/deposer/")
    browser_page.get_by_label("Autorité qui livre").select_option("NANCY-METZ")
    browser_page.get_by_label("Fichiers de la livraison").set_input_files(
        packed(later, tmp_path / "ENT2DVA.20260902.zip")
    )
    browser_page.get_by_role("button", name="Déposer").click()
    number = browser_page.get_by_label("Nombre de personnes")
    expect(number).to_be_visible(timeout=60_000)
    assert_accessible(browser_page)
    look(browser_page, "held")
    number.fill("15")  # these pupils, and the mother whom the eleventh no longer names
    browser_page.get_by_role("button", name="Appliquer malgré ces pertes d’accès").click()
    expect(browser_page.get_by_role("heading", name="Livraison appliquée")).to_be_visible(
        timeout=60_000
    )
    look(browser_page, "applied")
    browser_page.get_by_role("link", name="Les voir toutes").click()
    assert_accessible(browser_page)
    look(browser_page, "anomalies")
    browser_page.goto("/annuaire/administration/imports/")
    assert_accessible(browser_page)
    look(browser_page, "list")
