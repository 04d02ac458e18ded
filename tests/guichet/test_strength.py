"""R-C6: what requires the key, and every way round it that is none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from ent.audit.origin import COMMAND
from guichet.assistance.services import DeskAct, change_key, issue_rescue
from guichet.authority.current import forget_guichet
from guichet.authority.models import Guichet
from guichet.enums import KeyEvent, KeyState
from sso.catalogue import registry
from sso.enums import RequiredStrength
from sso.models import Service
from tests.guichet import kit
from tests.sso.kit import APP, Browser, code_of, make_service, user_of, validate

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def by_password(uid: str) -> Browser:
    client = Client()
    kit.enter(client, uid, kit.PASSWORD)
    return Browser(client)


def step_up(browser: Browser, address: str, passcode: str) -> str:
    answer = browser.client.post(address, {"passcode": passcode})
    return answer.headers.get("Location", "")


def test_a_service_requires_the_key(guichet: Guichet, clock: time_machine.Traveller) -> None:
    make_service(required_strength=RequiredStrength.KEY, user_attribute="identifiant")
    agent = kit.make_agent(guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet)
    browser = by_password(agent.uid)
    asked = browser.login().headers["Location"]
    assert asked.startswith("/preuve/?exiger=cle-otp")
    assert not step_up(browser, asked, "000000" + fob.code())
    clock.shift(60)
    following = step_up(browser, asked, kit.PIN + fob.code())
    assert following.startswith("/cas/login")
    body = validate(browser.ticket())
    assert user_of(body) == agent.uid
    assert "<cas:authnContextClass>cle-otp</cas:authnContextClass>" in body
    assert "<cas:authenticationMethod>cle-otp</cas:authenticationMethod>" in body


def test_a_service_names_the_method_and_an_unknown_one_is_refused(
    guichet: Guichet, clock: time_machine.Traveller
) -> None:
    """Kept through the form, the steps of a first use, and a reload."""
    make_service(user_attribute="identifiant")
    agent = kit.make_agent(guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet, state=KeyState.ASSIGNED)
    fresh = Browser(Client())
    assert fresh.login(authn_method="carte-a-puce").status_code == 403
    form = fresh.login(authn_method="cle-otp").headers["Location"]
    typed = {"username": agent.uid, "password": kit.PASSWORD, "methode": "mot-de-passe"}
    kept = fresh.client.post(form, typed).headers["Location"]
    assert "authn_method=cle-otp" in kept
    asked = fresh.client.get(kept).headers["Location"]
    assert fresh.client.get(asked).status_code == 200
    assert step_up(fresh, asked, fob.code()) == "/premiere-utilisation/second-code/"
    assert fresh.client.get(kept).headers["Location"] == "/premiere-utilisation/second-code/"
    clock.shift(60)
    fresh.client.post("/premiere-utilisation/second-code/", {"code": fob.code()})
    done = fresh.client.post(
        "/premiere-utilisation/code-pin/", {"pin": kit.PIN, "confirmation": kit.PIN}
    )
    assert "authn_method=cle-otp" in done.headers["Location"]
    ticket = fresh.ticket(authn_method="cle-otp")
    assert "cle-otp" in validate(ticket)
    assert "mot-de-passe" in validate(by_password(agent.uid).ticket())


@pytest.mark.parametrize("rule", ["person", "function"])
def test_the_authority_requires_the_key_of_a_person_or_a_function(
    guichet: Guichet, rule: str
) -> None:
    make_service(user_attribute="identifiant")
    agent = kit.make_agent(guichet=guichet, function="Chef d’établissement")
    fob = kit.make_key(agent, guichet=guichet)
    before = by_password(agent.uid)
    ticket = before.ticket()
    if rule == "person":
        agent.requires_key = True
        agent.save()
    else:
        guichet.functions_with_key = ["Chef d’établissement"]
        guichet.save()
        forget_guichet()
    assert code_of(validate(ticket)) == "INVALID_TICKET", "a ticket asked before the rule"
    assert before.login().headers["Location"] == "/premiers-pas/cle/", "an older session"
    assert before.client.get("/accueil/").headers["Location"] == "/premiers-pas/cle/"
    later = by_password(agent.uid)
    assert later.login().headers["Location"] == "/premiers-pas/cle/"
    assert step_up(later, "/premiers-pas/cle/", kit.PIN + fob.code())
    assert user_of(validate(later.ticket())) == agent.uid


def test_a_ticket_asked_before_a_services_rule_is_refused(guichet: Guichet) -> None:
    service = make_service(user_attribute="identifiant")
    ticket = by_password(kit.make_agent(guichet=guichet).uid).ticket()
    Service.objects.filter(pk=service.pk).update(required_strength=RequiredStrength.KEY)
    registry.forget()
    assert code_of(validate(ticket)) == "INVALID_TICKET"


@pytest.mark.parametrize("counts", [False, True])
def test_a_rescue_password_is_no_key_unless_the_authority_says_so(
    guichet: Guichet, counts: bool
) -> None:

    guichet.rescue_counts_as_key = counts
    guichet.save()
    forget_guichet()
    make_service(required_strength=RequiredStrength.KEY, user_attribute="identifiant")
    agent = kit.make_agent(guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet)
    code, _ = issue_rescue(fob.row.uuid, DeskAct(guichet=guichet, actor=None, origin=COMMAND))
    client = Client()
    assert kit.is_in(kit.enter_by_key(client, agent.uid, kit.PIN + code))
    browser = Browser(client)
    answer = browser.login()
    assert answer.headers["Location"].startswith(APP if counts else "/preuve/?exiger=cle-otp")
    if not counts:
        assert not step_up(browser, answer.headers["Location"], kit.PIN + code)


def test_a_disabled_key_ends_the_session_that_it_opened(guichet: Guichet) -> None:

    make_service(required_strength=RequiredStrength.KEY, user_attribute="identifiant")
    agent = kit.make_agent(guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet)
    client = Client()
    kit.enter_by_key(client, agent.uid, kit.PIN + fob.code())
    browser = Browser(client)
    assert browser.ticket()
    desk = DeskAct(guichet=guichet, actor=None, origin=COMMAND)
    change_key(fob.row.uuid, KeyEvent.STOLEN, desk)
    assert browser.login().headers["Location"].startswith("/entrer/")
