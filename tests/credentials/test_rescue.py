"""Rescues at a counter and of a class: shown once, one winner, never upwards, everybody told."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from accounts.enums import AccountState
from accounts.models import Account, ReservedLogin
from accounts.provisioning.login_changes import is_reserved
from credentials.models import SlipPrinting
from credentials.rescue import services as rescue
from credentials.rescue.services import MOST_AN_HOUR
from directory.enums import AccessState, Profile
from directory.models import Person
from ent.audit.enums import Act, Outcome
from ent.audit.models import AuditEvent
from ent.files.models import StoredFile
from ent.files.reading import read_file
from messaging.models import MailboxEntry
from signin.one_time_codes import matches
from signin.sessions.models import Session
from signin.throttle import services as throttle
from tests import factories as make
from tests.accounts.signing import no_terms, sign_in
from tests.cast import Cast
from tests.credentials.test_files import run_waiting_jobs
from tests.kit import canaries

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person | None], Client]
SHOWN = re.compile(r'name="vu" value="([^"]+)"')
CODE = re.compile(r"(?<=[ >\n])[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}(?=[ <\n]|$)")


def address(person: Person, act: str = "regenerate-password") -> str:
    return reverse(f"credentials:{act}", args=[person.uuid])


def seen(account: Account) -> dict[str, str]:
    """What the page's form posts."""
    return {"generation": str(account.code_generation)}


def regenerated(client: Client, account: Account) -> str:
    """Press OK and return the code that the answer shows."""
    account.refresh_from_db()
    answer = client.post(address(account.person), seen(account))
    assert answer.status_code == 200
    found = CODE.search(answer.content.decode())
    assert found is not None
    canaries.watch(found[0])
    return found[0]


def test_the_code_shown_opens_only_the_choice_of_a_password(cast: Cast, client_of: SignIn) -> None:
    """R-E8, R-E9: what was handed over works, the former password does not."""
    account = cast.pupil.account
    code = regenerated(client_of(cast.credentials_manager), account)
    account.refresh_from_db()
    assert (account.state, account.password) == (AccountState.PENDING, "")
    assert matches(account.activation_code.verifier, code, account.uuid, account.code_generation)
    cast.pupil.refresh_from_db()
    assert cast.pupil.access_state == AccessState.PENDING


def test_it_is_shown_once_and_stands_nowhere_else(cast: Cast, client_of: SignIn) -> None:
    """T-F6: no-store, gone from the next page, not in the session, a reload changes nothing."""
    client = client_of(cast.credentials_manager)
    account = cast.pupil.account
    posted = seen(account)
    answer = client.post(address(cast.pupil), posted)
    (code,) = CODE.findall(answer.content.decode())
    assert "no-store" in answer["Cache-Control"]
    account.refresh_from_db()
    generation = account.code_generation
    reloaded = client.post(address(cast.pupil), posted)
    assert reloaded.status_code == 409
    assert "Rien n’a été changé" in reloaded.content.decode()
    for page in (reloaded, client.get(address(cast.pupil))):
        assert code not in page.content.decode()
    assert code not in str(list(Session.objects.values_list("data", flat=True)))
    account.refresh_from_db()
    assert account.code_generation == generation


def test_sessions_end_and_owner_and_actor_are_told_without_the_code(
    cast: Cast, client_of: SignIn
) -> None:
    """T-B2, T-C9: the owner's browsers are out; the report holds no secret."""
    browser = client_of(cast.pupil)
    assert browser.get("/accueil/").status_code in {200, 404}
    code = regenerated(client_of(cast.credentials_manager), cast.pupil.account)
    assert not Session.objects.filter(principal=cast.pupil.account.uuid).exists()
    told = MailboxEntry.objects.select_related("message")
    owner = told.get(recipient=cast.pupil).message
    actor = told.get(recipient=cast.credentials_manager).message
    assert "remplacé" in owner.body
    assert cast.pupil.full_name in actor.body
    assert code not in owner.body + actor.body
    event = AuditEvent.objects.about(cast.pupil.uuid).of_acts([Act.PASSWORD_REGENERATED]).get()
    assert event.outcome == Outcome.SUCCESS


def test_two_managers_at_the_same_second_one_rescues_and_the_other_is_told(
    cast: Cast, client_of: SignIn
) -> None:
    """T-F9: the code that was read out first goes on working."""
    first, second = client_of(cast.credentials_manager), client_of(cast.manager_a)
    posted = seen(cast.pupil.account)
    (code,) = CODE.findall(first.post(address(cast.pupil), posted).content.decode())
    assert second.post(address(cast.pupil), posted).status_code == 409
    account = Account.objects.select_related("activation_code").get(pk=cast.pupil.account.pk)
    assert matches(account.activation_code.verifier, code, account.uuid, account.code_generation)


def test_nobody_is_rescued_upwards_nor_by_themselves(cast: Cast, client_of: SignIn) -> None:
    """T-F7: staff, heads, other managers, administrators and oneself; a refused post is noted."""
    client = client_of(cast.credentials_manager)
    for person in (cast.teacher, cast.head, cast.manager_a, cast.credentials_manager):
        account = person.account
        answer = client.post(address(person), seen(account))
        assert answer.status_code == 403
        before = account.password
        account.refresh_from_db()
        assert account.password == before
        assert AuditEvent.objects.about(person.uuid).get().outcome == Outcome.REFUSED
    assert client.post(address(cast.pupil_b), {"generation": "0"}).status_code == 404


def test_an_academic_account_says_why_there_is_nothing_to_regenerate(
    cast: Cast, client_of: SignIn
) -> None:
    page = client_of(cast.manager_a).get(reverse("directory:person", args=[cast.teacher.uuid]))
    assert "L’assistance de l’académie" in page.content.decode()


def test_thirty_an_hour_then_an_alert(
    cast: Cast, client_of: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T-F8, with a lower ceiling; the constant is the one of the decision."""
    assert MOST_AN_HOUR == 30
    monkeypatch.setattr(rescue, "MOST_AN_HOUR", 2)
    client = client_of(cast.credentials_manager)
    regenerated(client, cast.pupil.account)
    regenerated(client, cast.pupil.account)
    account = cast.pupil.account
    account.refresh_from_db()
    assert client.post(address(cast.pupil), seen(account)).status_code == 429
    generation = account.code_generation
    account.refresh_from_db()
    assert account.code_generation == generation
    assert AuditEvent.objects.by(cast.credentials_manager.uuid).of_acts([Act.CEILING_REACHED])


def test_a_changed_login_is_reserved_for_ever_and_both_are_told(
    cast: Cast, client_of: SignIn
) -> None:
    """R-D3."""
    client = client_of(cast.credentials_manager)
    former = cast.pupil.account.login
    page = client.post(address(cast.pupil, "change-login"), {"identifiant": "Manon.Bis"})
    assert page.status_code == 302
    account = Account.objects.get(pk=cast.pupil.account.pk)
    cast.pupil.refresh_from_db()
    assert account.login == cast.pupil.login == "manon.bis"
    assert is_reserved(former)
    assert MailboxEntry.objects.filter(recipient=cast.pupil).count() == 1
    other = client.post(address(cast.classmate, "change-login"), {"identifiant": former})
    assert "a appartenu à quelqu’un d’autre" in other.content.decode()


@pytest.mark.parametrize(
    "typed", ["naël", "аdmin", "admin", "a b", "'; drop table", "x" * 71, "alice.gerante"]
)
def test_a_login_that_cannot_be_is_refused_with_its_reason(
    typed: str, cast: Cast, client_of: SignIn
) -> None:
    """T-I5 for the login: ASCII only, nobody else's, no word of a service."""
    Account.objects.filter(pk=cast.manager_a.account.pk).update(login="alice.gerante")
    before = cast.pupil.account.login
    client = client_of(cast.credentials_manager)
    page = client.post(address(cast.pupil, "change-login"), {"identifiant": typed})
    assert page.status_code == 200
    assert "field-error" in page.content.decode()
    assert Account.objects.get(pk=cast.pupil.account.pk).login == before
    assert not ReservedLogin.objects.exists()


def test_a_class_is_rescued_at_once_with_slips_that_work(cast: Cast, client_of: SignIn) -> None:
    """Every pupil of the class, nobody else; the printed code is the one that opens."""
    client = client_of(cast.form_teacher)
    where = reverse("credentials:rescue-class", args=[cast.class_a.uuid])
    page = client.get(where).content.decode()
    assert '<span class="numbers">2</span> mots de passe à remplacer' in page
    shown = timezone.now().isoformat()
    wrong = client.post(where, {"profils": Profile.PUPIL.value, "nombre": "7", "vu": shown})
    assert "Le nombre est 2" in wrong.content.decode()
    assert cast.pupil.account.code_generation == 0
    asked = {"profils": "eleve", "nombre": "2", "vu": shown}
    assert client.post(where, asked).status_code == 302
    run_waiting_jobs()
    printing = SlipPrinting.objects.get()
    assert printing.code_count == 2
    assert printing.stored_uuid is not None
    pdf = b"".join(read_file(StoredFile.objects.get(uuid=printing.stored_uuid)))
    words = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    codes = set(CODE.findall(words))
    for person in (cast.pupil, cast.child_a):
        account = Account.objects.select_related("activation_code").get(person=person)
        verifier, generation = account.activation_code.verifier, account.code_generation
        assert any(matches(verifier, code, account.uuid, generation) for code in codes)
    classmate = Account.objects.get(person=cast.classmate)
    assert classmate.state == AccountState.ACTIVE


def test_two_managers_rescue_one_class_at_the_same_second_and_the_second_is_told(
    cast: Cast, client_of: SignIn
) -> None:
    """T-F9: the slips of the first go on working; asked again from the fresh page, it is done."""
    where = reverse("credentials:rescue-class", args=[cast.class_a.uuid])
    first, second = client_of(cast.form_teacher), client_of(cast.manager_a)
    shown = SHOWN.search(second.get(where).content.decode())
    assert shown is not None
    asked = {"profils": "eleve", "nombre": "2", "vu": shown[1]}
    assert first.post(where, asked).status_code == 302
    for late in (asked, {**asked, "vu": ""}):
        told = second.post(where, late).content.decode()
        assert "Rien n’a été changé" in told
    account = Account.objects.get(person=cast.pupil)
    assert account.code_generation == 1
    assert SlipPrinting.objects.count() == 1
    again = SHOWN.search(told)
    assert again is not None
    assert second.post(where, {**asked, "vu": again[1]}).status_code == 302


def test_a_class_costs_as_many_statements_as_one_pupil(
    cast: Cast, client_of: SignIn, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        person = make.make_person(school=cast.school_a, given_name=f"Lou{number}")
        make.put_in_group(person=person, group=cast.class_a)
        make.make_account(person=person, login=f"lou.{number}")
    where = reverse("credentials:rescue-class", args=[cast.class_a.uuid])
    asked = {"profils": "eleve", "nombre": "22", "vu": timezone.now().isoformat()}
    client = client_of(cast.manager_a)
    with django_assert_max_num_queries(45):
        assert client.post(where, asked).status_code == 302


def test_a_class_rescued_leaves_the_ceiling_of_single_rescues_alone(
    cast: Cast, client_of: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ceiling sends people to the class: it must not close the counter afterwards."""
    monkeypatch.setattr(rescue, "MOST_AN_HOUR", 1)
    client = client_of(cast.credentials_manager)
    client.post(address(cast.teacher), seen(cast.teacher.account))  # refused: not counted either
    where = reverse("credentials:rescue-class", args=[cast.class_a.uuid])
    asked = {"profils": "eleve", "nombre": "2", "vu": timezone.now().isoformat()}
    assert client.post(where, asked).status_code == 302
    regenerated(client, cast.classmate.account)


@pytest.mark.parametrize("what", ["academic", "blocked", "left"])
def test_an_account_without_anything_to_regenerate_keeps_what_it_has(
    what: str, cast: Cast, client_of: SignIn
) -> None:
    """An administrator's rank reaches teachers and every pupil: what the account is decides."""
    account, reason = cast.teacher.account, "L’assistance de l’académie"
    if what != "academic":
        account, reason = cast.pupil.account, "bloqué" if what == "blocked" else "fermé"
    if what == "blocked":
        Account.objects.filter(pk=account.pk).update(state=AccountState.BLOCKED)
    if what == "left":
        Person.objects.filter(pk=account.person_id).update(left_at=timezone.now())
    before = Account.objects.filter(pk=account.pk).values().get()
    for act, form in (
        ("regenerate-password", seen(account)),
        ("change-login", {"identifiant": "autre.nom"}),
        ("unlock", {}),
    ):
        answer = client_of(cast.ent_administrator).post(address(account.person, act), form)
        assert answer.status_code == 403
        assert reason in answer.content.decode()
    assert Account.objects.filter(pk=account.pk).values().get() == before
    refused = AuditEvent.objects.about(account.person.uuid).filter(outcome=Outcome.REFUSED)
    acts = {Act.PASSWORD_REGENERATED, Act.LOGIN_CHANGED, Act.ACCOUNT_UNLOCKED}
    assert set(refused.values_list("act", flat=True)) == acts


def test_a_bullied_pupil_waits_a_quarter_of_an_hour_at_most_and_is_unlocked_at_once(
    cast: Cast, client_of: SignIn
) -> None:
    """T-A8: thirty wrong tries by a classmate behind the same address; nothing is for good."""
    no_terms()
    login, school_s = cast.pupil.account.login, "192.0.2.7"
    now = timezone.now()
    for number in range(30):  # the classmate comes back after each wait
        with time_machine.travel(now + timedelta(minutes=16 * number), tick=False):
            sign_in(Client(), login, "faux", REMOTE_ADDR=school_s)
            assert throttle.wait_of(login) <= 15 * 60
    with time_machine.travel(now + timedelta(minutes=16 * 29, seconds=5)):
        waits = sign_in(Client(), login, make.PASSWORD, REMOTE_ADDR=school_s)
        assert waits.status_code == 429
        assert "minutes" in waits.content.decode()
        client = client_of(cast.credentials_manager)
        assert "attendre 15" in client.get(address(cast.pupil, "unlock")).text
        assert client.post(address(cast.pupil, "unlock")).status_code == 302
        enters = sign_in(Client(), login, make.PASSWORD, REMOTE_ADDR=school_s)
        assert enters.status_code == 303
        assert "n’attend pas" in client.get(address(cast.pupil, "unlock")).text
        events = AuditEvent.objects.about(cast.pupil.uuid).of_acts([Act.ACCOUNT_UNLOCKED])
        assert events.by(cast.credentials_manager.uuid).count() == 1
        sheet = client.get(reverse("directory:person", args=[cast.pupil.uuid])).content.decode()
        assert "ébloqu" in sheet


def test_a_pending_account_gets_a_new_code_and_the_slip_before_it_dies(
    cast: Cast, client_of: SignIn
) -> None:
    person = make.make_person(school=cast.school_a, given_name="Lou", family_name="Nadal")
    account = make.make_account(person=person, state=AccountState.PENDING)
    from credentials.codes.issuing import draw_codes

    old = draw_codes(account_ids=[account.pk], now=datetime.now(UTC))[account.pk]
    regenerated(client_of(cast.manager_a), account)
    fresh = Account.objects.select_related("activation_code").get(pk=account.pk)
    assert not matches(fresh.activation_code.verifier, old, fresh.uuid, fresh.code_generation)


def test_no_class_is_left_out_of_the_list_in_silence(cast: Cast, client_of: SignIn) -> None:
    """The count says how many there are, and pages keep what was searched."""
    for number in range(60):
        make.make_class(school=cast.school_a, code=f"5X{number:02}")
    client = client_of(cast.manager_a)
    where = reverse("credentials:rescue-classes")
    page = client.get(where, {"q": "5X"}).content.decode()
    assert "60 classes et groupes" in page
    assert 'href="?q=5X&amp;page=2"' in page
    assert "5X59" in client.get(where, {"q": "5X", "page": "2"}).content.decode()
    assert "Écrivez autrement" in client.get(where, {"q": "introuvable"}).content.decode()


@pytest.mark.parametrize("name", ["choose-slips-school", "choose-mailing-school"])
def test_no_school_is_left_out_of_a_choice_in_silence(
    name: str, cast: Cast, client_of: SignIn
) -> None:
    for number in range(60):
        make.make_school(uai=f"057{number:04}A", name=f"École {number:02}")
    client = client_of(cast.ent_administrator)
    page = client.get(reverse(f"credentials:{name}"), {"q": "école"}).content.decode()
    assert "60 établissements" in page
    assert "page=2" in page
    last = client.get(reverse(f"credentials:{name}"), {"q": "école", "page": "99"})
    assert "École 59" in last.content.decode()


def test_a_wait_is_said_to_be_over_where_somebody_waited(cast: Cast, client_of: SignIn) -> None:
    account = cast.pupil.account
    client = client_of(cast.credentials_manager)
    regenerated(client, account)
    assert not AuditEvent.objects.filter(act=Act.ACCOUNT_UNLOCKED).exists()
    for _ in range(throttle.FREE_TRIES):
        throttle.admit(throttle.source_of(login=account.login, address_group="192.0.2.1"))
    assert throttle.wait_of(account.login)
    regenerated(client, account)
    assert AuditEvent.objects.filter(act=Act.ACCOUNT_UNLOCKED).count() == 1
    assert not throttle.wait_of(account.login)


@pytest.mark.parametrize("login", ["a", "ab", "  x "])
def test_a_login_is_more_than_two_letters(login: str, cast: Cast, client_of: SignIn) -> None:
    page = client_of(cast.credentials_manager).post(
        address(cast.pupil, "change-login"), {"identifiant": login}
    )
    assert "au moins trois caractères" in page.content.decode()
    assert Account.objects.get(person=cast.pupil).login == cast.pupil.account.login
