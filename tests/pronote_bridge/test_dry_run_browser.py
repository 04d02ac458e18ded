"""A school administrator's way from Pronote's lists to a pair made by hand, at both widths."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from directory.enums import Profile, Role
from directory.models import Person
from pronote_bridge.instances.models import Instance
from tests import factories as make
from tests.accounts.signing import no_terms
from tests.kit.browser import assert_accessible, give_session
from tests.kit.server import LiveProcess, LiveSite
from tests.pronote_bridge.population import make_instance, make_pupil

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ClientOf = Callable[[Person | None], Client]

PUPILS = """Collège Aristide-Briand
Nom;Prénom;Né(e) le;Classe;Responsables;Identifiant CAS
MARTIN;Léa;04/03/2012;4E3;MARTIN Claire;
PETIT;Tom;04/03/2012;4E3;;
PETIT;Zoé;04/03/2012;4E3;;
PETIT;Zoé;04/03/2012;6E1;;
DE LA TOUR;Anne;04/03/2012;4E3;;
DURAND;Max;04/03/2012;4E3;;inconnu
"""
GUARDIANS = "Responsable;Élèves\nMme MARTIN Claire;MARTIN Léa\nM. PETIT Paul;PETIT Tom\n"
UNKNOWN = "Patronyme;Petit nom\nDUVAL;Luc\n"


def make_town() -> tuple[Instance, Person]:
    """A school whose Pronote writes some people otherwise, and its administrator."""
    no_terms()
    school = make.make_school(name="Collège Aristide-Briand")
    lea = make_pupil(school, family_name="Martin", given_name="Léa")
    tom = make_pupil(school, family_name="Petit", given_name="Tom", birth_date=date(2012, 3, 5))
    make.put_in_group(person=tom, group=make.make_class(school=school))
    make_pupil(school, family_name="Petit", given_name="Zoé")
    for _ in range(2):
        make_pupil(school, family_name="De La Tour", given_name="Anne")
    claire = make.make_person(profile=Profile.GUARDIAN, family_name="Martin", given_name="Claire")
    make.make_child_of(guardian=claire, pupil=lea)
    manager = make.make_person(school=school, profile=Profile.STAFF, given_name="Alice")
    make.make_account(person=manager)
    make.give_role(person=manager, role=Role.SCHOOL_ADMINISTRATOR, school=school)
    return make_instance(school), manager


def look(page: Page, name: str) -> None:
    """Check a page, and keep its picture where the environment asks for it."""
    assert_accessible(page)
    if folder := os.environ.get("PREAU_PICTURES"):
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


def test_from_the_lists_to_a_pair_made_by_hand(
    browser_page: Page,
    live_site: LiveSite,
    live_worker: LiveProcess,
    client_of: ClientOf,
    tmp_path: Path,
) -> None:
    instance, manager = make_town()
    page = browser_page
    give_session(page.context, live_site, client_of(manager))
    for name, text in (("eleves", PUPILS), ("responsables", GUARDIANS), ("profs", UNKNOWN)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="cp1252")

    page.goto(f"/gestion/pronote/{instance.uuid}/")
    page.get_by_role("link", name="Rapprochement à blanc").click()
    look(page, "runs-empty")
    page.get_by_role("link", name="Déposer les listes de Pronote").click()
    look(page, "deposit")
    page.get_by_label("Élèves").set_input_files(tmp_path / "eleves.csv")
    page.get_by_label("Responsables").set_input_files(tmp_path / "responsables.csv")
    page.get_by_label("Professeurs").set_input_files(tmp_path / "profs.csv")
    page.get_by_role("button", name="Déposer et comparer").click()
    expect(page.get_by_role("heading", name="Par population")).to_be_visible(timeout=30_000)
    look(page, "run")

    page.get_by_role("link", name="Préciser les colonnes").click()
    page.get_by_label("Patronyme").select_option(label="Nom")
    page.get_by_label("Petit nom").select_option(label="Prénom")
    look(page, "columns")
    page.get_by_role("button", name="Enregistrer et comparer de nouveau").click()
    expect(page.get_by_text("DUVAL Luc").first).to_be_visible(timeout=30_000)

    page.get_by_label("Nom ou classe").fill("petit tom")
    page.get_by_role("button", name="Filtrer").click()
    expect(page.get_by_text("1 ligne", exact=True).first).to_be_visible()
    page.get_by_role("link", name="Rapprocher PETIT Tom").click()
    page.get_by_label("Nom, prénom ou classe").fill("zoe")
    page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_role("table", name="Personnes trouvées")).to_be_visible()
    look(page, "pair")
    page.get_by_role("button", name="C’est cette personne Tom Petit").click()
    expect(page.get_by_text("PETIT Tom est rapproché de Tom Petit.")).to_be_visible()
    look(page, "paired")
    page.goto(f"/gestion/pronote/{instance.uuid}/rapprochement/")
    look(page, "runs")
    page.get_by_role("link", name="Les voir").click()
    look(page, "pairings")
    page.get_by_role("button", name="Annuler PETIT Tom").click()
    expect(page.get_by_text("Le rapprochement de PETIT Tom est annulé.")).to_be_visible()
