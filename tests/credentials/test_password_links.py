"""Mailed links that set a password: once, in time, and only while nothing changed (T-C3–C6)."""

from __future__ import annotations

import hashlib
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.desk.blocking import block_account, unblock_account
from accounts.enums import AccountState
from accounts.models import Account, ActivationCode
from credentials.enums import LinkPurpose
from credentials.links.services import (
    delete_old_links,
    issue_link,
    issue_links,
    link_address,
    redeem_link,
)
from credentials.models import PasswordLink
from directory.models import Person
from ent.audit.origin import Origin
from ent.logging.error_reports import Reporter
from messaging.addresses.known import addresses_of
from messaging.models import NotificationAddress
from signin.enums import Realm
from signin.mailed_links import hash_token, new_token
from signin.second_factor.models import Authenticator
from signin.sessions.models import Session
from tests import factories as make
from tests.accounts.signing import GOOD_PASSWORD, make_pending, no_terms, sign_in
from tests.cast import Cast
from tests.kit import canaries
from tests.messaging.jobs import run_jobs

pytestmark = pytest.mark.django_db

NEW = "/connexion/nouveau-mot-de-passe/"
ClientOf = Callable[[Person | None], Client]


@pytest.fixture
def account(cast: Cast) -> Account:
    """Manon's account: a pupil who forgot her password."""
    no_terms()
    Person.objects.filter(pk=cast.pupil.pk).update(email="manon@example.org")
    account: Account = cast.pupil.account
    return account


def issue(account: Account, purpose: LinkPurpose = LinkPurpose.RESET) -> str:
    """Return the path of a new link; the token must never show up in a log."""
    token = issue_link(account=account, purpose=purpose)
    canaries.watch(token)
    return link_address(token).removeprefix("http://127.0.0.1:8000")


def follow(path: str, client: Client | None = None) -> Client:
    client = client or Client()
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, NEW)
    return client


def choose(client: Client, password: str = GOOD_PASSWORD) -> int:
    return client.post(NEW, {"new_password": password, "confirmation": password}).status_code


def refusal(path: str) -> str:
    """The words of the page behind a link that opens nothing."""
    answer = follow(path).get(NEW)
    assert answer.status_code == 410
    page = answer.content.decode()
    assert 'type="password"' not in page
    return page


def test_a_link_sets_the_password_and_ends_on_the_connected_page(account: Account) -> None:
    """R-E7: the name, the rules before typing, then in."""
    client = follow(issue(account))
    page = client.get(NEW).content.decode()
    assert "Réinitialisation du mot de passe" in page
    assert "Manon Élève" in page
    assert "12\u00a0caractères" in page
    answer = client.post(NEW, {"new_password": GOOD_PASSWORD, "confirmation": GOOD_PASSWORD})
    assert answer.headers["Location"] == "/accueil/"
    assert client.get("/accueil/").status_code == 200
    assert sign_in(Client(), account.login, GOOD_PASSWORD).status_code == 303
    assert sign_in(Client(), account.login, make.PASSWORD).status_code == 200


def test_a_link_serves_once(account: Account) -> None:
    path = issue(account)
    assert choose(follow(path)) == 303
    assert "Ce lien a déjà servi" in refusal(path)


def test_a_refused_password_does_not_use_the_link_up(account: Account) -> None:
    client = follow(issue(account))
    answer = client.post(NEW, {"new_password": "court", "confirmation": "court"})
    assert answer.status_code == 200
    assert "12\u00a0caractères" in answer.content.decode()
    assert choose(client) == 303


def test_a_newer_link_kills_the_older(account: Account) -> None:
    older, newer = issue(account), issue(account)
    assert "Un lien plus récent" in refusal(older)
    assert choose(follow(newer)) == 303


def test_links_of_both_purposes_live_side_by_side_and_die_together(account: Account) -> None:
    reset, first = issue(account), issue(account, LinkPurpose.FIRST_PASSWORD)
    assert choose(follow(reset)) == 303
    page = refusal(first)
    assert "a été choisi entre-temps" in page
    assert "plus récent" not in page, "no newer link was ever mailed"


def test_a_link_says_that_its_owner_chose_another_password_meanwhile(account: Account) -> None:
    path = issue(account)
    account.set_password("un autre secret très long")
    account.epoch += 1
    account.save(update_fields=["password", "epoch"])
    assert "a été choisi entre-temps" in refusal(path)


@pytest.mark.parametrize(
    "written", ["Manon@example.org", "MANON@EXAMPLE.ORG", " manon@example.org "]
)
def test_a_link_outlives_another_spelling_of_the_same_address(
    account: Account, written: str
) -> None:
    """The next set of the feed writes « Rose@… »: every link of the school would be dead."""
    path = issue(account, LinkPurpose.FIRST_PASSWORD)
    Person.objects.filter(pk=account.person_id).update(email=written)
    assert choose(follow(path)) == 303


@pytest.mark.parametrize("written", ["Chosen@example.org", "chosen@example.org"])
def test_neither_does_the_spelling_of_a_chosen_address_count(
    account: Account, written: str
) -> None:
    chosen = NotificationAddress.objects.create(
        person=account.person, email="chosen@example.org", confirmed_at=timezone.now()
    )
    path = issue(account)
    NotificationAddress.objects.filter(pk=chosen.pk).update(email=written)
    assert choose(follow(path)) == 303


def test_a_link_of_when_case_counted_still_opens(account: Account) -> None:
    """Sent before the update of the software, up to 60 days ago."""
    Person.objects.filter(pk=account.person_id).update(email="Manon@example.org")
    path = issue(account, LinkPurpose.FIRST_PASSWORD)
    link = PasswordLink.objects.get()
    former = addresses_of([account.person_id])[account.person_id].former_stamp
    kept = hashlib.sha256(bytes(link.token_hash) + former.encode()).digest()
    PasswordLink.objects.update(addresses_hash=kept)
    assert choose(follow(path)) == 303


@pytest.mark.parametrize("change", ["sessions", "address", "notification", "blocked", "unblocked"])
def test_a_link_dies_with_what_it_was_issued_for(account: Account, change: str) -> None:
    """T-C3: after an end of all sessions, another address, a block (even one that was lifted)."""
    path = issue(account)
    client = follow(path)
    match change:
        case "sessions":
            Account.objects.filter(pk=account.pk).update(epoch=account.epoch + 1)
        case "address":
            Person.objects.filter(pk=account.person_id).update(email="autre@example.org")
        case "notification":
            NotificationAddress.objects.create(
                person=account.person, email="autre@example.org", confirmed_at=timezone.now()
            )
        case _:
            block_account(account=account, actor=None)
            if change == "unblocked":
                unblock_account(account=account, actor=None)
    reasons = {
        "address": "votre adresse électronique a changé depuis",
        "notification": "votre adresse électronique a changé depuis",
        "blocked": "votre compte est fermé",
    }
    assert reasons.get(change, "votre compte a changé depuis") in refusal(path)
    assert choose(client) == 410
    assert sign_in(Client(), account.login, GOOD_PASSWORD).status_code != 303


@pytest.mark.parametrize(
    ("purpose", "hours"), [(LinkPurpose.RESET, 1), (LinkPurpose.FIRST_PASSWORD, 60 * 24)]
)
@pytest.mark.parametrize("day", [(2026, 10, 24, 23), (2026, 9, 1, 8), (2027, 3, 28, 1)])
def test_a_link_is_valid_to_the_second_whatever_the_clocks_do(
    account: Account, purpose: LinkPurpose, hours: int, day: tuple[int, int, int, int]
) -> None:
    """T-C3, T-C5: limit − 1 s yes, limit + 1 s no, a change of hour in between."""
    begin = datetime(*day, tzinfo=ZoneInfo("Europe/Paris")).astimezone(ZoneInfo("UTC"))
    with time_machine.travel(begin, tick=False):
        path = issue(account, purpose)
    with time_machine.travel(begin + timedelta(hours=hours, seconds=1), tick=False):
        page = refusal(path)
        assert "Ce lien a expiré" in page
        assert "Demander un nouveau lien" in page
    with time_machine.travel(begin + timedelta(hours=hours, seconds=-1), tick=False):
        assert choose(follow(path)) == 303


def test_a_first_password_by_mail_activates_and_kills_the_printed_code() -> None:
    """R-E5."""
    no_terms()
    account, code = make_pending()
    client = follow(issue(account, LinkPurpose.FIRST_PASSWORD))
    assert "Choisissez votre mot de passe" in client.get(NEW).content.decode()
    assert choose(client) == 303
    account.refresh_from_db()
    account.person.refresh_from_db()
    assert account.state == AccountState.ACTIVE
    assert account.person.access_state == AccountState.ACTIVE
    assert account.activated_at is not None
    assert not ActivationCode.objects.exists()
    assert sign_in(Client(), account.login, code).status_code == 200


def test_an_account_activated_by_paper_meanwhile_refuses_the_mailed_link() -> None:
    """T-C5."""
    no_terms()
    account, code = make_pending()
    path = issue(account, LinkPurpose.FIRST_PASSWORD)
    client = Client()
    sign_in(client, account.login, code)
    client.post(
        "/premiers-pas/mot-de-passe/",
        {"new_password": GOOD_PASSWORD, "confirmation": GOOD_PASSWORD},
    )
    page = refusal(path)
    assert "a été choisi entre-temps" in page
    assert "Connectez-vous avec ce mot de passe" in page


def test_scanners_that_open_the_link_first_use_nothing_up(account: Account) -> None:
    """T-C4: five GET and five HEAD, the page behind included."""
    path = issue(account)
    before = list(PasswordLink.objects.values())
    for _ in range(5):
        scanner = Client()
        scanner.head(path)
        scanner.get(path, follow=True)
        scanner.head(NEW)
    assert list(PasswordLink.objects.values()) == before
    assert choose(follow(path)) == 303


def test_the_token_is_nowhere_but_in_the_address_that_swaps_it(account: Account) -> None:
    """T-C6: no page, no form, no Referer, no cookie, no row."""
    path = issue(account)
    token = path.rstrip("/").rsplit("/", 1)[1]
    client = Client()
    answer = client.get(path)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    assert token not in answer.headers["Location"]
    page = client.get(NEW)
    assert token not in page.content.decode()
    assert token not in str(client.cookies)
    answer = client.post(NEW, {"new_password": "court", "confirmation": "court"})
    assert token not in answer.content.decode()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{token}%"]
            )
            assert cursor.fetchone() == (0,), table


@pytest.mark.parametrize("token", ["x", "é", "a" * 43, "a" * 500, "..", "%00"])
def test_a_made_up_link_leads_to_the_same_page_as_an_old_one(token: str) -> None:
    client = Client()
    answer = client.get(f"/connexion/lien/{token}/")
    if answer.status_code != 400:
        assert answer.headers["Location"] == NEW
        assert client.get(NEW).status_code == 410


@pytest.mark.parametrize("who", ["ent_administrator", "manager_a", "helpdesk", "guest with a key"])
def test_a_link_does_not_go_round_the_second_factor(cast: Cast, who: str) -> None:
    """T-C10: they sign in by a door, where it is asked for."""
    no_terms()
    person = cast.guest if who == "guest with a key" else getattr(cast, who)
    if who == "guest with a key":
        Authenticator.objects.create(
            realm=Realm.PORTAL, principal=person.account.uuid, locked_seed=b"locked", last_step=0
        )
    client = follow(issue(person.account))
    password = "quatre grenouilles vraiment vertes"
    answer = client.post(NEW, {"new_password": password, "confirmation": password})
    assert answer.headers["Location"] == "/connexion/"
    assert client.get("/accueil/").status_code == 302


def test_every_other_session_ends_and_the_owner_is_told(
    cast: Cast, client_of: ClientOf, account: Account
) -> None:
    """T-C9, T-B2."""
    thief = client_of(cast.pupil)
    assert thief.get("/accueil/").status_code == 200
    client = follow(issue(account))
    assert choose(client) == 303
    assert thief.get("/accueil/").status_code == 302
    assert "Messagerie" in client.get("/accueil/").content.decode()
    assert "par un lien reçu par courriel" in client.get("/messagerie/").content.decode()
    run_jobs()
    (sent,) = mail.outbox
    assert sent.to == ["manon@example.org"]
    assert "prévenez tout de suite votre établissement" in sent.body


def test_somebody_else_signed_in_on_this_browser_does_not_stay_so(
    cast: Cast, client_of: ClientOf, account: Account
) -> None:
    client = follow(issue(account), client_of(cast.parent))
    assert choose(client) == 303
    assert "Manon" in client.get("/accueil/").content.decode()


def test_a_whole_batch_of_links_costs_a_handful_of_statements(cast: Cast) -> None:
    """For the mailing: the statements do not grow with the accounts."""
    accounts = [make_pending(school=cast.school_a, login=f"a{i}.b")[0] for i in range(40)]
    costs = []
    for batch in (accounts[:2], accounts):
        with CaptureQueriesContext(connection) as queries:
            tokens = issue_links(
                account_ids=[account.pk for account in batch], purpose=LinkPurpose.FIRST_PASSWORD
            )
        costs.append(len(queries))
        assert set(tokens) == {account.pk for account in batch}
    assert costs[0] == costs[1] <= 6
    assert PasswordLink.objects.alive().count() == 40


def test_an_academic_account_is_never_given_a_password(cast: Cast) -> None:
    """R-E3: even when a link was issued by mistake."""
    assert refusal(issue(cast.teacher.account))


def test_old_links_are_deleted_a_day_after_they_ended(account: Account) -> None:
    issue(account)
    assert delete_old_links() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=26), tick=False):
        assert delete_old_links() == 1
        assert not PasswordLink.objects.exists()


def test_what_a_service_refuses_changes_nothing(account: Account) -> None:
    """The password stays when the link is no link."""
    from credentials.links.services import LinkRefusedError

    with pytest.raises(LinkRefusedError):
        redeem_link(token_hash=b"x" * 32, password=GOOD_PASSWORD, origin=Origin())
    assert sign_in(Client(), account.login, make.PASSWORD).status_code == 303


@pytest.mark.parametrize("path", ["/connexion/lien/{}/", "/messagerie/adresse/{}/"])
def test_a_request_that_fails_at_the_links_address_leaves_no_token_in_a_log(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T-C6: a wrong verb, a wrong host, a form without its token, a key that is missing."""
    token = secrets.token_urlsafe(32)
    canaries.watch(token)
    client = Client(raise_request_exception=False)
    assert client.post(path.format(token)).status_code == 405
    assert client.get(path.format(token), headers={"host": "evil.example"}).status_code == 400
    assert Client(enforce_csrf_checks=True).post(path.format(token)).status_code == 403

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the key is missing")

    monkeypatch.setattr("signin.mailed_links.lock", fail)
    assert client.get(path.format(token)).status_code == 500


def test_an_error_report_holds_no_token(rf: RequestFactory) -> None:
    """T-C6: neither in its address nor in what it shows of the environment."""
    token = secrets.token_urlsafe(32)
    request = rf.get(f"/connexion/lien/{token}/")
    report = Reporter(request, RuntimeError, RuntimeError("broken"), None)
    assert token not in report.get_traceback_text()
    assert token not in report.get_traceback_html()


def test_the_second_of_two_clicks_leads_where_the_first_has_led(account: Account) -> None:
    """Both leave the browser with the same cookies; one of the answers is lost on the way."""
    client, path = Client(), issue(account)
    client.get(path)
    before = client.cookies.output()
    form = {"new_password": GOOD_PASSWORD, "confirmation": GOOD_PASSWORD}
    first = client.post(NEW, form)
    assert first.status_code == 303

    lost = Client()
    lost.cookies.load(before.replace("Set-Cookie: ", ""))
    second = lost.post(NEW, form)
    assert (second.status_code, second.headers["Location"]) == (303, "/accueil/")
    page = lost.get("/accueil/", follow=True).content.decode()
    assert "Le mot de passe est enregistré. Connectez-vous avec lui." in page
    assert "Demande non comprise" not in page
    assert refusal(path), "whoever opens the mail again is told that it has served"


def test_a_link_that_served_long_ago_is_refused_at_a_post_too(account: Account) -> None:
    client, path = Client(), issue(account)
    client.get(path)
    redeem_link(
        token_hash=hash_token(path.rstrip("/").rpartition("/")[2]),
        password=GOOD_PASSWORD,
        origin=Origin(),
    )
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        form = {"new_password": GOOD_PASSWORD, "confirmation": GOOD_PASSWORD}
        assert client.post(NEW, form).status_code == 410


_REDEEM = """
import django, sys
django.setup()
from django.test import Client
path, password = sys.argv[1:]
client = Client()
client.get(path)
print("ready", flush=True)
sys.stdin.readline()
form = {"new_password": password, "confirmation": password}
response = client.post("/connexion/nouveau-mot-de-passe/", form)
print(response.status_code, "in" if client.get("/accueil/").status_code == 200 else "out")
"""


@pytest.mark.django_db(transaction=True)
def test_of_processes_that_post_at_once_exactly_one_passes() -> None:
    """T-C3, with real processes on PostgreSQL."""
    no_terms()
    person = make.make_person(given_name="Manon", family_name="Seule", school=make.make_school())
    account = make.make_account(person=person)
    path = issue(account)
    environment = {**os.environ, "PREAU_TEST_DATABASE": connection.settings_dict["NAME"]}
    passwords = [f"{GOOD_PASSWORD} {number}" for number in range(4)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _REDEEM, path, password],
            cwd=Path(__file__).resolve().parents[2],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for password in passwords
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = sorted(process.communicate(timeout=120)[0].strip() for process in processes)
    assert answers == ["303 in", "303 out", "303 out", "303 out"]
    account.refresh_from_db()
    assert account.epoch == 1
    winners = [p for p in passwords if sign_in(Client(), account.login, p).status_code == 303]
    assert len(winners) == 1
    assert PasswordLink.objects.filter(used_at__isnull=False).count() == 1


def test_addresses_that_somebody_invents_fill_no_table() -> None:
    """A visitor opens a thousand of them, true or not: nothing is written anywhere."""
    for token in (new_token(), new_token(), "x" * 43, "é"):
        answer = Client().get(f"/connexion/lien/{token}/")
        assert answer.status_code in {303, 404}
    assert not Session.objects.exists()


def test_the_cookie_of_a_link_goes_to_its_page_only_and_no_script_reads_it() -> None:
    client = Client()
    answer = client.get(f"/connexion/lien/{new_token()}/")
    [cookie] = answer.cookies.values()
    assert cookie["path"] == answer.headers["Location"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    client.get(answer.headers["Location"])
    assert not client.cookies[cookie.key].value, "a link that opens nothing is forgotten"
