"""A secretary's whole September, on the invented school of the demonstration, in a real browser."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.enums import AccountState
from accounts.models import Account
from demo.authorities import AUTHORITIES
from demo.management.commands import prepare_demo
from directory.enums import GroupKind, Profile, Role
from directory.models import Group, Person, School
from tests import factories as make
from tests.accounts.signing import GOOD_PASSWORD
from tests.cast import verified_client
from tests.credentials.test_forgotten_browser import link_in
from tests.credentials.test_journey import show
from tests.credentials.test_slips import codes_read_on, text_of
from tests.kit import canaries
from tests.kit.browser import assert_accessible, give_session, reload_until
from tests.kit.mail import MailSink
from tests.kit.server import LiveProcess, LiveSite

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ADMINISTRATION = "/annuaire/administration/"
CODE = re.compile(r"\b[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}\b")
OTHER_PASSWORD = "sept marmottes tres bavardes"


@pytest.fixture
def school(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, live_site: LiveSite
) -> Iterator[School]:
    """The first college of the demonstration, smaller, as its own command brings it in."""
    settings.VAR_DIR = tmp_path
    small = replace(AUTHORITIES[0], schools=2, pupils_per_school=40, primary_schools=0)
    others = [replace(one, schools=1, pupils_per_school=4) for one in AUTHORITIES[1:]]
    monkeypatch.setattr(prepare_demo, "AUTHORITIES", (small, *others))
    call_command("prepare_demo", stdout=io.StringIO())
    yield School.objects.filter(kind_label="COLLEGE", authority__code=small.code).earliest("uai")


@pytest.fixture
def secretary(school: School) -> Person:
    """Somebody of the school office, in charge of the school's credentials."""
    person = Person.objects.filter(main_school=school, profile=Profile.STAFF).earliest("sort_key")
    make.give_role(person=person, role=Role.SCHOOL_ADMINISTRATOR, school=school)
    # The academy's door has its own journeys: it was opened before.
    Account.objects.filter(person=person).update(
        state=AccountState.ACTIVE, activated_at=timezone.now()
    )
    person.refresh_from_db()
    return person


def pupils_of(group: Group) -> list[Account]:
    """The accounts of a class that are not activated, by name."""
    return list(
        Account.objects.filter(
            state=AccountState.PENDING,
            person__profile=Profile.PUPIL,
            person__memberships__group=group,
        ).order_by("person__sort_key", "pk")
    )


def download(page: Page, name: str, role: Literal["button", "link"] = "button") -> bytes:
    """Press the first button of this name, the newest file's, and return the file."""
    button = page.get_by_role(role, name=name).first
    expect(button).to_be_visible(timeout=60_000)
    with page.expect_download(timeout=60_000) as caught:
        button.click()
    return Path(caught.value.path()).read_bytes()


def codes_in(pdf: bytes) -> list[str]:
    """The codes that are printed on slips; no log may hold them."""
    found = CODE.findall(text_of(pdf))
    for code in found:
        canaries.watch(code)
    return found


def accept_the_terms(page: Page) -> None:
    """Whoever comes for the first time reads the authority's terms of use, and accepts."""
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Continuer").click()


@pytest.mark.parametrize("browser_page", ["wide"], indirect=True)
def test_a_secretary_s_whole_september(
    browser_page: Page,
    live_site: LiveSite,
    live_worker: LiveProcess,
    mail_sink: MailSink,
    school: School,
    secretary: Person,
) -> None:
    """R-E1 to R-E9: files, slips, mails, a forgotten password, a class rescued."""
    page = browser_page
    classes = Group.objects.filter(school=school, kind=GroupKind.CLASS).order_by("code")
    first, last = classes[0], classes[len(classes) - 1]
    give_session(page.context, live_site, verified_client(secretary))
    codes = regenerate_the_file(page, school)
    print_the_slips(page, live_site, school, first, codes)
    parent = mail_the_parents(page, school, mail_sink)
    rescued = rescue_a_class(page, last)
    page.context.clear_cookies()
    set_a_first_password(page, live_site, mail_sink, parent)
    page.context.clear_cookies()
    forget_a_password(page, live_site, mail_sink, parent)
    page.context.clear_cookies()
    come_back_with_a_slip(page, school, *rescued)


def regenerate_the_file(page: Page, school: School) -> dict[str, str]:
    """The school's file is made again and downloaded: everybody's code, by login."""
    page.goto(f"{ADMINISTRATION}fichiers-des-identifiants/")
    page.get_by_role("link", name="Régénérer le(s) fichier(s) des identifiants").click()
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_text("2 résultats")).to_be_visible()  # beside the import's own
    text = download(page, "CSV ENT").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
    waiting = Account.objects.filter(
        state=AccountState.PENDING, person__affiliations__school=school, kind="local"
    ).distinct()
    codes = {row["login"]: row["mot de passe"] for row in rows}
    assert {account.login for account in waiting} <= set(codes)
    assert set(Counter(row["profil"] for row in rows)) >= {"Élève", "Tuteur"}
    return {account.login: codes[account.login] for account in waiting}


def print_the_slips(
    page: Page, site: LiveSite, school: School, group: Group, codes: dict[str, str]
) -> None:
    """The slips of a class hold the codes of the file, and the way to the sign-in page."""
    pupils = pupils_of(group)
    page.goto(f"{ADMINISTRATION}fiches/")
    page.get_by_role("link", name="Préparer des fiches").first.click()
    page.get_by_label("Parents").uncheck()
    page.get_by_label(group.code, exact=True).check()
    expect(page.locator("#compte")).to_contain_text(f"{len(pupils)} fiches", timeout=60_000)
    page.get_by_role("button", name="Préparer le document").click()
    pdf = download(page, "Télécharger")
    assert codes_in(pdf) == [codes[account.login] for account in pupils]
    read = codes_read_on(pdf)
    assert set(read) == {f"{site.url}/connexion/?etablissement={school.uai}"}
    assert len(read) == min(8, len(pupils))


def mail_the_parents(page: Page, school: School, mails: MailSink) -> Account:
    """Every parent with an address gets a mail; the report says so; return one of them."""
    parents = Account.objects.filter(
        state=AccountState.PENDING,
        person__profile=Profile.GUARDIAN,
        person__affiliations__school=school,
    ).distinct()
    reached = parents.exclude(person__email="")
    page.goto(f"{ADMINISTRATION}diffusion-des-identifiants/")
    page.get_by_role("link", name="Préparer une diffusion").first.click()
    count = reached.count()
    expect(page.locator("#compte")).to_contain_text(f"{count} courriels")
    page.get_by_role("button", name="Vérifier avant d’envoyer").click()
    show(page, "septembre-diffusion")
    page.get_by_role("button", name="Diffuser les identifiants").click()
    expect(page.get_by_role("button", name="Arrêter")).to_have_count(0, timeout=60_000)
    show(page, "septembre-diffusion-finie")
    page.goto("/messagerie/")
    report_link = page.get_by_role("link", name=re.compile("Bilan d’envoi")).first
    reload_until(page, report_link)
    report_link.click()
    expect(page.get_by_text(f"Destinataires\u00a0: {parents.count()}")).to_be_visible()
    assert_accessible(page)
    show(page, "septembre-bilan")
    page.get_by_role("button", name="bilan-envoi").click()
    report = download(page, "Télécharger le fichier", role="link").decode("utf-8-sig")
    states = Counter(line.split(";")[4] for line in report.split("\r\n")[1:] if line)
    assert sum(states.values()) == parents.count()
    assert states.most_common()[-1][1] <= count
    return reached.earliest("person__sort_key", "pk")


def rescue_a_class(page: Page, group: Group) -> tuple[Account, str]:
    """A class gets new codes at once, on slips; return a pupil and what is on their slip."""
    pupils = Account.objects.filter(
        person__profile=Profile.PUPIL, person__memberships__group=group
    ).order_by("person__sort_key", "pk")
    page.goto(f"{ADMINISTRATION}classes-a-depanner/")
    page.get_by_role("link", name=group.code, exact=True).click()
    expect(page.locator("#compte")).to_contain_text(f"{len(pupils)} mots de passe")
    page.get_by_label(re.compile("Nombre")).fill(str(len(pupils)))
    show(page, "septembre-classe")
    page.get_by_role("button", name="Remplacer et imprimer les fiches").click()
    expect(page.get_by_text("En préparation", exact=True)).to_have_count(0, timeout=60_000)
    codes = codes_in(download(page, "Télécharger"))
    assert len(codes) == len(pupils)
    return pupils[0], codes[0]


def set_a_first_password(page: Page, site: LiveSite, mails: MailSink, parent: Account) -> None:
    """The mail's link opens the choice of a password, and then the ENT."""
    mail = mails.wait_for(to=parent.person.email, subject="vos identifiants de connexion")
    page.goto(link_in(mail, site))
    page.get_by_label("Nouveau mot de passe", exact=True).fill(GOOD_PASSWORD)
    page.get_by_label("Confirmation", exact=True).fill(GOOD_PASSWORD)
    page.get_by_role("button", name="Enregistrer mon mot de passe").click()
    accept_the_terms(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")


def forget_a_password(page: Page, site: LiveSite, mails: MailSink, parent: Account) -> None:
    """The same parent a week later: a mail, another password, and they are in."""
    page.goto("/connexion/mot-de-passe-oublie/")
    page.get_by_label("Identifiant", exact=True).fill(parent.login)
    page.get_by_label("J’ai lu ces indications").check()
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_text("un courriel vient d’y être envoyé")).to_be_visible()
    mail = mails.wait_for(to=parent.person.email, subject="Réinitialisation")
    page.goto(link_in(mail, site))
    page.get_by_label("Nouveau mot de passe", exact=True).fill(OTHER_PASSWORD)
    page.get_by_label("Confirmation", exact=True).fill(OTHER_PASSWORD)
    page.get_by_role("button", name="Enregistrer mon mot de passe").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")


def come_back_with_a_slip(page: Page, school: School, pupil: Account, code: str) -> None:
    """A pupil of the rescued class follows the slip: its door, its code, a password."""
    page.goto(f"/connexion/?etablissement={school.uai}")
    show(page, "septembre-mire")
    page.get_by_label("Élève ou parent", exact=True).check()
    show(page, "septembre-mire")
    page.get_by_role("button", name="Valider").click()
    show(page, "septembre-connexion")
    page.get_by_label("Identifiant", exact=True).fill(pupil.login)
    page.get_by_label("Mot de passe", exact=True).fill(code)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Choisissez votre mot de passe")
    page.get_by_label("Nouveau mot de passe", exact=True).fill(GOOD_PASSWORD)
    page.get_by_label("Confirmation", exact=True).fill(GOOD_PASSWORD)
    page.get_by_role("button", name="Enregistrer mon mot de passe").click()
    accept_the_terms(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")
