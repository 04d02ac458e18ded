"""The mailbox in a real browser, at both widths: read, download, archive, search, preferences."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ent.files.writing import create_file
from messaging.notices.sending import ATTACHMENT, notify_owner, send_report
from tests.cast import make_cast, verified_client
from tests.kit.browser import assert_accessible, give_session
from tests.kit.server import LiveProcess, LiveSite

pytestmark = pytest.mark.browser


def show(page: Page, name: str) -> None:
    """Keep a picture when a folder is named: to look at, not to compare."""
    folder = os.environ.get("PREAU_PICTURES")
    if folder:
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)


def test_a_manager_reads_a_report_and_tidies_up(
    browser_page: Page, live_site: LiveSite, live_worker: LiveProcess
) -> None:
    """R-F1 whole."""
    cast = make_cast()
    for number in range(23):
        send_report(
            to=cast.manager_a,
            subject=f"Bilan de l’alimentation du {number + 1} septembre",
            body="12 comptes créés, aucun départ.",
        )
    notify_owner(
        person=cast.manager_a, subject="Votre mot de passe a changé", body="Le 12 septembre."
    )
    with create_file(name="bilan-envoi.csv", media_type="text/csv", purpose=ATTACHMENT) as out:
        out.write("destinataire;résultat\nClaire Martin;envoyé\n".encode())
    send_report(
        to=cast.manager_a,
        subject="Bilan d’envoi\u00a0: 412 courriels, 3 échecs",
        body="409 courriels sont partis.\n3 adresses ont été refusées.\n\n"
        "Le détail est dans le fichier.",
        attachments=[out.file],
    )
    page = browser_page
    give_session(page.context, live_site, verified_client(cast.manager_a))
    page.goto("/accueil/")
    assert_accessible(page)
    show(page, "accueil")
    page.get_by_role("navigation", name="Menu principal").get_by_role(
        "link", name="Messagerie 25 à lire"
    ).click()
    expect(page.get_by_text("25 messages", exact=True)).to_be_visible()
    assert_accessible(page)
    show(page, "messagerie")

    page.get_by_role("link", name="Bilan d’envoi").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("412 courriels")
    assert_accessible(page)
    show(page, "message")
    page.get_by_role("button", name="Télécharger bilan-envoi.csv").click()
    link = page.get_by_role("link", name="Télécharger le fichier")
    expect(link).to_be_visible(timeout=60_000)
    with page.expect_download(timeout=60_000) as caught:
        link.click()
    assert caught.value.suggested_filename == "bilan-envoi.csv"
    assert "Claire Martin" in Path(caught.value.path()).read_text(encoding="utf-8")

    page.goto("/messagerie/")
    page.get_by_role("searchbox").fill("alimentation 23")
    page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_text("1 message", exact=True)).to_be_visible()
    page.get_by_role("checkbox", name="Sélectionner « Bilan de l’alimentation").check()
    page.get_by_role("button", name="Archiver").click()
    expect(page.get_by_text("1 message archivé.")).to_be_visible()
    expect(page.get_by_text("Aucun message trouvé")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Archivés").click()
    expect(page.get_by_text("1 message", exact=True)).to_be_visible()
    show(page, "messagerie-archives")

    page.get_by_role("link", name="Mes préférences").click()
    assert_accessible(page)
    show(page, "preferences")
    page.get_by_label("Une fois par jour").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Votre choix est enregistré.")).to_be_visible()
