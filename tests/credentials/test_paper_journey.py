"""A secretary in September: slips of a class, somebody rescued at the counter, a class rescued."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, expect

from directory.enums import Profile
from tests import factories as make
from tests.cast import make_cast, verified_client
from tests.credentials.test_journey import show
from tests.credentials.test_slips import codes_read_on, pending, text_of
from tests.kit.browser import assert_accessible, give_session
from tests.kit.server import LiveProcess, LiveSite

pytestmark = pytest.mark.browser
CODE = re.compile(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}")


def test_slips_are_chosen_counted_printed_and_downloaded(
    browser_page: Page, live_site: LiveSite, live_worker: LiveProcess
) -> None:
    """R-E4: the count follows the choice, the PDF has the codes and the way to the sign-in."""
    cast = make_cast()
    for number in range(3):
        pending(cast.school_a, f"Lou{number}", "Nadal", group=cast.class_a)
    pending(cast.school_a, "Une", "Autre", group=cast.other_class_a)
    parent = pending(cast.school_a, "Mireille", "Nadal", profile=Profile.GUARDIAN)
    make.make_child_of(guardian=parent.person, pupil=cast.pupil)
    page = browser_page
    give_session(page.context, live_site, verified_client(cast.manager_a))

    page.goto("/annuaire/administration/fiches/")
    expect(page.get_by_text("Aucun document pour l’instant")).to_be_visible()
    assert_accessible(page)
    show(page, "fiches-vide")
    page.get_by_role("link", name="Préparer des fiches").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Préparer des fiches")
    count = page.locator("#compte")
    expect(count).to_contain_text("5 fiches", timeout=60_000)
    assert_accessible(page)
    page.get_by_label("Parents").uncheck()
    expect(count).to_contain_text("4 fiches", timeout=60_000)
    page.get_by_label("4E3").check()
    expect(count).to_contain_text("3 fiches", timeout=60_000)
    show(page, "fiches-preparer")
    page.get_by_role("button", name="Préparer le document").click()
    download = page.get_by_role("button", name="Télécharger")
    expect(download).to_be_visible(timeout=60_000)
    assert_accessible(page)
    show(page, "fiches")
    with page.expect_download(timeout=60_000) as caught:
        download.click()
    assert caught.value.suggested_filename == "fiches-0541111A-eleves-4E3.pdf"
    pdf = Path(caught.value.path()).read_bytes()
    assert len(CODE.findall(text_of(pdf))) == 3
    assert len(codes_read_on(pdf)) == 3


def test_somebody_is_rescued_at_the_counter_and_signs_in(
    browser_page: Page, live_site: LiveSite, live_worker: LiveProcess
) -> None:
    """R-E8, R-E9: search, regenerate, hand over; the code opens the choice of a password."""
    cast = make_cast()
    page = browser_page
    give_session(page.context, live_site, verified_client(cast.credentials_manager))
    page.goto(f"/annuaire/personnes/{cast.pupil.uuid}/")
    assert_accessible(page)
    show(page, "fiche-depannage")
    page.get_by_role("link", name="Régénérer le mot de passe").click()
    expect(page.get_by_text("Souhaitez-vous créer un nouveau mot de passe")).to_be_visible()
    assert_accessible(page)
    show(page, "regenerer-mot-de-passe")
    page.get_by_role("button", name="OK").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("À remettre maintenant")
    assert_accessible(page)
    show(page, "a-remettre")
    code = page.locator(".handed-secret").last.inner_text()
    assert CODE.fullmatch(code)
    page.get_by_role("link", name="C’est remis").click()
    expect(page.get_by_text(code)).to_have_count(0)
    with suppress(Error):  # the browser keeps no copy, and says so with an error page of its own
        page.go_back()
    expect(page.get_by_text(code)).to_have_count(0)

    page.goto(f"/annuaire/personnes/{cast.pupil.uuid}/identifiant/")
    assert_accessible(page)
    show(page, "modifier-login")
    page.goto("/annuaire/administration/classes-a-depanner/")
    assert_accessible(page)
    show(page, "classes-a-depanner")
