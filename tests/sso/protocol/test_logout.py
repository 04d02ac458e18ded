"""Single logout: who is told, what, how often, and that nobody waits (T-E6)."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from directory.models import Person
from signin.sessions.models import Session
from sso import outbound
from sso.catalogue import registry
from sso.enums import AddressUse, LogoutMode
from sso.logout import notices as logout
from sso.logout.endings import forget_subjects
from sso.logout.lanes import SendResult
from sso.models import LogoutNotice, ProxyGrant, ServiceAddress, Ticket
from tests import factories as make
from tests.sso.kit import APP, Browser, add_address, make_service, validate, visit
from tests.sso.proxying import CALLBACK, Callbacks
from tests.sso.realm_kits import RealmKit
from tests.sso.services import Heard, index_of, service, within

BrowserOf = Callable[[Person | None], Browser]


def test_each_service_hears_its_own_ticket(pupil: Person, browser_of: BrowserOf) -> None:
    with service() as one, service() as two:
        make_service(one.address, code="un")
        make_service(two.address, code="deux")
        browser = browser_of(pupil)
        tickets = [visit(browser, one.address), visit(browser, two.address)]
        browser.ticket(one.address)  # never validated: opened no session
        browser.client.get("/cas/logout")
        assert logout.send_due() == 2
        assert [index_of(message) for message in one.messages] == tickets[:1]
        assert [index_of(message) for message in two.messages] == tickets[1:]
        assert logout.send_due() == 0


@pytest.mark.parametrize("path", ["validate", "serviceValidate", "p3/proxyValidate"])
def test_whatever_endpoint_validated_the_ticket(
    path: str, pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    browser = browser_of(pupil)
    ticket = browser.ticket()
    validate(ticket, path=path)
    browser.client.get("/cas/logout")
    assert LogoutNotice.objects.get().session_index == ticket


def test_another_browser_of_the_same_person_is_untouched(
    pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    here, there = browser_of(pupil), browser_of(pupil)
    visit(here, APP)
    other = visit(there, APP)
    here.client.get("/cas/logout")
    assert LogoutNotice.objects.exclude(session_index=other).count() == 1
    assert not LogoutNotice.objects.filter(session_index=other).exists()
    assert there.ticket()


def test_a_service_that_wants_to_hear_nothing_hears_nothing(
    pupil: Person, browser_of: BrowserOf
) -> None:
    make_service(logout_mode=LogoutMode.NONE)
    browser = browser_of(pupil)
    visit(browser, APP)
    browser.client.get("/cas/logout")
    assert not LogoutNotice.objects.exists()


def test_nothing_goes_to_an_address_that_is_not_registered_any_more(
    pupil: Person, browser_of: BrowserOf
) -> None:
    """T-E6: no way to make this machine call another one."""
    with service() as told:
        make_service(told.address)
        browser = browser_of(pupil)
        visit(browser, told.address)
        browser.client.get("/cas/logout")
        ServiceAddress.objects.all().delete()
        registry.forget()
        logout.send_due()
        assert not told.paths
    notice = LogoutNotice.objects.get()
    assert notice.given_up_at is not None
    assert notice.outcome == "adresse plus enregistrée"


def test_a_redirect_is_not_followed(pupil: Person, browser_of: BrowserOf) -> None:
    with service() as elsewhere, service(Heard(statuses=[302])) as told:
        told.location = elsewhere.address
        make_service(told.address)
        browser = browser_of(pupil)
        visit(browser, told.address)
        browser.client.get("/cas/logout")
        logout.send_due()
        assert len(told.messages) == 1
        assert not elsewhere.paths


def test_a_failure_is_tried_again_a_few_times_then_given_up_and_logged(
    pupil: Person, browser_of: BrowserOf, caplog: pytest.LogCaptureFixture
) -> None:
    with service(Heard(statuses=[500] * 10)) as told:
        make_service(told.address)
        browser = browser_of(pupil)
        visit(browser, told.address)
        browser.client.get("/cas/logout")
        now = timezone.now() + timedelta(seconds=1)
        for tries in range(1, 5):
            with time_machine.travel(now, tick=False):
                assert logout.send_due() == 1
                assert logout.send_due() == 0
            assert len(told.paths) == tries
            now += timedelta(minutes=15)
        with time_machine.travel(now, tick=False):
            assert logout.send_due() == 0
    assert LogoutNotice.objects.get().given_up_at is not None
    assert "single logout given up" in caplog.text


def test_a_service_that_comes_back_hears_it_later(pupil: Person, browser_of: BrowserOf) -> None:
    with service(Heard(statuses=[503])) as told:
        make_service(told.address)
        browser = browser_of(pupil)
        ticket = visit(browser, told.address)
        browser.client.get("/cas/logout")
        logout.send_due()
        with time_machine.travel(timezone.now() + timedelta(seconds=31), tick=False):
            logout.send_due()
        assert index_of(told.messages[-1]) == ticket
    assert LogoutNotice.objects.get().sent_at is not None


def test_a_worker_that_died_with_a_notice_leaves_it_to_the_next(
    pupil: Person, browser_of: BrowserOf
) -> None:
    with service() as told:
        make_service(told.address)
        browser = browser_of(pupil)
        visit(browser, told.address)
        browser.client.get("/cas/logout")
        assert len(logout.claim_batch()) == 1  # claimed, then killed
        assert logout.send_due() == 0
        with time_machine.travel(timezone.now() + timedelta(minutes=3), tick=False):
            assert logout.send_due() == 1
        assert len(told.messages) == 1


def test_one_dead_service_with_many_sessions_does_not_hold_a_batch(
    pupil: Person, browser_of: BrowserOf
) -> None:
    """Two failures in a row, and the rest of that host waits for its next turn."""
    with service(Heard(statuses=[500] * 50)) as dead, service() as well:
        make_service(dead.address, code="mort")
        make_service(well.address, code="vif")
        browser = browser_of(pupil)
        for _ in range(6):
            visit(browser, dead.address)
        visit(browser, well.address)
        browser.client.get("/cas/logout")
        logout.send_due()
        assert len(dead.paths) == 2
        assert len(well.messages) == 1


HANGING = 40
SOONER = timedelta(seconds=1)


def test_nobody_waits_behind_the_dead_services_of_others(
    pupil: Person, browser_of: BrowserOf
) -> None:
    """One school's notice comes last and is heard first."""
    with ExitStack() as stack:
        dead = [stack.enter_context(service(Heard(hangs=True))) for _ in range(HANGING)]
        well = stack.enter_context(service())
        browser = browser_of(pupil)
        for number, one in enumerate([*dead, well]):
            make_service(one.address, code=f"s{number}")
            visit(browser, one.address)
        browser.client.get("/cas/logout")
        heard = _moment_of(well, logout.send_due)
    assert heard < 1.5


def test_what_is_written_meanwhile_does_not_wait_for_the_dead(
    pupil: Person, browser_of: BrowserOf
) -> None:
    with service(Heard(hangs=True)) as dead, service() as well:
        make_service(dead.address, code="mort")
        make_service(well.address, code="vif")
        first, second = browser_of(pupil), browser_of(pupil)
        visit(first, dead.address)
        visit(second, well.address)
        first.client.get("/cas/logout")
        LogoutNotice.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))
        second.client.get("/cas/logout")
        LogoutNotice.objects.filter(service__code="vif").update(
            next_try_at=timezone.now() + timedelta(seconds=1)
        )
        heard = _moment_of(well, logout.send_due)
    assert heard < 2.5


@pytest.mark.parametrize("hosts", [1, 12])
def test_nobody_waits_behind_the_many_sessions_of_slow_services(
    hosts: int, pupil: Person, browser_of: BrowserOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They answer well, one notice after another: queues are long for hours of a busy evening."""
    monkeypatch.setattr(logout, "BATCH_SECONDS", 5.0)
    with ExitStack() as stack:
        slow = [stack.enter_context(service(Heard(seconds=0.2))) for _ in range(hosts)]
        well = stack.enter_context(service())
        browser = browser_of(pupil)
        for number, one in enumerate([*slow, well]):
            make_service(one.address, code=f"s{number}")
            visit(browser, one.address)
        browser.client.get("/cas/logout")
        last = LogoutNotice.objects.get(service__code=f"s{hosts}").pk
        LogoutNotice.objects.bulk_create(
            LogoutNotice(
                **{
                    field.attname: getattr(notice, field.attname)
                    for field in LogoutNotice._meta.concrete_fields
                    if not field.primary_key
                }
                | {"session_index": f"ST-{number}", "next_try_at": notice.next_try_at - SOONER}
            )
            for notice in LogoutNotice.objects.exclude(pk=last)
            for number in range(450 // hosts)
        )
        heard = _moment_of(well, logout.send_due)
    assert heard < 7


def _moment_of(told: Heard, run: Callable[[], object]) -> float:
    """Run, and return after how many seconds the service had heard something."""
    began = time.monotonic()
    moments: list[float] = []

    def watch() -> None:
        if within(30, lambda: told.messages):
            moments.append(time.monotonic() - began)

    watcher = threading.Thread(target=watch)
    watcher.start()
    run()
    watcher.join()
    assert moments, "the service was told nothing"
    return moments[0]


def test_a_service_that_drips_is_left_at_the_deadline(
    pupil: Person, browser_of: BrowserOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "TOTAL_SECONDS", 1.2)
    with service(Heard(drips=True)) as told:
        make_service(told.address)
        browser = browser_of(pupil)
        visit(browser, told.address)
        browser.client.get("/cas/logout")
        began = time.monotonic()
        assert logout.send_due() == 1
        assert time.monotonic() - began < 2.5
        assert told.paths
    assert LogoutNotice.objects.get().outcome == "sans réponse"


def test_each_realms_worker_sends_its_own_notices(
    pupil: Person, browser_of: BrowserOf, realm: RealmKit
) -> None:
    """Another realm's catalogue does not know the address: its worker would give the notice up."""
    with service() as told:
        make_service(told.address)
        browser = browser_of(pupil)
        visit(browser, told.address)
        browser.client.get("/cas/logout")
        assert LogoutNotice.objects.get().realm == realm.realm
        LogoutNotice.objects.update(realm=realm.other)
        assert logout.send_due() == 0
        assert LogoutNotice.objects.get().tries == 0
        LogoutNotice.objects.update(realm=realm.realm)
        assert logout.send_due() == 1
        assert len(told.messages) == 1


def test_the_end_of_a_principal_ends_tickets_and_grants_and_tells_services(
    pupil: Person, browser_of: BrowserOf, callbacks: Callbacks, realm: RealmKit
) -> None:
    """Set-wise and in one transaction, as a foreign key would; nobody else's are touched."""
    service = make_service(may_proxy=True)
    add_address(service, CALLBACK, AddressUse.PROXY_CALLBACK)
    other = make.make_person(school=make.make_school())
    realm.admit(other, "lou.autre")
    for person in (pupil, other):
        validate(browser_of(person).ticket(), pgtUrl=CALLBACK)
        browser_of(person).ticket()
    ended = Ticket.objects.get(subject=realm.principal(pupil), consumed_at__isnull=False)
    forget_subjects(realm.realm, [realm.principal(pupil)])
    kept = [realm.principal(other)]
    assert list(Ticket.objects.values_list("subject", flat=True)) == kept * 2
    assert list(ProxyGrant.objects.values_list("subject", flat=True)) == kept
    assert LogoutNotice.objects.get().session_index == ended.consumed_value


def test_what_a_batch_had_no_time_for_stays_untried(
    pupil: Person, browser_of: BrowserOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that outlived its claim would be sent by a second worker as well."""
    with service() as told:
        make_service(told.address)
        browser = browser_of(pupil)
        for _ in range(3):
            visit(browser, told.address)
        browser.client.get("/cas/logout")
        monkeypatch.setattr(logout, "BATCH_SECONDS", -1.0)
        assert logout.send_due() == 0
        assert not told.paths
        assert set(LogoutNotice.objects.values_list("tries", flat=True)) == {0}
        monkeypatch.undo()
        assert logout.send_due() == 3


def test_a_late_worker_does_not_overwrite_what_the_next_one_found(
    pupil: Person, browser_of: BrowserOf
) -> None:
    with service() as told:
        make_service(told.address)
        browser = browser_of(pupil)
        visit(browser, told.address)
        browser.client.get("/cas/logout")
        late = logout.claim_batch()
        with time_machine.travel(timezone.now() + timedelta(minutes=3), tick=False):
            assert logout.send_due() == 1
            logout.report_results([SendResult(late[0], 0)])
    notice = LogoutNotice.objects.get()
    assert (notice.outcome, notice.sent_at is None) == ("réponse 200", False)


@pytest.mark.parametrize("is_schools", [True, False])
def test_a_name_that_leads_to_this_machine_is_the_portals_to_give(
    is_schools: bool,
    pupil: Person,
    browser_of: BrowserOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A school registers a name; where it leads is looked at when something is sent."""
    look_up = socket.getaddrinfo

    def leads_here(host: str, *args: Any, **kwargs: Any) -> Any:
        return look_up("127.0.0.1" if host == "service.example" else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", leads_here)
    with service() as told:
        address = f"http://service.example:{told.port}/"
        make_service(address, school=make.make_school() if is_schools else None)
        browser = browser_of(pupil)
        visit(browser, address)
        browser.client.get("/cas/logout")
        logout.send_due()
        assert len(told.paths) == (0 if is_schools else 1)


# --- the page and the way back -------------------------------------------------------------------


def test_the_sign_out_of_the_protocol_ends_on_our_page(
    pupil: Person, browser_of: BrowserOf
) -> None:
    browser = browser_of(pupil)
    answer = browser.client.get("/cas/logout")
    assert answer.status_code == 200
    assert "fermez" in answer.content.decode().lower()
    assert not Session.objects.filter(principal__isnull=False).exists()
    assert browser.client.get("/accueil/").status_code == 302


@pytest.mark.parametrize("is_signed_in", [True, False])
def test_it_returns_to_a_registered_service_only(
    is_signed_in: bool, pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    client = browser_of(pupil if is_signed_in else None).client
    answer = client.get("/cas/logout", {"service": APP + "?fin=1"})
    assert (answer.status_code, answer.headers["Location"]) == (303, APP + "?fin=1")
    for query in ({"service": "https://evil.example/"}, {"url": APP}, {"url": "//evil.example"}):
        answer = client.get("/cas/logout", query)
        assert answer.status_code == 200
        assert "evil.example" not in answer.content.decode()


@pytest.mark.parametrize("sent", ["", "query", "form"])
def test_a_posted_sign_out_does_what_a_get_does(
    sent: str, pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    client = Client(enforce_csrf_checks=True)
    client.cookies = browser_of(pupil).client.cookies
    path = f"/cas/logout?service={APP}" if sent == "query" else "/cas/logout"
    answer = client.post(path, {"service": APP} if sent == "form" else {})
    if sent:
        assert (answer.status_code, answer.headers["Location"]) == (303, APP)
    else:
        assert answer.status_code == 200
    assert not Session.objects.filter(principal__isnull=False).exists()


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {}])
def test_a_sign_out_posted_by_another_site_is_done_by_the_get_that_follows(
    headers: dict[str, str], pupil: Person, browser_of: BrowserOf
) -> None:
    """Browsers keep our cookies from a form of another site, not from the page that it leads to.

    Some do not say where the form comes from.
    """
    make_service()
    answer = Client().post("/cas/logout", {"service": APP}, headers=headers)
    assert answer.status_code == 303
    back = browser_of(pupil).client.get(answer.headers["Location"])
    assert back.headers["Location"] == APP
    assert not Session.objects.filter(principal__isnull=False).exists()


@pytest.mark.django_db
def test_a_sign_out_posted_by_nobody_ends_on_our_page_after_one_step(
    browser_of: BrowserOf,
) -> None:
    answer = browser_of(None).client.post("/cas/logout", follow=True)
    assert answer.status_code == 200
    assert [status for _, status in answer.redirect_chain] == [303]


def test_asking_for_the_headers_only_ends_nothing(pupil: Person, browser_of: BrowserOf) -> None:
    browser = browser_of(pupil)
    assert browser.client.head("/cas/logout").status_code == 405
    assert browser.client.get("/accueil/").status_code == 200


def test_signing_out_costs_no_more_statements_with_more_services(
    pupil: Person, browser_of: BrowserOf
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for number in (1, 12):
        browser = browser_of(pupil)
        for place in range(number):
            address = f"https://s{number}x{place}.example.fr/"
            make_service(address, code=f"s{number}x{place}")
            visit(browser, address)
        with CaptureQueriesContext(connection) as asked:
            Client.get(browser.client, "/cas/logout")
        counts.append(len(asked))
    assert counts[1] <= counts[0]
