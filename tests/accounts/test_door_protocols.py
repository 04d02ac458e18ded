"""The interface of a door's kind, by kinds that are not CAS: a toy posts back, a toy asks here."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.doors.base import breaker
from accounts.doors.base.places import take_place
from accounts.doors.returns import stored_returns
from accounts.enums import Audience, DoorFault, MatchOn
from accounts.models import (
    Account,
    Door,
    DoorBinding,
    DoorHealth,
    DoorSession,
    StoredReturn,
)
from directory.enums import Role
from directory.models import Authority
from ent.audit.enums import Act
from ent.audit.models import AuditEvent
from signin.form_tickets.models import LoginTicket
from signin.sessions.models import Session
from signin.throttle import services as throttle
from signin.throttle.models import ThrottleCounter
from tests import factories as make
from tests.accounts.academy import academic_account, leave, who
from tests.accounts.signing import no_terms, sign_in
from tests.accounts.toy_protocol import THERE, OtherSide, toy_kinds
from tests.cast import mark_verified
from tests.kit import canaries
from tests.sso.kit import APP, make_service

if TYPE_CHECKING:
    from tests.kit.responses import TestResponse

pytestmark = pytest.mark.django_db
MAIL = "jeanne.dupont@ac-nancy-metz.example"
SECRET = "neuf hiboux gris"


@pytest.fixture
def there(own_places: None) -> Iterator[OtherSide]:
    no_terms()
    with toy_kinds() as other_side:
        yield other_side


def door_of(kind: str, there: OtherSide) -> Door:
    authority = Authority.objects.filter(code="NANCY-METZ").first()
    return Door.objects.create(
        code=f"porte-{kind}",
        authority=authority or make.make_authority(code="NANCY-METZ"),
        label="de l’académie de Nancy-Metz",
        kind=kind,
        audiences=[Audience.TEACHER.value],
        match_on=MatchOn.EMAIL,
        match_attribute="mail",
    )


@pytest.fixture
def posting(there: OtherSide) -> Door:
    return door_of("post", there)


@pytest.fixture
def asking(there: OtherSide) -> Door:
    return door_of("ldap", there)


def teacher_of(door: Door, there: OtherSide) -> Account:
    assert door.authority is not None
    there.people |= {"reponse-1": ("jdupont", MAIL), "jdupont": ("jdupont", MAIL)}
    there.secrets["jdupont"] = SECRET
    canaries.watch(SECRET)
    return academic_account(make.make_school(authority=door.authority), email=MAIL)


def nonce_of(address: str) -> str:
    assert address.startswith(f"{THERE}?")
    return parse_qs(urlsplit(address).query)["RelayState"][0]


def post_back(door: Door, nonce: str, answer: str = "reponse-1", **more: str) -> TestResponse:
    """As a browser sends a form of another site: none of our cookies, none of our tokens."""
    browser_without_cookies = Client(enforce_csrf_checks=True)
    posted = {"RelayState": nonce, "SAMLResponse": answer, **more}
    return browser_without_cookies.post(f"/guichet/{door.code}/", posted)


def address_to_go_on(stored: TestResponse) -> str:
    """The address that the page of a stored return opens by itself."""
    assert stored.status_code == 200, stored.content.decode()
    wait, _, address = stored.headers["Refresh"].partition("; url=")
    assert wait == "0"
    assert f'href="{address}"' in stored.content.decode()
    return address


def come_back(client: Client, door: Door, nonce: str, answer: str = "reponse-1") -> TestResponse:
    return client.get(address_to_go_on(post_back(door, nonce, answer)))


def type_secret(
    client: Client, door: Door, login: str, secret: str, query: str = ""
) -> TestResponse:
    address = f"/connexion/{door.code}/verifier/{query}"
    return client.post(address, {"username": login, "password": secret})


# --- a way back that is posted from another site ---------------------------------------------


def test_a_return_without_cookies_goes_on_by_a_get_that_has_them(
    client: Client, posting: Door, there: OtherSide
) -> None:
    account = teacher_of(posting, there)
    nonce = nonce_of(leave(client, posting, "?next=/mon-compte/"))
    stored = post_back(posting, nonce)
    assert not stored.cookies, "it would replace the browser's own"
    assert not there.asked, "nothing is asked before the browser is known"
    address = address_to_go_on(stored)
    assert address.startswith(f"/guichet/{posting.code}/?retour=")
    assert "reponse-1" not in address
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/mon-compte/")
    assert who(client) == account.login
    assert there.states == [f"R-{nonce}"], "the state that was kept on our side"
    assert there.signed_in == ["jdupont"]
    assert DoorBinding.objects.get().subject == "jdupont"
    assert not StoredReturn.objects.exists()


def test_a_stored_return_serves_once(client: Client, posting: Door, there: OtherSide) -> None:
    teacher_of(posting, there)
    address = address_to_go_on(post_back(posting, nonce_of(leave(client, posting))))
    client.get(address)
    again = Client().get(address)
    assert again.status_code == 403
    assert "déjà servi" in again.content.decode()
    assert there.asked == ["reponse-1"]


def test_a_stored_return_waits_two_minutes(client: Client, posting: Door, there: OtherSide) -> None:
    teacher_of(posting, there)
    nonce = nonce_of(leave(client, posting))
    address = address_to_go_on(post_back(posting, nonce))
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        late = client.get(address)
        assert late.status_code == 403
        assert "attendu trop longtemps" in late.content.decode()
        assert (there.asked, who(client)) == ([], None)
        post_back(posting, nonce)
        assert StoredReturn.objects.count() == 1, "those that nobody went on with are forgotten"


def test_a_stored_return_opens_nothing_in_another_browser(
    client: Client, posting: Door, there: OtherSide
) -> None:
    """T-B4: somebody posts their own answer and plants the address that goes on."""
    teacher_of(posting, there)
    attacker, victim = Client(), client
    planted = address_to_go_on(post_back(posting, nonce_of(leave(attacker, posting))))
    leave(victim, posting)
    answer = victim.get(planted)
    assert answer.status_code == 403
    assert "Reprenez la connexion ici" in answer.content.decode()
    assert not there.asked
    assert who(victim) is None


def test_a_stored_return_is_of_its_door(client: Client, posting: Door, there: OtherSide) -> None:
    teacher_of(posting, there)
    other = Door.objects.create(code="autre", label="x", kind="post", audiences=[])
    address = address_to_go_on(post_back(posting, nonce_of(leave(client, posting))))
    moved = client.get(address.replace(posting.code, other.code))
    assert moved.status_code == 403
    assert who(client) is None


def test_each_return_finds_the_departure_of_its_nonce(
    client: Client, posting: Door, there: OtherSide
) -> None:
    """Two tabs come back in another order than they left."""
    teacher_of(posting, there)
    there.people["reponse-2"] = there.people["reponse-1"]
    first = nonce_of(leave(client, posting, "?next=/mon-compte/"))
    second = nonce_of(leave(client, posting, "?next=/mon-compte/connexions/"))
    assert come_back(client, posting, second).headers["Location"] == "/mon-compte/connexions/"
    answer = come_back(client, posting, first, "reponse-2")
    assert answer.headers["Location"] == "/mon-compte/"


def test_a_return_without_answer_ends_the_departure_of_its_nonce_only(
    client: Client, posting: Door, there: OtherSide
) -> None:
    account = teacher_of(posting, there)
    first = nonce_of(leave(client, posting))
    second = nonce_of(leave(client, posting))
    page = come_back(client, posting, first, "")
    assert "Vous n’êtes pas connecté" in page.content.decode()
    assert come_back(client, posting, first).status_code == 403
    assert who(client) is None
    assert come_back(client, posting, second).status_code == 303
    assert who(client) == account.login


def test_who_is_signed_in_is_asked_nothing_without_a_departure(
    client: Client, posting: Door, there: OtherSide
) -> None:
    teacher_of(posting, there)
    me = make.make_account(person=make.make_person(school=make.make_school()))
    sign_in(client, me.login, make.PASSWORD)
    assert come_back(client, posting, "inconnu").status_code == 403
    assert not there.asked
    assert who(client) == me.login


def test_a_busy_door_keeps_the_stored_return(
    client: Client, posting: Door, there: OtherSide
) -> None:
    account = teacher_of(posting, there)
    there.fault = DoorFault.BUSY
    waiting = come_back(client, posting, nonce_of(leave(client, posting)))
    assert waiting.status_code == 503
    again = waiting.headers["Refresh"].partition("; url=")[2]
    assert again.endswith("&essai=2")
    there.fault = None
    assert client.get(again).status_code == 303
    assert who(client) == account.login


def test_a_renewal_is_held_to_whatever_the_kind(
    client: Client, posting: Door, there: OtherSide
) -> None:
    Door.objects.update(renew_policy="toujours")
    teacher_of(posting, there)
    refused = come_back(client, posting, nonce_of(leave(client, posting)))
    assert "pas été refaite" in refused.content.decode()
    there.people["reponse-2"] = ("jdupont!", MAIL)
    assert (
        come_back(client, posting, nonce_of(leave(client, posting)), "reponse-2").status_code == 303
    )


def test_the_other_side_ends_a_session_by_the_name_that_it_gave(
    client: Client, posting: Door, there: OtherSide
) -> None:
    teacher_of(posting, there)
    come_back(client, posting, nonce_of(leave(client, posting)))
    for name, is_in in (("reponse-1", True), ("session of jdupont", False)):
        posted = Client(enforce_csrf_checks=True).post(
            f"/guichet/{posting.code}/", {"SAMLLogout": name}
        )
        assert (posted.status_code, posted.content) == (204, b"")
        assert (who(client) is not None) == is_in
    assert len(there.signed_out) == 1
    assert not DoorSession.objects.exists()


def test_a_session_without_named_answer_is_ended_by_the_other_side_too(
    client: Client, posting: Door, there: OtherSide
) -> None:
    """OIDC names the session alone: two people may come in so at one door."""
    there.names_no_answer = True
    account = teacher_of(posting, there)
    assert account.person.main_school is not None
    academic_account(account.person.main_school, email="b@ac.example", name="Bob")
    there.people["reponse-2"] = ("bob", "b@ac.example")
    other = Client()
    assert come_back(client, posting, nonce_of(leave(client, posting))).status_code == 303
    assert (
        come_back(other, posting, nonce_of(leave(other, posting)), "reponse-2").status_code == 303
    )
    post_back(posting, "x", SAMLLogout="session of bob")
    assert (who(client), who(other)) == (account.login, None)


@pytest.mark.parametrize("body", [{}, {"logoutRequest": "x"}, {"ticket": "ST-1"}])
def test_what_is_no_message_of_the_kind_is_204(
    posting: Door, there: OtherSide, body: dict[str, str]
) -> None:
    posted = Client(enforce_csrf_checks=True).post(f"/guichet/{posting.code}/", body)
    assert (posted.status_code, posted.content) == (204, b"")
    assert not StoredReturn.objects.exists()


def test_what_is_posted_is_bounded_in_size_and_in_number(
    posting: Door, there: OtherSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert post_back(posting, "n", "x" * 5000).status_code == 204
    assert post_back(posting, "n" * 3000).status_code == 200
    StoredReturn.objects.all().delete()
    monkeypatch.setattr(stored_returns, "MOST_OF_ONE_SOURCE", 1)
    assert post_back(posting, "n").status_code == 200
    crowded = post_back(posting, "n")
    assert (crowded.status_code, len(crowded.cookies)) == (503, 0)
    assert StoredReturn.objects.count() == 1
    elsewhere = {"RelayState": "n", "SAMLResponse": "reponse-1"}
    address = f"/guichet/{posting.code}/"
    kept = Client().post(address, elsewhere, REMOTE_ADDR="198.51.100.7")
    assert kept.status_code == 200, "whoever floods keeps out their own address only"
    monkeypatch.setattr(stored_returns, "MOST_OF_ALL", 2)
    full = Client().post(address, elsewhere, REMOTE_ADDR="198.51.100.8")
    assert full.status_code == 503


def test_a_ticket_in_the_address_is_nothing_for_another_kind(
    client: Client, posting: Door, there: OtherSide
) -> None:
    nonce = nonce_of(leave(client, posting))
    page = client.get(f"/guichet/{posting.code}/", {"ticket": "ST-1"})
    assert "Vous n’êtes pas connecté" in page.content.decode()
    teacher_of(posting, there)
    assert come_back(client, posting, nonce).status_code == 303, "and it uses nothing up"


def test_a_kind_without_sign_out_of_its_own_ends_here(
    client: Client, posting: Door, there: OtherSide
) -> None:
    teacher_of(posting, there)
    come_back(client, posting, nonce_of(leave(client, posting)))
    answer = client.post("/deconnexion/", follow=True)
    assert answer.redirect_chain[-1][0] == "/deconnexion/terminee/"
    assert who(client) is None


# --- a secret that is typed here and known elsewhere -------------------------------------------


def test_a_secret_typed_here_is_checked_there_and_opens_a_session(
    client: Client, asking: Door, there: OtherSide
) -> None:
    account = teacher_of(asking, there)
    page = client.get(f"/connexion/{asking.code}/?next=/mon-compte/").content.decode()
    assert f'action="/connexion/{asking.code}/verifier/?next=%2Fmon-compte%2F"' in page
    assert 'name="password"' in page
    answer = type_secret(client, asking, "jdupont", SECRET, "?next=/mon-compte/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/mon-compte/")
    assert who(client) == account.login
    assert Session.objects.get(principal=account.uuid).door_code == asking.code
    assert AuditEvent.objects.filter(act="account:sign-in:success").exists()
    counter = ThrottleCounter.objects.get()
    assert (counter.tries, counter.blocked_until) == (0, None)


def test_a_wrong_secret_keeps_the_login_and_says_whom_to_call(client: Client, asking: Door) -> None:
    """As at a local door: of the address' school, never of whoever bears the login (T-A1)."""
    school = make.make_school(name="Université Colette", phone="03 83 00 00 01")
    for _ in range(6):
        page = type_secret(client, asking, "J.Dupont", "faux", f"?etablissement={school.uai}")
        text = page.content.decode()
        assert 'name="username" value="J.Dupont"' in text
        assert "faux" not in text
        assert "Université Colette" in text
        assert "tel:0383000001" in text
    assert page.status_code == 429


def test_a_wrong_secret_is_counted_and_after_five_one_waits(
    client: Client, asking: Door, there: OtherSide
) -> None:
    teacher_of(asking, there)
    for _ in range(5):
        page = type_secret(client, asking, "jdupont", "faux")
        assert (page.status_code, who(client)) == (200, None)
        assert "incorrect" in page.content.decode()
        assert "faux" not in page.content.decode()
    waiting = type_secret(client, asking, "jdupont", SECRET)
    assert waiting.status_code == 429
    assert "Trop d’essais" in waiting.content.decode()
    assert int(waiting.headers["Retry-After"]) > 0
    assert len(there.asked) == 5, "who waits is not evaluated"
    assert AuditEvent.objects.filter(act=Act.SIGN_IN_FAILED).count() == 5


def test_the_spellings_of_one_login_count_together(
    client: Client, asking: Door, there: OtherSide
) -> None:
    """A server that compares without case or accents would else give five tries to each."""
    teacher_of(asking, there)
    for login in ("jdupont", "JDUPONT", "j dupont", "jdupo\u200bnt", "jdup\u00f4nt"):
        assert type_secret(client, asking, login, "faux").status_code == 200
    assert type_secret(client, asking, "Jdupont", SECRET).status_code == 429
    assert type_secret(client, asking, "j.dupont", SECRET).status_code == 200, "somebody else"


@pytest.mark.parametrize("fault", [DoorFault.DNS, DoorFault.REFUSED, DoorFault.TLS, DoorFault.BUSY])
def test_what_the_server_was_not_asked_is_no_try(
    client: Client, asking: Door, there: OtherSide, fault: DoorFault
) -> None:
    teacher_of(asking, there)
    there.fault = fault
    for _ in range(7):  # the last ones meet a door that rests
        assert type_secret(client, asking, "jdupont", SECRET).status_code == 503
    there.fault = None
    DoorHealth.objects.all().delete()
    assert type_secret(client, asking, "jdupont", SECRET).status_code == 303


def test_what_the_server_may_have_judged_stays_a_try(
    client: Client, asking: Door, there: OtherSide
) -> None:
    teacher_of(asking, there)
    there.fault = DoorFault.HANG
    type_secret(client, asking, "jdupont", "faux")
    assert ThrottleCounter.objects.get().tries == 1


def test_a_browser_that_came_in_before_is_not_kept_out_by_strangers(
    client: Client, asking: Door, there: OtherSide
) -> None:
    """T-A6, at the door of another server."""
    account = teacher_of(asking, there)
    type_secret(client, asking, "jdupont", SECRET)
    client.post("/deconnexion/")
    for _ in range(6):
        type_secret(Client(), asking, "jdupont", "faux")
    assert type_secret(Client(), asking, "jdupont", SECRET).status_code == 429
    assert type_secret(client, asking, "jdupont", SECRET).status_code == 303
    assert who(client) == account.login


def test_passwords_tried_in_series_there_slow_their_address(
    client: Client, asking: Door, there: OtherSide
) -> None:
    """T-A7, at the door of another server."""
    with time_machine.travel(timezone.now(), tick=False):
        for number in range(throttle.ADDRESS_FAILURES):
            source = throttle.source_of(
                login=f"{asking.code}:cible{number}", address_group="127.0.0.1"
            )
            throttle.count_failure(source)
        assert type_secret(client, asking, "encore", "faux").status_code == 429
    assert AuditEvent.objects.filter(act=Act.SPRAY_DETECTED).count() == 1


def test_a_service_that_asked_for_such_a_door_gets_its_ticket(
    client: Client, asking: Door, there: OtherSide
) -> None:
    teacher_of(asking, there)
    make_service(APP)
    page = client.get("/cas/login", {"service": APP, "guichet": asking.code, "renew": "true"})
    [action] = re.findall(r'action="([^"]+/verifier/[^"]*)"', page.content.decode())
    typed = client.post(html.unescape(action), {"username": "jdupont", "password": SECRET})
    assert typed.status_code == 303
    answer = client.get(typed.headers["Location"])
    assert answer.headers["Location"].startswith(f"{APP}?ticket=ST-")


def test_tries_at_such_a_door_do_not_count_against_a_local_login(
    client: Client, asking: Door, there: OtherSide
) -> None:
    local = make.make_account(person=make.make_person(school=make.make_school()))
    for _ in range(6):
        type_secret(client, asking, local.login, "faux")
    assert sign_in(client, local.login, make.PASSWORD).status_code == 303


def test_its_form_serves_once(asking: Door, there: OtherSide) -> None:
    teacher_of(asking, there)
    client = Client(enforce_csrf_checks=True)
    assert type_secret(client, asking, "jdupont", SECRET).status_code == 403
    assert not there.asked
    page = client.get(f"/connexion/{asking.code}/").content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    form = {"username": "jdupont", "password": "faux", "csrfmiddlewaretoken": token}
    address = f"/connexion/{asking.code}/verifier/"
    assert client.post(address, form).status_code == 200
    assert client.post(address, {**form, "password": SECRET}).status_code == 403
    assert LoginTicket.objects.count() == 1
    assert who(client) is None


def test_a_server_that_fails_rests_and_is_left_alone(
    client: Client, asking: Door, there: OtherSide
) -> None:
    teacher_of(asking, there)
    there.fault = DoorFault.BROKEN
    for _ in range(breaker.FAILURES):
        page = type_secret(client, asking, "jdupont", SECRET)
        assert page.status_code == 503
        assert "ne répond pas" in page.content.decode()
    assert DoorHealth.objects.get(door=asking).failures == breaker.FAILURES
    type_secret(client, asking, "jdupont", SECRET)
    assert len(there.asked) == breaker.FAILURES


def test_a_check_holds_one_place_of_its_door(
    client: Client, asking: Door, there: OtherSide, settings: Settings
) -> None:
    account = teacher_of(asking, there)
    settings.DOOR_PLACES = 1
    give_back = take_place(asking)
    busy = type_secret(client, asking, "jdupont", SECRET)
    assert (busy.status_code, there.asked) == (503, [])
    give_back()
    for _ in range(2):
        assert type_secret(client, asking, "jdupont", SECRET).status_code == 303
    assert who(client) == account.login


def test_a_check_holds_one_place_of_the_sign_ins(
    client: Client, asking: Door, there: OtherSide, settings: Settings
) -> None:
    teacher_of(asking, there)
    settings.SIGN_IN_PLACES = settings.SIGN_IN_WAITING = 0
    busy = type_secret(client, asking, "jdupont", SECRET)
    assert (busy.status_code, there.asked) == (503, [])
    assert busy.headers["Retry-After"]


def test_whom_the_server_knows_and_we_do_not_is_refused_with_a_reference(
    client: Client, asking: Door, there: OtherSide
) -> None:
    there.people["inconnu"] = ("inconnu", "inconnu@ac.example")
    there.secrets["inconnu"] = SECRET
    page = type_secret(client, asking, "inconnu", SECRET)
    assert page.status_code == 403
    assert "n’a pas été trouvé" in page.content.decode()
    assert "Se déconnecter de l’académie" not in page.content.decode()


def test_a_proof_asked_again_by_somebody_else_changes_nothing(
    client: Client, asking: Door, there: OtherSide
) -> None:
    account = teacher_of(asking, there)
    assert account.person.main_school is not None
    academic_account(account.person.main_school, email="b@ac.example", name="Bob")
    there.people["bob"], there.secrets["bob"] = ("bob", "b@ac.example"), SECRET
    type_secret(client, asking, "jdupont", SECRET)
    query = "?renouveler=1&next=/mon-compte/"
    assert type_secret(client, asking, "bob", SECRET, query).status_code == 409
    assert who(client) == account.login
    assert type_secret(client, asking, "jdupont", SECRET, query).status_code == 303


def test_the_address_of_local_forms_evaluates_no_such_secret(
    client: Client, asking: Door, there: OtherSide
) -> None:
    form = {"username": "jdupont", "password": SECRET}
    page = client.post(f"/connexion/{asking.code}/", form)
    assert page.status_code == 200
    assert SECRET not in page.content.decode()
    assert not there.asked
    assert not ThrottleCounter.objects.exists()


def test_such_a_door_without_key_says_so(client: Client, asking: Door, there: OtherSide) -> None:
    teacher_of(asking, there)
    type_secret(client, asking, "jdupont", SECRET)
    query = "?exiger=cle-otp&next=/mon-compte/"
    page = client.get(f"/connexion/{asking.code}/{query}")
    assert page.status_code == 403
    assert "Une preuve de plus" in page.content.decode()
    Door.objects.update(key_method="cle")
    typed = type_secret(client, asking, "jdupont", SECRET, query)
    assert "n’a pas été utilisée" in typed.content.decode()


@pytest.mark.parametrize("kind", ["local", "cas", "post"])
def test_no_other_kind_evaluates_a_secret_there(
    client: Client, there: OtherSide, kind: str
) -> None:
    door = door_of(kind, there)
    assert type_secret(client, door, "jdupont", SECRET).status_code == 404
    asking = door_of("ldap", there)
    Door.objects.filter(pk=asking.pk).update(is_open=False)
    assert type_secret(client, asking, "jdupont", SECRET).status_code == 404
    assert not there.asked


def test_the_desk_lists_a_door_whose_kind_does_not_work_and_opens_it_to_nobody(
    client: Client, own_places: None
) -> None:
    door = Door.objects.create(code="ldap", label="x", kind="saml", audiences=["enseignant"])
    person = make.make_person()
    make.give_role(person=person, role=Role.ENT_ADMINISTRATOR)
    desk = Client()
    desk.force_login(make.make_account(person=person))
    mark_verified(desk)
    folder = "/annuaire/administration/guichets/"
    assert "Adresse à indiquer" in desk.get(folder).content.decode()
    assert desk.get(f"{folder}{door.code}/").status_code == 404
    assert "pas encore ouvert" in client.get(f"/connexion/{door.code}/").content.decode()
    assert client.get(f"/guichet/{door.code}/").status_code == 404


def test_the_desk_shows_tries_and_saves_a_door_of_another_kind(
    asking: Door, there: OtherSide
) -> None:
    person = make.make_person()
    make.give_role(person=person, role=Role.ENT_ADMINISTRATOR)
    desk = Client()
    desk.force_login(make.make_account(person=person))
    mark_verified(desk)
    address = f"/annuaire/administration/guichets/{asking.code}/"
    assert f"https://ent.example/guichet/{asking.code}/" in desk.get(address).content.decode()
    assert "Tout va bien." in desk.post(f"{address}tester/").content.decode()
    assert asking.authority is not None
    values = {
        "label": "d’ailleurs",
        "authority": asking.authority.pk,
        "audiences": asking.audiences,
        "position": 1,
        "is_open": "on",
    }
    assert desk.post(address, values).status_code == 302
    asking.refresh_from_db()
    assert asking.label == "d’ailleurs"


@pytest.mark.parametrize("page", ["/cas/login?service={app}&guichet=", "/connexion/?guichet="])
def test_the_form_may_be_posted_to_the_page_that_shows_it(
    page: str, client: Client, asking: Door, there: OtherSide
) -> None:
    """Programs that read `/cas/login` send it there."""
    account = teacher_of(asking, there)
    make_service(APP)
    address = page.format(app=quote(APP, safe="")) + asking.code
    assert 'class="cas__login-form"' in client.get(address).text
    refused = client.post(address, {"username": "jdupont", "password": "mauvais"})
    assert "Identifiant ou mot de passe incorrect." in refused.text
    answer = client.post(address, {"username": "jdupont", "password": SECRET})
    assert answer.status_code == 303
    assert who(client) == account.login
    if page.startswith("/cas/"):
        assert answer.headers["Location"].startswith(f"{APP}?ticket=ST-")
