"""What is the portal's own at single sign-on: blocks, forced steps, roles, its pages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts.account.models import Account
from accounts.desk.blocking import block_account
from accounts.steps.models import TermsText
from directory.enums import Role
from directory.models import Person
from signin.sessions.models import Session
from sso.logout import notices
from sso.models import LogoutNotice, Ticket
from tests import factories as make
from tests.accounts.signing import GOOD_PASSWORD, make_pending, no_terms
from tests.sso.kit import APP, Browser, code_of, make_service, ticket_in, user_of, validate, visit
from tests.sso.proxying import CALLBACK, Callbacks, make_pair, proxy_ticket, ticket_of
from tests.sso.services import Heard, dead_port, index_of, service, within

BrowserOf = Callable[[Person | None], Browser]
FORM = {"username": "manon.eleve", "password": make.PASSWORD}


def test_the_portals_own_sign_out_kills_it_too(pupil: Person, browser_of: BrowserOf) -> None:
    make_service()
    browser = browser_of(pupil)
    ticket = browser.ticket()
    browser.client.post("/deconnexion/")
    assert code_of(validate(ticket)) == "INVALID_TICKET"


def test_blocking_an_account_kills_its_tickets_and_sessions(
    pupil: Person, browser_of: BrowserOf
) -> None:
    """T-E5: a copied cookie is worth nothing any more."""
    make_service()
    browser = browser_of(pupil)
    ticket = browser.ticket()
    block_account(account=pupil.account, actor=None)
    assert code_of(validate(ticket)) == "INVALID_TICKET"
    assert browser.login().headers["Location"].startswith("/connexion/")


def test_the_end_of_a_session_for_any_cause_tells_services(
    pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    visit(browser_of(pupil), APP)
    visit(browser_of(pupil), APP)
    block_account(account=pupil.account, actor=None)
    assert LogoutNotice.objects.count() == 2
    assert not Session.objects.filter(principal=pupil.account.uuid).exists()


@pytest.mark.parametrize(
    ("role", "silent_for", "is_over"),
    [
        (Role.SCHOOL_ADMINISTRATOR, timedelta(minutes=29), False),
        (Role.SCHOOL_ADMINISTRATOR, timedelta(minutes=31), True),
    ],
)
def test_an_administrators_grant_dies_with_the_shorter_idle_limit(
    role: Role,
    silent_for: timedelta,
    is_over: bool,
    pupil: Person,
    browser_of: BrowserOf,
    callbacks: Callbacks,
) -> None:
    """T-B3, before the sweep has found the session: the row alone proves nothing."""
    make_pair()
    make.give_role(person=pupil, role=role, school=pupil.main_school)
    validate(browser_of(pupil).ticket(), pgtUrl=CALLBACK)
    Session.objects.update(last_seen_at=timezone.now() - silent_for)
    body = proxy_ticket(callbacks.grant)
    assert ('code="INVALID_TICKET"' in body) == is_over
    assert Ticket.objects.filter(kind="PT").exists() != is_over


def test_a_grant_dies_with_the_accounts_epoch(
    pupil: Person, browser_of: BrowserOf, callbacks: Callbacks
) -> None:
    make_pair()
    validate(browser_of(pupil).ticket(), pgtUrl=CALLBACK)
    Account.objects.update(epoch=F("epoch") + 1)
    assert 'code="INVALID_TICKET"' in proxy_ticket(callbacks.grant)


def test_a_role_that_requires_a_second_factor_holds_for_grants_too(
    pupil: Person, browser_of: BrowserOf, callbacks: Callbacks
) -> None:
    """R-B7: received a moment ago, it stops the tickets of the browser and of services alike."""
    make_pair()
    browser = browser_of(pupil)
    validate(browser.ticket(), pgtUrl=CALLBACK)
    make.give_role(person=pupil, role=Role.ENT_ADMINISTRATOR)
    assert browser.login().headers["Location"].startswith("/premiers-pas/")
    refused = proxy_ticket(callbacks.grant)
    assert '<cas:proxyFailure code="UNAUTHORIZED_SERVICE">' in refused
    assert "sign in again" in refused
    session = browser.client.session
    session["methods"] = ["mot-de-passe", "totp"]
    session.save()
    assert ticket_of(proxy_ticket(callbacks.grant)).startswith("PT-")


# --- forced steps --------------------------------------------------------------------------------


def test_whoever_must_choose_a_password_gets_no_ticket_before(db: None) -> None:
    """T-C1, T-E4: the step, then the service, nothing between."""
    no_terms()
    account, code = make_pending()
    make_service()
    client = Client()
    path = f"/cas/login?service={quote(APP, safe='')}"
    form = {"username": account.login, "password": code}
    answer = client.post(f"{path}&guichet=autres-comptes", form)
    assert answer.headers["Location"] == "/premiers-pas/mot-de-passe/"
    for again in ("", "&renew=true", "&gateway=true&renew=true"):
        assert client.get(path + again).headers["Location"] == "/premiers-pas/mot-de-passe/"
    assert not Ticket.objects.exists()
    chosen = {"new_password": GOOD_PASSWORD, "confirmation": GOOD_PASSWORD}
    after = client.post("/premiers-pas/mot-de-passe/", chosen)
    assert after.headers["Location"].startswith("/cas/login")
    assert user_of(validate(ticket_in(client.get(path))))


def test_the_terms_come_before_the_ticket_and_the_service_after_them(db: None) -> None:
    person = make.make_person(given_name="Ali", family_name="Kacem", school=make.make_school())
    make.make_account(person=person, login="ali.kacem")
    assert TermsText.objects.exists()
    make_service()
    client = Client()
    path = f"/cas/login?service={quote(APP, safe='')}"
    form = {"username": "ali.kacem", "password": make.PASSWORD}
    answer = client.post(f"{path}&guichet=autres-comptes", form)
    assert answer.headers["Location"] == "/premiers-pas/conditions/"
    page = client.get("/premiers-pas/conditions/")
    assert "form-action" not in page.headers["Content-Security-Policy"]
    after = client.post("/premiers-pas/conditions/", {"accepted": "on", "accept": "on"})
    assert after.headers["Location"] == path
    assert ticket_in(client.get(path))


def test_a_gateway_leads_to_no_step_and_comes_back_without_ticket(db: None) -> None:
    """2.1.1: a gateway asks nothing of anybody, a password, a second factor or terms neither."""
    person = make.make_person(given_name="Ali", family_name="Kacem", school=make.make_school())
    make.make_account(person=person, login="ali.kacem")
    make_service()
    other = "https://autre.example.fr/"
    make_service(other, code="autre")
    client = Client()
    form = {"username": "ali.kacem", "password": make.PASSWORD}
    asked = client.post(f"/cas/login?service={quote(APP, safe='')}&guichet=autres-comptes", form)
    assert asked.headers["Location"] == "/premiers-pas/conditions/"
    answer = Browser(client).login(other, gateway="true")
    assert (answer.status_code, answer.headers["Location"]) == (303, other)
    assert not Ticket.objects.exists()
    after = client.post("/premiers-pas/conditions/", {"accepted": "on", "accept": "on"})
    assert quote(APP, safe="") in after.headers["Location"]  # what was wanted before is kept


def test_the_sign_in_comes_from_the_services_school(db: None) -> None:
    school = make.make_school()
    make_service(school=school)
    answer = Client().get(f"/cas/login?service={APP}")
    assert f"etablissement={school.uai}" in answer.headers["Location"]


def test_an_administrator_without_second_factor_gets_no_ticket(
    pupil: Person, browser_of: BrowserOf
) -> None:
    """R-B7: the step of the room below holds here too, for a role given a moment ago."""
    make_service()
    browser = browser_of(pupil)
    assert browser.ticket()
    make.give_role(person=pupil, role=Role.ENT_ADMINISTRATOR)
    answer = browser.login()
    assert answer.headers["Location"].startswith("/premiers-pas/")
    assert Ticket.objects.count() == 1


def test_credentials_are_not_even_read_for_an_unregistered_service(pupil: Person) -> None:
    answer = Client().post("/cas/login?service=https://x.example/&guichet=autres-comptes", FORM)
    assert answer.status_code == 403
    assert not Account.objects.filter(sign_in_state__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_services_of_which_ten_are_dead(
    live_worker: object, browser_of: BrowserOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T-E6, with a real worker: the answer calls nobody, the ten that live hear it in 30 s."""
    calls: list[str] = []

    def note_call(address: str, *_: object, **__: object) -> int:
        calls.append(address)
        return 0

    monkeypatch.setattr(notices, "post_form", note_call)
    no_terms()
    person = make.make_person(school=make.make_school())
    make.make_account(person=person)
    with ExitStack() as stack:
        alive = [stack.enter_context(service()) for _ in range(10)]
        hanging = [stack.enter_context(service(Heard(hangs=True))) for _ in range(5)]
        addresses = [told.address for told in (*alive, *hanging)]
        addresses += [f"http://127.0.0.1:{dead_port()}/" for _ in range(5)]
        browser = browser_of(person)
        for number, address in enumerate(addresses):
            make_service(address, code=f"s{number}")
        tickets = [visit(browser, address) for address in addresses]
        assert browser.client.get("/cas/logout").status_code == 200
        assert not calls
        assert within(30, lambda: all(told.messages for told in alive))
        heard = [[index_of(message) for message in told.messages] for told in alive]
        assert heard == [[ticket] for ticket in tickets[:10]]
        assert not any(told.messages for told in hanging)
