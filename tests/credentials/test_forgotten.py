"""« Mot de passe oublié », « Identifiant oublié »: one answer, few mails, nothing learnt."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import AccountKind, AccountState
from accounts.models import Account
from credentials.lost.services import answer_late
from credentials.models import LostRequest, PasswordLink
from directory.enums import Profile
from directory.models import Person, School
from ent.jobs.models import Job
from messaging.models import NotificationAddress
from tests import factories as make
from tests.accounts.signing import GOOD_PASSWORD, make_pending, no_terms
from tests.accounts.test_same_answer import masked
from tests.kit import canaries
from tests.kit.faulty_mail import CUT, running_sink
from tests.messaging.jobs import run_jobs

pytestmark = pytest.mark.django_db

PASSWORD = "/connexion/mot-de-passe-oublie/"
LOGIN = "/connexion/identifiant-oublie/"
Make = Callable[..., Account]


@pytest.mark.parametrize(
    "typed", ["zoe@example.org", "personne@example.org", " Zoe@example.org\u200b"]
)
def test_an_address_typed_for_a_login_is_helped_without_a_look_up(typed: str) -> None:
    """T-A3: by its form alone; nothing is kept, nothing is read of anybody."""
    make.make_account(
        person=make.make_person(school=make.make_school(), email="zoe@example.org"), login="zoe"
    )
    client = Client()
    client.get(PASSWORD)
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(PASSWORD, {"lu": "on", "identifiant": typed})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "adresse électronique" in page
    assert "Identifiant oublié" in page
    assert not LostRequest.objects.exists()
    assert not any("directory_person" in query["sql"] for query in asked)
    assert not any("accounts_account" in query["sql"] for query in asked)


def test_an_address_that_was_pasted_is_found_without_what_came_along() -> None:
    no_terms()
    person = make.make_person(school=make.make_school(), email="zoe@example.org")
    make.make_account(person=person, login="zoe")
    assert Client().post(LOGIN, {"courriel": "\u200bzoe@example.org\u00a0"}).status_code == 303
    run_jobs()
    assert [message.to for message in mail.outbox] == [["zoe@example.org"]]


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """Dates in headers differ by the second: time stands still."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.fixture
def logins() -> dict[str, str]:
    """One login of each kind; every owner but one has an address."""
    no_terms()
    school = make.make_school()

    def account(name: str, **fields: Any) -> str:
        profile = fields.pop("profile", Profile.PUPIL)
        email = fields.pop("email", f"{name}@example.org")
        left_at = fields.pop("left_at", None)
        person = make.make_person(
            school=school,
            given_name="Jo",
            family_name=name.title(),
            profile=profile,
            email=email,
            left_at=left_at,
        )
        return make.make_account(person=person, login=f"jo.{name}", **fields).login

    pending, _ = make_pending(school=school, login="jo.attente", email="attente@example.org")
    return {
        "unknown": "jo.personne",
        "known": account("connu"),
        "without address": account("sans", email=""),
        "bad address": account("mauvaise", email="a@b.fr, c@d.fr"),
        "blocked": account("bloque", state=AccountState.BLOCKED),
        "academic": account("prof", kind=AccountKind.ACADEMIC),
        "left": account("parti", left_at=timezone.now()),
        "pending": pending.login,
        "hostile": "jo'--\x1b[31m%",
        "long": "x" * 200,
    }


def ask(login: str, **headers: Any) -> Any:
    return Client().post(PASSWORD, {"lu": "on", "identifiant": login}, **headers)


def link_in(sent: Any) -> str:
    """The path of the link that a mail holds, watched from now on."""
    found = re.search(r"http://127\.0\.0\.1:8000(/connexion/lien/([^/]+)/)", sent.body)
    assert found is not None
    canaries.watch(found[2])
    return found[1]


def test_it_says_first_whom_to_ask_and_wants_the_box_ticked(logins: dict[str, str]) -> None:
    """R-E7."""
    page = Client().get(PASSWORD).content.decode()
    assert page.index("Vous êtes élève") < page.index("J’ai lu") < page.index("id_identifiant")
    answer = Client().post(PASSWORD, {"identifiant": logins["known"]})
    assert "cochez la case" in answer.content.decode()
    assert not LostRequest.objects.exists()


def test_every_login_gets_the_same_bytes(logins: dict[str, str]) -> None:
    """T-A3, the page it leads to included."""
    answers = {name: masked(ask(login)) for name, login in logins.items()}
    for name, answer in answers.items():
        assert answer == answers["unknown"], name
    assert answers["unknown"][0] == 303
    page = Client().get(answers["unknown"][2]["Location"]).content.decode()
    assert "Si une adresse de notification est connue" in page
    assert "personne chargée des mots de passe" in page


def test_every_login_costs_the_same_statements_and_none_looks_for_an_account(
    logins: dict[str, str],
) -> None:
    """T-A2 by construction: the page reads neither accounts nor persons."""
    costs = {}
    for name, login in logins.items():
        with CaptureQueriesContext(connection) as queries:
            ask(login)
        costs[name] = len(queries)
        for query in queries:
            assert "accounts_account" not in query["sql"]
            assert "directory_person" not in query["sql"]
    assert len(set(costs.values())) == 1, costs


def test_a_mail_goes_to_who_may_have_one_and_to_nobody_else(logins: dict[str, str]) -> None:
    """T-A3: 1/0/0; academic, blocked and departed: 0."""
    for login in logins.values():
        ask(login)
    run_jobs()
    assert sorted(sent.to[0] for sent in mail.outbox) == [
        "attente@example.org",
        "connu@example.org",
    ]
    assert not LostRequest.objects.exists()


def test_a_job_tells_nothing_of_what_it_found(logins: dict[str, str]) -> None:
    """Neither login, nor address, nor whether a mail left, in what operators see."""
    for name in ("unknown", "known"):
        ask(logins[name])
    run_jobs()
    known, unknown = Job.objects.filter(kind="credentials.answer_lost").order_by("id")
    assert known.result == unknown.result == {}
    for job in (known, unknown):
        assert set(job.params) == {"request"}


def test_the_mail_leads_to_a_new_password(logins: dict[str, str]) -> None:
    ask(logins["known"])
    run_jobs()
    (sent,) = mail.outbox
    assert sent.subject == "Réinitialisation de votre mot de passe"
    assert "jo.connu" in sent.body
    assert "une heure" in sent.body
    client = Client()
    client.get(link_in(sent))
    answer = client.post(
        "/connexion/nouveau-mot-de-passe/",
        {"new_password": GOOD_PASSWORD, "confirmation": GOOD_PASSWORD},
    )
    assert answer.headers["Location"] == "/accueil/"


def test_a_login_is_found_however_it_is_typed(logins: dict[str, str]) -> None:
    ask("  JO.Connu ")
    run_jobs()
    assert len(mail.outbox) == 1


def test_three_mails_an_hour_and_no_more(logins: dict[str, str]) -> None:
    """T-A3: a sliding hour; the fourth gets the same answer and no mail."""
    now = timezone.now()
    for minute in (0, 20, 40, 50, 59):
        with time_machine.travel(now + timedelta(minutes=minute), tick=False):
            assert ask(logins["known"]).status_code == 303
            run_jobs()
    assert len(mail.outbox) == 3
    with time_machine.travel(now + timedelta(minutes=61), tick=False):
        ask(logins["known"])
        ask(logins["known"])
        run_jobs()
    assert len(mail.outbox) == 4


def test_only_the_last_link_opens(logins: dict[str, str]) -> None:
    for _ in range(2):
        ask(logins["known"])
        run_jobs()
    first, last = (link_in(sent) for sent in mail.outbox)
    client = Client()
    assert client.get(first, follow=True).status_code == 410
    assert client.get(last, follow=True).status_code == 200


@pytest.mark.parametrize(
    ("hours", "expected"), [(23, "ancienne@example.org"), (25, "n@example.org")]
)
def test_a_new_address_serves_after_a_day(
    logins: dict[str, str], hours: int, expected: str
) -> None:
    """T-C8."""
    person = Person.objects.get(account__login=logins["known"])
    NotificationAddress.objects.create(
        person=person,
        email="n@example.org",
        previous_email="ancienne@example.org",
        confirmed_at=timezone.now() - timedelta(hours=hours),
    )
    ask(logins["known"])
    run_jobs()
    (sent,) = mail.outbox
    assert sent.to == [expected]


def test_a_poisoned_host_is_refused_and_mails_use_the_configured_one(
    logins: dict[str, str],
) -> None:
    """T-B9."""
    assert ask(logins["known"], headers={"host": "evil.example"}).status_code == 400
    ask(logins["known"], headers={"x-forwarded-host": "evil.example"})
    run_jobs()
    (sent,) = mail.outbox
    assert "evil.example" not in sent.message().as_string()
    assert link_in(sent)


def test_a_mail_server_that_is_down_is_tried_again(
    logins: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> int:
        raise smtplib.SMTPConnectError(421, "down")

    now = timezone.now()
    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", refuse)
        ask(logins["known"])
        run_jobs()
    assert LostRequest.objects.count() == 1
    assert answer_late() == 0
    with time_machine.travel(now + timedelta(minutes=6), tick=False):
        assert answer_late() == 1
        run_jobs()
    assert len(mail.outbox) == 1
    assert not LostRequest.objects.exists()


@pytest.mark.parametrize("fault", [CUT, "550 5.1.1 User unknown"])
def test_a_link_that_may_have_arrived_or_is_refused_for_good_is_not_mailed_again(
    fault: str, logins: dict[str, str], settings: Any
) -> None:
    """Every five minutes for an hour, each link the death of the one before."""
    now = timezone.now()
    with running_sink() as server:
        settings.EMAIL_BACKEND = "ent.mail.timed.TimedBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        server.before_answer["connu@example.org"] = fault
        ask(logins["known"])
        run_jobs()
        for minutes in (6, 12, 18):
            with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
                answer_late()
                run_jobs()
        assert server.announced == ["connu@example.org"]
    assert not LostRequest.objects.exists()


@pytest.mark.parametrize("is_password", [True, False])
def test_a_mail_server_down_for_half_an_hour_uses_up_nobodys_mails(
    is_password: bool, logins: dict[str, str], family: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only mails that left count towards the three of an hour."""

    def refuse(*args: Any, **kwargs: Any) -> int:
        raise smtplib.SMTPConnectError(421, "down")

    now = timezone.now()
    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", refuse)
        ask(logins["known"]) if is_password else ask_login("claire@example.org")
        run_jobs()
        for minutes in (6, 12, 18, 24, 30):
            with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
                assert answer_late() == 1
                run_jobs()
    with time_machine.travel(now + timedelta(minutes=36), tick=False):
        answer_late()
        run_jobs()
    assert len(mail.outbox) == 1
    assert not LostRequest.objects.exists()


def test_what_was_typed_is_forgotten_within_the_hour(logins: dict[str, str]) -> None:
    ask(logins["unknown"])
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        answer_late()
    assert not LostRequest.objects.exists()


def test_one_place_cannot_ask_without_end(
    logins: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("credentials.lost.services.MOST_REQUESTS", 3)
    statuses = [ask(login).status_code for login in list(logins.values())[:5]]
    assert statuses == [303, 303, 303, 429, 429]
    assert LostRequest.objects.count() == 3
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert ask(logins["known"]).status_code == 303


# --- « Identifiant oublié » ---------------------------------------------------------------------


def ask_login(email: str) -> Any:
    return Client().post(LOGIN, {"courriel": email})


@pytest.fixture
def family() -> School:
    """A mother and her two children known by one address, and somebody else by another."""
    school = make.make_school(name="CLG DU PRÉ SAINT JEAN")
    for given_name, email in (
        ("Claire", "Claire@Example.org"),
        ("Anna", "claire@example.org"),
        ("Basile", "claire@example.org"),
        ("Zoé", "zoe@example.org"),
    ):
        make.make_account(
            person=make.make_person(
                given_name=given_name, family_name="Martin", school=school, email=email
            )
        )
    return school


def test_the_mail_lists_the_logins_of_the_address_with_first_name_and_school(
    family: School,
) -> None:
    """R-E7b."""
    ask_login("CLAIRE@example.org")
    run_jobs()
    (sent,) = mail.outbox
    assert sent.to == ["CLAIRE@example.org"]
    for given_name, login in (("Claire", "claire"), ("Anna", "anna"), ("Basile", "basile")):
        line = f"{given_name} (Collège du Pré Saint Jean)\u00a0: {login}.martin"
        assert line in sent.body
    assert "zoe" not in sent.body


def test_every_address_gets_one_neutral_answer_for_the_same_statements(family: School) -> None:
    answers, costs = [], []
    for email in ("claire@example.org", "personne@example.org"):
        with CaptureQueriesContext(connection) as queries:
            answers.append(masked(ask_login(email)))
        costs.append(len(queries))
    assert answers[0] == answers[1]
    assert costs[0] == costs[1]
    page = Client().get(answers[0][2]["Location"]).content.decode()
    assert "Si des comptes sont rattachés à cette adresse" in page


def test_an_address_that_nobody_has_gets_no_mail(family: School) -> None:
    ask_login("personne@example.org")
    run_jobs()
    assert mail.outbox == []


def test_closed_and_academic_accounts_are_not_listed(family: School) -> None:
    Account.objects.filter(login="anna.martin").update(state=AccountState.BLOCKED)
    Person.objects.filter(account__login="basile.martin").update(left_at=timezone.now())
    ask_login("claire@example.org")
    run_jobs()
    (sent,) = mail.outbox
    assert "claire.martin" in sent.body
    assert "anna" not in sent.body
    assert "basile" not in sent.body
    assert "l’identifiant rattaché" in sent.body


def test_who_chose_another_address_is_known_by_that_one_only(family: School) -> None:
    person = Person.objects.get(account__login="zoe.martin")
    NotificationAddress.objects.create(
        person=person, email="Nouvelle@example.org", confirmed_at=timezone.now()
    )
    ask_login("zoe@example.org")
    run_jobs()
    assert mail.outbox == []
    ask_login("nouvelle@example.org")
    run_jobs()
    assert "zoe.martin" in mail.outbox[0].body


def test_three_mails_an_hour_to_one_address(family: School) -> None:
    for _ in range(5):
        ask_login("claire@example.org")
    run_jobs()
    assert len(mail.outbox) == 3


@pytest.mark.parametrize("typed", ["", "pas une adresse", "a@b.fr\nBcc: c@d.fr", "a@b.fr, c@d.fr"])
def test_what_is_no_address_is_refused_on_the_page(typed: str) -> None:
    assert ask_login(typed).status_code == 200
    assert not LostRequest.objects.exists()


def test_links_are_issued_by_the_job_alone(logins: dict[str, str]) -> None:
    """The web never holds a token."""
    ask(logins["known"])
    assert not PasswordLink.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        f"{PASSWORD}?identifiant={{}}",
        f"{PASSWORD}recu/?identifiant={{}}",
        f"{LOGIN}?courriel={{}}@example.org",
        f"{LOGIN}recu/?courriel={{}}@example.org",
        "/connexion/nouveau-mot-de-passe/?login={}",
        "/messagerie/adresse/?login={}",
        "/connexion/autres-comptes/?login={}",
        "/connexion/?identifiant={}",
        "/cas/login?service=https%3A%2F%2Finconnu.example%2F&username={}",
        "/connexion/lien/{}/",
    ],
)
def test_no_side_door_tells_whether_somebody_exists(logins: dict[str, str], address: str) -> None:
    """T-A4: the words of an address change nothing but the form's own address."""
    pages = []
    assert logins["known"] == "jo.connu"
    for login in ("jo.connu", "jo.connv"):
        asked = address.format(login)
        status, body, headers, cookies = masked(Client().get(asked))
        pages.append((status, body.replace(asked.encode(), b""), headers, cookies))
    assert pages[0] == pages[1]
