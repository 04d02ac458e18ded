"""Through a real academic portal that is not ours, in a browser (R-B5, R-B6, R-B9)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.doors.base.standard import open_standard_doors
from accounts.models import Account, Door
from directory.enums import Profile, Role
from directory.models import Affiliation
from signin.sessions.models import Session
from tests import factories as make
from tests.accounts.academy import academic_account, academic_door
from tests.accounts.signing import no_terms
from tests.accounts.test_first_sign_in_browser import look
from tests.cast import mark_verified
from tests.kit.academy import ACADEMIC_PASSWORD, Academies
from tests.kit.browser import WIDTHS, give_session, watch_page
from tests.kit.server import LiveSite

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MAIL = "jeanne.dupont@ac-nancy-metz.example"
OTHER_MAIL = "paul.martin@ac-nancy-metz.example"


@pytest.fixture
def door(live_site: LiveSite, academies: Academies) -> Door:
    """Nancy-Metz's open door, in a portal that has another academy and a closed door."""
    no_terms()
    academy = make.make_authority(code="NANCY-METZ", name="Académie de Nancy-Metz")
    opened = academic_door(academy, academies.urls["nancy-metz"])
    open_standard_doors(authority=academy)
    reims = make.make_authority(code="REIMS", name="Académie de Reims")
    academic_door(reims, academies.urls["reims"])
    make.make_school(authority=academy, name="Collège Aristide-Briand", uai="0541111A")
    academies.enrol("nancy-metz", "jdupont", mail=MAIL)
    academies.enrol("nancy-metz", "pmartin", mail=OTHER_MAIL)
    return opened


@pytest.fixture
def teacher(door: Door) -> Account:
    assert door.authority is not None
    return academic_account(door.authority.schools.get(), email=MAIL)


@pytest.fixture
def colleague(door: Door) -> Account:
    assert door.authority is not None
    school = door.authority.schools.get()
    return academic_account(school, email=OTHER_MAIL, name="Paul", family_name="Martin")


def open_context(browser: Browser, site: LiveSite, width: str = "wide") -> BrowserContext:
    size = WIDTHS[width]
    context = browser.new_context(
        base_url=site.url,
        viewport={"width": size[0], "height": size[1]},
        locale="fr-FR",
        reduced_motion="reduce",
    )
    context.set_default_timeout(20_000)
    return context


@pytest.fixture
def context(
    live_site: LiveSite, browser: Browser, request: pytest.FixtureRequest
) -> Iterator[BrowserContext]:
    opened = open_context(browser, live_site, getattr(request, "param", "wide"))
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, live_site: LiveSite, academies: Academies) -> Iterator[Page]:
    faults: list[str] = []
    opened = context.new_page()
    portals = [url.removesuffix("/cas/") for url in academies.urls.values()]
    watch_page(opened, faults, live_site.url, *portals)
    yield opened
    assert not faults, "; ".join(faults)


def leave(page: Page, door: Door) -> None:
    page.goto(f"/connexion/{door.code}/")
    page.get_by_role("button", name="Continuer vers l’académie").click()


def identify(page: Page, login: str = "jdupont") -> None:
    expect(page.get_by_role("heading", name="Authentification")).to_be_visible()
    page.get_by_label("Identifiant").fill(login)
    page.get_by_label("Mot de passe").fill(ACADEMIC_PASSWORD)
    page.get_by_role("button", name="Valider").click()


def at_home(page: Page, live_site: LiveSite) -> None:
    page.wait_for_url(live_site.url_for("/accueil/"))


def enter(page: Page, door: Door, live_site: LiveSite, login: str = "jdupont") -> None:
    leave(page, door)
    identify(page, login)
    at_home(page, live_site)


@pytest.mark.parametrize("context", list(WIDTHS), indirect=True)
def test_a_teacher_comes_in_and_signs_out_everywhere(
    page: Page, teacher: Account, door: Door, live_site: LiveSite, academies: Academies
) -> None:
    page.goto("/connexion/?etablissement=0541111A")
    page.get_by_text("Enseignant", exact=True).click()
    page.get_by_role("button", name="Valider").click()
    identify(page)  # straight there
    at_home(page, live_site)
    assert "ticket" not in page.url
    page.get_by_role("button", name="Se déconnecter").first.click()
    page.wait_for_url(live_site.url_for("/deconnexion/terminee/"))
    expect(page.get_by_role("heading", name="Vous êtes déconnecté")).to_be_visible()
    look(page, "deconnecte")
    page.go_back()
    expect(page.get_by_text("Jeanne Dupont")).to_have_count(0)
    page.goto(f"{academies.urls['nancy-metz']}login")
    expect(page.get_by_role("heading", name="Authentification")).to_be_visible()
    page.goto("/connexion/")  # of the school that was kept, and with a button after a sign-out
    page.get_by_text("Enseignant", exact=True).click()
    page.get_by_role("button", name="Valider").click()
    look(page, "guichet-academique")
    page.get_by_role("button", name="Continuer vers l’académie de Nancy-Metz").click()
    identify(page)
    at_home(page, live_site)


def test_the_choice_is_remembered_then_changed(
    page: Page, teacher: Account, door: Door, live_site: LiveSite
) -> None:
    page.goto("/connexion/?etablissement=0541111A")
    page.get_by_text("Enseignant", exact=True).click()
    page.get_by_label("Oui").check()
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_role("heading", name="Authentification")).to_be_visible()
    page.goto("/connexion/")
    expect(page.get_by_role("button", name="Continuer vers l’académie")).to_be_visible()
    page.get_by_role("link", name="Changer").click()
    expect(page.get_by_text("Vous souhaitez vous connecter")).to_be_visible()
    page.get_by_text("Enseignant", exact=True).click()
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_role("heading", name="Authentification")).to_be_visible()
    page.goto("/connexion/")
    expect(page.get_by_text("Vous souhaitez vous connecter")).to_be_visible()


def test_a_head_of_two_schools_comes_in_and_switches(
    page: Page, door: Door, live_site: LiveSite
) -> None:
    assert door.authority is not None
    first = door.authority.schools.get()
    account = academic_account(first, email=MAIL, name="Denise", profile=Profile.HEAD)
    second = make.make_school(authority=door.authority, name="Lycée Poincaré", uai="0542222B")
    Affiliation.objects.create(person=account.person, school=second, profile=Profile.HEAD)
    enter(page, door, live_site)
    expect(page.get_by_text("Lycée Poincaré").first).to_be_attached()
    look(page, "chef-deux-etablissements")


def test_already_signed_in_there_as_oneself_nothing_is_typed(
    page: Page, context: BrowserContext, teacher: Account, door: Door, live_site: LiveSite
) -> None:
    enter(page, door, live_site)
    context.clear_cookies(name="preau_session")
    leave(page, door)
    at_home(page, live_site)


def test_already_signed_in_there_as_another_says_who_one_is_now(
    page: Page,
    context: BrowserContext,
    teacher: Account,
    colleague: Account,
    door: Door,
    live_site: LiveSite,
    academies: Academies,
) -> None:
    enter(page, door, live_site)
    page.goto(f"{academies.urls['nancy-metz']}logout")
    context.clear_cookies(name="preau_session")
    enter(page, door, live_site)
    context.clear_cookies(name="academie_nancy-metz")
    page.goto(f"{academies.urls['nancy-metz']}login")
    identify(page, "pmartin")
    leave(page, door)
    expect(page.get_by_role("heading", name="Vous êtes Paul Martin")).to_be_visible()
    expect(page.get_by_text("La session de Jeanne Dupont")).to_be_visible()
    look(page, "autre-personne")
    page.get_by_role("button", name="Ce n’est pas moi").click()
    page.wait_for_url(live_site.url_for("/deconnexion/terminee/"))
    enter(page, door, live_site)
    assert Session.objects.get(principal__isnull=False).principal == teacher.uuid


def test_a_ticket_used_twice_leads_home_and_a_stale_one_to_a_page(
    page: Page, context: BrowserContext, teacher: Account, door: Door, live_site: LiveSite
) -> None:
    tickets: list[str] = []
    page.on("request", lambda r: tickets.append(r.url) if "ticket=ST-" in r.url else None)
    enter(page, door, live_site)
    page.goto(tickets[0])
    at_home(page, live_site)
    context.clear_cookies(name="preau_session")
    page.goto(tickets[0])
    expect(page.get_by_role("heading", name="Reprenez la connexion ici")).to_be_visible()
    look(page, "ticket-inattendu")
    second = context.new_page()
    second.route("**/cas/login*", lambda route: route.fulfill(body="<h1>Plus tard</h1>"))
    leave(second, door)
    expect(second.get_by_role("heading", name="Plus tard")).to_be_visible()
    second.goto(tickets[0])
    expect(second.get_by_role("heading", name="n’est plus valable")).to_be_visible()
    look(second, "ticket-perime")
    second.unroute("**/cas/login*")
    second.get_by_role("button", name="Recommencer").click()
    at_home(second, live_site)


def test_coming_back_without_ticket_has_a_way_on(
    page: Page, teacher: Account, door: Door, live_site: LiveSite
) -> None:
    leave(page, door)
    expect(page.get_by_role("heading", name="Authentification")).to_be_visible()
    page.goto(f"/guichet/{door.code}/")
    look(page, "sans-ticket")
    page.get_by_role("button", name="Continuer").click()
    identify(page)
    at_home(page, live_site)
    page.goto(f"/guichet/{door.code}/")
    expect(page.get_by_text("Jeanne Dupont").first).to_be_visible()


def test_back_after_coming_in_never_loops_nor_changes_who_one_is(
    page: Page, teacher: Account, door: Door, live_site: LiveSite
) -> None:
    enter(page, door, live_site)
    page.go_back()
    page.wait_for_load_state("networkidle")
    page.goto("/accueil/")
    at_home(page, live_site)
    page.go_back()
    page.go_back()
    page.goto("/mon-compte/")
    expect(page.get_by_text("Jeanne").first).to_be_visible()


def test_two_tabs_come_in(
    page: Page, context: BrowserContext, teacher: Account, door: Door, live_site: LiveSite
) -> None:
    second = context.new_page()
    leave(page, door)
    # The portal gives each first visit a session: two at the same moment would have one form void.
    expect(page.get_by_role("heading", name="Authentification")).to_be_visible()
    leave(second, door)
    identify(page)
    at_home(page, live_site)
    identify(second)
    at_home(second, live_site)
    page.reload()
    at_home(page, live_site)


def test_an_expired_mire_starts_again_with_one_button(
    page: Page, context: BrowserContext, teacher: Account, door: Door, live_site: LiveSite
) -> None:
    leave(page, door)
    expect(page.get_by_role("heading", name="Authentification")).to_be_visible()
    context.clear_cookies(name="preau_session")
    identify(page)
    expect(page.get_by_role("heading", name="Reprenez la connexion ici")).to_be_visible()
    page.get_by_role("button", name="Continuer").click()
    at_home(page, live_site)


@pytest.mark.parametrize("context", list(WIDTHS), indirect=True)
def test_a_dangerous_act_goes_by_the_academy_and_comes_back_to_its_page(
    page: Page, teacher: Account, door: Door, live_site: LiveSite
) -> None:
    """R-B9: a head who came in half an hour ago registers a service."""
    school = teacher.person.main_school
    make.give_role(person=teacher.person, role=Role.SCHOOL_ADMINISTRATOR, school=school)
    enter(page, door, live_site)
    session = Session.objects.get(principal=teacher.uuid)
    Session.objects.filter(pk=session.pk).update(data={**session.data, "authenticated_at": 0})
    page.goto("/gestion/services/ajouter/")
    page.get_by_role("link", name="Service CAS").click()
    expect(page.get_by_role("heading", name="Confirmez que c’est vous")).to_be_visible()
    look(page, "confirmer-academie")
    page.get_by_role("button", name="Continuer vers l’académie").click()
    identify(page)  # signed in there already, and asked again all the same
    page.wait_for_url(live_site.url_for("/gestion/services/ajouter/generique/"))
    expect(page.get_by_role("heading", name="Ajouter un service")).to_be_visible()
    assert Session.objects.get(principal=teacher.uuid).sign_on == session.sign_on
    page.reload()
    expect(page.get_by_role("heading", name="Ajouter un service")).to_be_visible()


def test_who_gives_up_confirming_goes_home_and_is_still_in(
    page: Page, teacher: Account, door: Door, live_site: LiveSite
) -> None:
    enter(page, door, live_site)
    page.goto("/mon-compte/confirmer/?next=/mon-compte/")
    page.get_by_role("button", name="Continuer vers l’académie").click()
    expect(page.get_by_role("heading", name="Authentification")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Annuler et revenir à l’accueil").click()
    at_home(page, live_site)


def test_the_academy_signs_out_here_too(
    page: Page, teacher: Account, door: Door, live_site: LiveSite, academies: Academies
) -> None:
    enter(page, door, live_site)
    page.goto(f"{academies.urls['nancy-metz']}logout")
    expect(page.get_by_role("heading", name="Déconnexion")).to_be_visible()
    page.wait_for_function(
        "async () => (await fetch('/cas/')).ok", timeout=10_000
    )  # its answer comes after it told its services
    page.goto("/mon-compte/")
    expect(page.get_by_text("Vous souhaitez vous connecter")).to_be_visible()


@pytest.mark.parametrize("context", list(WIDTHS), indirect=True)
def test_somebody_whom_the_directory_does_not_know_gets_a_reference(
    page: Page, door: Door, academies: Academies
) -> None:
    academies.enrol("nancy-metz", "inconnu", mail="inconnu@ac.example")
    leave(page, door)
    identify(page, "inconnu")
    expect(page.get_by_role("heading", name="n’a pas été trouvé")).to_be_visible()
    look(page, "rattachement-refuse")
    page.get_by_role("button", name="Utiliser un autre compte").click()
    expect(page.get_by_role("heading", name="Authentification")).to_be_visible()


@pytest.mark.parametrize("context", list(WIDTHS), indirect=True)
def test_the_desks_of_doors_and_bindings(
    page: Page,
    context: BrowserContext,
    teacher: Account,
    door: Door,
    live_site: LiveSite,
    academies: Academies,
) -> None:
    """« Tester » against a real server; a refusal found by its reference, and bound by hand."""
    academies.enrol("nancy-metz", "jmariee", mail="jeanne.mariee@ac.example")
    leave(page, door)
    identify(page, "jmariee")
    reference = page.locator("strong.code").inner_text()
    context.clear_cookies()
    administrator = make.make_person(given_name="Ariane", family_name="Portail")
    make.give_role(person=administrator, role=Role.ENT_ADMINISTRATOR)
    client = Client()
    client.force_login(make.make_account(person=administrator))
    mark_verified(client)
    give_session(context, live_site, client)
    page.goto("/annuaire/administration/guichets/")
    look(page, "guichets")
    page.goto(f"/annuaire/administration/guichets/{door.code}/")
    page.get_by_role("button", name="Tester").click()
    expect(page.get_by_role("heading", name="La liaison fonctionne")).to_be_visible()
    look(page, "guichet-teste")
    page.goto("/annuaire/administration/guichets/ajouter/")
    look(page, "guichet-ajouter")
    page.goto("/annuaire/administration/rattachements/")
    expect(page.get_by_role("rowheader", name=reference)).to_be_visible()
    look(page, "rattachements")
    page.get_by_role("link", name=f"Rattacher {reference}").click()
    look(page, "rattacher")
    page.get_by_label("Identifiant ENT de la personne").fill(teacher.login)
    page.get_by_role("button", name="Rattacher").click()
    expect(page.get_by_text("est rattaché")).to_be_visible()
    page.get_by_role("link", name="Détacher").click()
    look(page, "detacher")
