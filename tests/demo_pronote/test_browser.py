"""From the ENT's file to everybody's space: the supervisor, pupil, parent, teacher and head."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.pronote.settings import PASSWORD_OF_SUPERVISOR
from directory.enums import Profile, Role
from directory.models import Person, School
from directory.rights.actors import actor_for
from ent.audit.origin import COMMAND
from pronote_bridge.instances.addresses import read_pronote_address
from pronote_bridge.instances.models import Instance, every_list
from pronote_bridge.instances.services import InstanceSettings, create_instance
from sso.catalogue.locking import ActorAndOrigin
from tests import factories as make
from tests.accounts.signing import no_terms
from tests.demo_pronote.exporting import exported
from tests.demo_pronote.kit import UAI, Desk, person, serving, settings_for
from tests.kit.browser import WIDTHS, assert_accessible, watch_page
from tests.kit.server import LiveSite

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BASE = (
    person(1, "eleves", "DELAUNAY", "Rose", birth_date="2014-05-09", class_name="6A"),
    person(2, "eleves", "DELAUNAY", "Basile", birth_date="2014-05-09", class_name="6A"),
    person(3, "eleves", "MOREAU", "Gabriel-Marie", birth_date="2013-03-14", class_name="5A"),
    person(10, "responsables", "BRUNET", "Nathalie", children=[1, 2]),
    person(20, "professeurs", "LEFEVRE", "Claude"),
    person(21, "responsables", "LEFEVRE", "Claude", children=[3]),
    person(30, "personnels", "PRINCIPAL", "Denis", function="Principal", spaces=["direction"]),
)


@dataclass
class Sides:
    """The school on both sides."""

    desk: Desk
    school: School
    pupil: Person
    parent: Person
    teacher: Person
    head: Person
    file: bytes


@pytest.fixture(params=list(WIDTHS))
def page(request: pytest.FixtureRequest, live_site: LiveSite, browser: Browser) -> Iterator[Page]:
    """A page that may visit the portal and Pronote; refused content fails the test."""
    width, height = WIDTHS[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="fr-FR")
    context.set_default_timeout(20_000)
    opened = context.new_page()
    faults: list[str] = []
    watch_page(opened, faults, "http://127.0.0.1:")
    yield opened
    context.close()
    assert not faults


@pytest.fixture
def both(live_site: LiveSite, folder: Path) -> Iterator[Sides]:
    """The portal's school with its instance of Pronote, and the file that its export holds."""
    no_terms()
    school = make.make_school(name="Collège Aristide-Briand", uai=UAI)

    def known(given: str, family: str, profile: Profile, **fields: Any) -> Person:
        made = make.make_person(
            given_name=given, family_name=family, profile=profile, school=school, **fields
        )
        make.make_account(person=made)
        return made

    pupil = known("Rose", "Delaunay", Profile.PUPIL, birth_date=date(2014, 5, 9))
    twin = known("Basile", "Delaunay", Profile.PUPIL, birth_date=date(2014, 5, 9))
    other = known("Gabriel", "Moreau", Profile.PUPIL, birth_date=date(2013, 3, 14))
    parent = known("Nathalie", "Brunet", Profile.GUARDIAN)
    teacher = known("Claude", "Lefèvre", Profile.TEACHER)
    head = known("Denis", "Principal", Profile.HEAD)
    for child in (pupil, twin):
        make.make_child_of(guardian=parent, pupil=child)
    make.make_child_of(guardian=teacher, pupil=other)
    start = settings_for(folder, BASE, cas_base_url=f"{live_site.url}/cas")
    with serving(start) as desk:
        instance = make_instance(school, f"{desk.url}/pronote/")
        file = exported(instance, desk.program.key.public_key())
        yield Sides(desk, school, pupil, parent, teacher, head, file)


def make_instance(school: School, address: str) -> Instance:
    """The instance that an ENT administrator makes on the screens."""
    administrator = make.make_person(given_name="Ève", profile=Profile.GUEST)
    make.give_role(person=administrator, role=Role.ENT_ADMINISTRATOR)
    by = ActorAndOrigin(actor=actor_for(administrator), origin=COMMAND)
    settings = InstanceSettings(
        name="Pronote", address=read_pronote_address(address), includes=every_list(), extras=[]
    )
    return create_instance(settings=settings, schools=[school], takes_over=None, by=by)


def sign_in(page: Page, login: str) -> None:
    """Sign in on the portal's own pages."""
    page.get_by_label("Autres comptes et invités").check()
    page.get_by_role("button", name="Valider").click()
    page.get_by_label("Identifiant").fill(login)
    page.get_by_label("Mot de passe", exact=True).fill(make.PASSWORD)
    page.get_by_role("button", name="Se connecter").click()


def reconcile(page: Page, both: Sides) -> None:
    """What the supervisor does, from the delegation to « Enregistrer »."""
    page.goto(f"{both.desk.url}/pronote/administration/")
    assert_accessible(page)
    page.get_by_label("Mot de passe").fill(PASSWORD_OF_SUPERVISOR)
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("link", name="Intégration dans un ENT").click()
    assert_accessible(page)
    page.get_by_label("Préau (Région de démonstration) : Mode avec alimentation").check()
    page.get_by_role("button", name="Valider").click()
    page.get_by_role("link", name="Base", exact=True).click()
    page.get_by_role("button", name="Faire une sauvegarde").click()
    assert_accessible(page)
    page.get_by_role("link", name="Import", exact=True).click()
    assert_accessible(page)
    page.get_by_label("Fichier chiffré").set_input_files(
        {"name": f"{UAI}.xml", "mimeType": "text/xml", "buffer": both.file}
    )
    page.get_by_role("button", name="Importer").click()
    expect(page.get_by_role("status")).to_contain_text("5 nouveaux rapprochements")
    assert_accessible(page)
    page.get_by_role("link", name="Rapprocher MOREAU Gabriel-Marie").click()
    assert_accessible(page)
    page.get_by_role("radio", name="Moreau Gabriel").check()
    page.get_by_role("button", name="Valider").click()
    assert_accessible(page)
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_role("status")).to_contain_text("est rapproché")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("link", name="Listes", exact=True).click()
    page.get_by_label("Activer la gestion des identifiants ENT").check()
    page.get_by_role("button", name="Appliquer").click()
    assert_accessible(page)


def test_the_supervisor_reconciles_and_everybody_opens_their_space(
    page: Page, browser: Browser, both: Sides
) -> None:
    reconcile(page, both)
    both.desk.program.reload()  # as a restart: only what was saved counts
    spaces = (
        (both.pupil, "eleve", "Bonjour Rose DELAUNAY"),
        (both.parent, "parent", "Bonjour Nathalie BRUNET"),
        (both.teacher, "professeur", "Bonjour Claude LEFEVRE"),
        (both.head, "direction", "Bonjour Denis PRINCIPAL"),
    )
    for who, space, words in spaces:
        page.context.clear_cookies()
        page.goto(f"{both.desk.url}/pronote/{space}.html")
        sign_in(page, str(who.login))
        expect(page.get_by_role("heading", level=1)).to_have_text(words)
        assert_accessible(page)


def test_whoever_is_renamed_in_the_directory_still_enters(page: Page, both: Sides) -> None:
    """The identifier is the row that `cas:user` gives: names, classes and logins do not count."""
    both.desk.program.base.delegation.ent = both.desk.program.settings.our_ent
    both.desk.enter()
    both.desk.give(both.file)
    account = both.pupil.account
    account.login = "un.autre"
    account.save(update_fields=["login"])
    Person.objects.filter(pk=both.pupil.pk).update(family_name="Autrement", login="un.autre")
    page.goto(f"{both.desk.url}/pronote/mobile.eleve.html")
    sign_in(page, "un.autre")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bonjour Rose DELAUNAY")
    page.get_by_role("link", name="Se déconnecter").click()
    assert_accessible(page)


def test_a_teacher_who_is_a_parent_enters_both_spaces(page: Page, both: Sides) -> None:
    reconcile(page, both)
    # Her child has its pair by hand now: the next import finds her in the list of guardians.
    both.desk.enter()
    both.desk.give(both.file)
    page.goto(f"{both.desk.url}/pronote/professeur.html")
    sign_in(page, str(both.teacher.login))
    expect(page.get_by_role("heading", level=1)).to_have_text("Bonjour Claude LEFEVRE")
    page.goto(f"{both.desk.url}/pronote/parent.html")
    expect(page.get_by_text("Gabriel-Marie MOREAU")).to_be_visible()
    page.goto(f"{both.desk.url}/pronote/direction.html")
    expect(page.get_by_role("heading", level=1)).to_have_text("Accès refusé")
    assert_accessible(page)


def test_the_tile_of_the_portal_opens_the_space_of_each(
    page: Page, live_site: LiveSite, both: Sides
) -> None:
    """One click, nothing interposed; a teacher who is a parent has an entry for each space."""
    both.desk.program.base.delegation.ent = both.desk.program.settings.our_ent
    both.desk.enter()
    both.desk.give(both.file)
    for who, entry, words in (
        (both.pupil, "Pronote", "Bonjour Rose DELAUNAY"),
        (both.parent, "Pronote", "Bonjour Nathalie BRUNET"),
        (both.teacher, "Pronote, espace Professeurs", "Bonjour Claude LEFEVRE"),
        (both.head, "Pronote", "Bonjour Denis PRINCIPAL"),
    ):
        page.context.clear_cookies()
        page.goto(f"{live_site.url}/connexion/")
        sign_in(page, str(who.login))
        first = page.get_by_role("link", name="Pronote").first
        expect(first).to_contain_text(entry)
        expect(page.get_by_text("ne vous connaît peut-être pas encore").first).to_be_visible()
        first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(words)
