"""Coming in through an academy: leaving, the ticket, what the browser may not do by itself."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.desk.blocking import block_account
from accounts.doors.returns import services as academic
from accounts.enums import AccountState
from accounts.models import Account, CasServer, Door, DoorBinding, DoorSession, TermsText
from accounts.session_ends.endings import end_account_sessions
from directory.enums import Profile, Role
from ent.audit.models import AuditEvent
from signin.sessions.models import Session
from tests import factories as make
from tests.accounts.academy import (
    StandIn,
    academic_account,
    academic_door,
    come_back,
    leave,
    who,
)
from tests.accounts.applications import ENROL, application_shown_by
from tests.accounts.signing import sign_in
from tests.sso.kit import APP, make_service

pytestmark = pytest.mark.django_db


def test_the_first_sign_in_binds_and_opens_the_account(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    address = leave(client, door)
    query = parse_qs(urlsplit(address).query)
    assert query == {"service": [f"http://127.0.0.1:8000/guichet/{door.code}/"]}
    academy.issue("ST-1-abc", "JDupont", mail="jeanne.dupont@ac-nancy-metz.example")
    answer = come_back(client, door, "ST-1-abc")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/accueil/")
    account.refresh_from_db()
    assert account.state == AccountState.ACTIVE
    binding = DoorBinding.objects.get()
    assert (binding.subject, binding.account) == ("jdupont", account)
    assert who(client) == account.login
    assert Session.objects.get().data["methods"] == ["academie"]
    acts = set(AuditEvent.objects.values_list("act", flat=True))
    assert {"account:binding:made", "account:sign-in:success"} <= acts


def test_the_page_that_was_asked_for_opens_after_the_academy(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    leave(client, door, "?next=/mon-compte/")
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    assert come_back(client, door, "ST-1").headers["Location"] == "/mon-compte/"


@pytest.mark.parametrize("warn", [{}, {"warn": "on"}])
def test_who_asks_at_the_door_is_warned_before_the_next_service(
    warn: dict[str, str], client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    """`warn` (CAS 3.0.3, 2.2.1): it travels to the academy and back."""
    make_service()
    make_service("https://autre.example.fr/", code="autre")
    asked = f"/cas/login?service={quote(APP, safe='')}"
    query = f"?next={quote(asked, safe='')}"
    assert 'name="warn"' in client.get(f"/connexion/{door.code}/{query}").content.decode()
    leave(client, door, query, **warn)
    academy.issue("ST-1", "jdupont", mail=account.person.email, isFromNewLogin="true")
    back = client.get(come_back(client, door, "ST-1").headers["Location"])
    assert back.headers["Location"].startswith(f"{APP}?ticket=ST-")
    other = client.get("/cas/login?service=https://autre.example.fr/")
    assert other.status_code == (200 if warn else 303)


def test_session_and_forgery_secret_change_at_the_academic_sign_in(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    """T-B1: what was known before opens nothing after."""
    leave(client, door)
    before = client.cookies["preau_session"].value
    client.get("/connexion/")
    token = client.cookies["preau_csrf"].value
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    come_back(client, door, "ST-1")
    assert client.cookies["preau_session"].value != before
    assert client.cookies["preau_csrf"].value != token
    old = Client()
    old.cookies["preau_session"] = before
    assert old.get("/mon-compte/").status_code == 302


def test_a_ticket_that_this_browser_did_not_leave_for_opens_nothing(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    """T-B4: the attacker's own valid ticket, planted in an address; not even validated."""
    academy.issue("ST-evil", "jdupont", mail=account.person.email)
    answer = come_back(client, door, "ST-evil")
    assert answer.status_code == 403
    assert "Reprenez la connexion ici" in answer.content.decode()
    assert not academy.asked
    assert not Session.objects.filter(principal__isnull=False).exists()


@pytest.mark.parametrize(("minutes", "status"), [(9, 303), (11, 403)])
def test_a_mark_that_nobody_came_back_with_serves_ten_minutes(
    client: Client, academy: StandIn, door: Door, account: Account, minutes: int, status: int
) -> None:
    """T-B4: whoever left, typed nothing and came home is not signed in as the attacker later."""
    leave(client, door)
    academy.issue("ST-late", "jdupont", mail=account.person.email)
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        answer = come_back(client, door, "ST-late")
        assert answer.status_code == status
        assert (who(client) is None) == (status == 403)
        if status == 403:
            assert "plus de dix minutes" in answer.content.decode()
            leave(client, door)  # the way on: one button, and nothing is typed again
            assert come_back(client, door, "ST-late").status_code == 303


def test_nobody_else_makes_a_browser_leave(door: Door) -> None:
    """T-B4: without our own token the button does nothing, so no mark is ever planted."""
    client = Client(enforce_csrf_checks=True)
    answer = client.post(f"/connexion/{door.code}/")
    assert answer.status_code == 403
    assert "Refresh" not in answer.headers
    assert not Session.objects.exists()
    assert "Refresh" not in client.get(f"/connexion/{door.code}/").headers


def test_a_ticket_of_somebody_else_never_replaces_the_person_signed_in(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    """T-B4: signed in and not leaving: told who the other one is, still oneself."""
    me = make.make_account(person=make.make_person(school=make.make_school()))
    sign_in(client, me.login, make.PASSWORD)
    academy.issue("ST-evil", "jdupont", mail=account.person.email)
    answer = come_back(client, door, "ST-evil")
    assert answer.status_code == 409
    assert "Jeanne Dupont" in answer.content.decode()
    assert who(client) == me.login


def test_who_left_for_the_academy_and_comes_back_as_another_is_that_other(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    """« Back to cas »: validated first, then the session is replaced, and the page says whose."""
    me = make.make_account(
        person=make.make_person(school=make.make_school(), given_name="Paul", family_name="Avant")
    )
    sign_in(client, me.login, make.PASSWORD)
    leave(client, door)
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    answer = come_back(client, door, "ST-1")
    assert answer.headers["Location"] == "/bienvenue/"
    page = client.get("/bienvenue/").content.decode()
    assert "Jeanne Dupont" in page
    assert "Paul Avant" in page
    assert who(client) == account.login
    assert not Session.objects.filter(principal=me.uuid).exists()


def test_who_one_is_now_is_said_before_the_terms(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    me = make.make_account(
        person=make.make_person(school=make.make_school(), given_name="Paul", family_name="Avant")
    )
    sign_in(client, me.login, make.PASSWORD)
    TermsText.objects.create(
        version=1, title="Conditions", body="Lisez.", published_at=timezone.now()
    )
    leave(client, door, "?next=/mon-compte/")
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    arrived = client.get(come_back(client, door, "ST-1").headers["Location"])
    page = arrived.content.decode()
    assert arrived.status_code == 200
    assert "Jeanne Dupont" in page
    assert "Paul Avant" in page
    assert 'href="/premiers-pas/conditions/"' in page
    assert client.get("/accueil/").headers["Location"] == "/premiers-pas/conditions/"
    accepted = client.post("/premiers-pas/conditions/", {"accepted": "on"})
    assert accepted.headers["Location"] == "/mon-compte/"


def test_a_refused_ticket_says_so_and_keeps_the_present_session(
    client: Client, academy: StandIn, door: Door
) -> None:
    me = make.make_account(person=make.make_person(school=make.make_school()))
    sign_in(client, me.login, make.PASSWORD)
    leave(client, door)
    answer = come_back(client, door, "ST-stale")
    page = answer.content.decode()
    assert "plus valable" in page
    assert "Utiliser un autre compte" in page
    assert "Retour au choix du profil" in page
    assert who(client) == me.login


def test_the_ticket_that_opened_this_session_leads_home(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    leave(client, door)
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    come_back(client, door, "ST-1")
    asked = len(academy.asked)
    answer = come_back(client, door, "ST-1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/accueil/")
    assert len(academy.asked) == asked


def test_a_server_that_accepts_a_ticket_twice_does_not_open_two_sessions(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    leave(client, door)
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    come_back(client, door, "ST-1")
    thief = Client()
    leave(thief, door)
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    assert "plus valable" in come_back(thief, door, "ST-1").content.decode()
    assert DoorSession.objects.count() == 1


def test_of_two_returns_with_one_ticket_at_once_the_second_reads_why(
    client: Client,
    academy: StandIn,
    door: Door,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server believed both, and neither saw the other before: a page, never a raw error."""
    monkeypatch.setattr(academic, "was_used", lambda *_: False)
    local = make.make_account(person=make.make_person(school=make.make_school()))
    second = Client()
    sign_in(second, local.login, make.PASSWORD)
    for browser in (client, second):
        leave(browser, door)
        academy.issue("ST-1", "jdupont", mail=account.person.email)
        answer = come_back(browser, door, "ST-1")
    assert answer.status_code == 403
    assert "plus valable" in answer.content.decode()
    assert (who(client), who(second)) == (account.login, local.login)


def test_two_tabs_that_left_both_come_back(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    leave(client, door)
    leave(client, door)
    for ticket in ("ST-1", "ST-2"):
        academy.issue(ticket, "jdupont", mail=account.person.email)
        assert come_back(client, door, ticket).headers["Location"] == "/accueil/"
    assert Session.objects.filter(principal=account.uuid).count() == 1


def test_coming_back_without_ticket_or_by_hand_has_a_button(client: Client, door: Door) -> None:
    leave(client, door)
    page = client.get(f"/guichet/{door.code}/")
    assert page.status_code == 200
    assert "Vous n’êtes pas connecté" in page.content.decode()


def test_a_return_without_ticket_uses_the_departure_up(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    """T-B4: leave, come home empty-handed, then open somebody else's ticket: nobody is let in."""
    for _ in range(3):
        leave(client, door)
    client.get(f"/guichet/{door.code}/")
    academy.issue("ST-evil", "jdupont", mail=account.person.email)
    answer = come_back(client, door, "ST-evil")
    assert answer.status_code == 403
    assert "Reprenez la connexion ici" in answer.content.decode()
    assert not academy.asked
    assert who(client) is None


@pytest.mark.parametrize("ticket", ["", "ST-stale", "rubbish"])
def test_a_return_that_opens_nothing_ends_the_departures_of_its_door_only(
    client: Client, academy: StandIn, door: Door, account: Account, ticket: str
) -> None:
    """CAS names no departure: nobody knows which tab came back."""
    other = academic_door(make.make_authority(code="REIMS"), academy.url)
    for left in (door, other, other):
        leave(client, left)
    client.get(f"/guichet/{other.code}/", {"ticket": ticket} if ticket else {})
    assert come_back(client, other, "ST-evil").status_code == 403
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    assert come_back(client, door, "ST-1").status_code == 303
    assert who(client) == account.login


def test_who_only_looks_at_the_address_uses_nothing_up(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    leave(client, door)
    assert client.head(f"/guichet/{door.code}/").status_code == 200
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    assert come_back(client, door, "ST-1").status_code == 303


def test_a_tab_that_is_left_over_does_not_replace_who_just_came_in(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    """T-B4: two tabs left, one came back; the other's departure meets a planted ticket."""
    school = account.person.main_school
    assert school is not None
    academic_account(school, email="b@ac.example", name="Bob")
    leave(client, door)
    leave(client, door)
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    come_back(client, door, "ST-1")
    academy.issue("ST-evil", "bob", mail="b@ac.example")
    answer = come_back(client, door, "ST-evil")
    assert answer.status_code == 409
    assert "Bob Dupont" in answer.content.decode()
    assert who(client) == account.login


@pytest.mark.parametrize(
    "ticket", ["ST-", "PT-1-abc", "x" * 300, "ST-<script>", "ST-1'; DROP TABLE", "\u0130"]
)
def test_what_is_no_ticket_is_never_sent_to_the_academy(
    client: Client, academy: StandIn, door: Door, ticket: str
) -> None:
    leave(client, door)
    answer = client.get(f"/guichet/{door.code}/", {"ticket": ticket})
    assert answer.status_code == 403
    assert not academy.asked


def test_after_a_sign_out_the_academy_asks_again_and_validation_holds_to_it(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    """R-B9: `renew` on the way out and at validation, until somebody proved who they are."""
    leave(client, door)
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    come_back(client, door, "ST-1")
    answer = client.post("/deconnexion/")
    assert answer.headers["Location"] == f"/connexion/{door.code}/quitter/"
    page = client.get(answer.headers["Location"])
    back = "http%3A%2F%2F127.0.0.1%3A8000%2Fdeconnexion%2Fterminee%2F"
    assert page.headers["Refresh"] == f"0; url={academy.url}logout?service={back}"
    assert "renew=true" in leave(client, door)
    academy.issue("ST-2", "jdupont", mail=account.person.email)
    come_back(client, door, "ST-2")
    assert academy.asked[-1]["renew"] == "true"
    assert "renew" not in leave(client, door)


def test_an_academy_that_only_remembered_is_refused_when_a_proof_was_asked(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    leave(client, door, autre="1")
    academy.issue("ST-1", "jdupont", mail=account.person.email, isFromNewLogin="false")
    page = come_back(client, door, "ST-1").content.decode()
    assert "pas été refaite" in page
    assert who(client) is None


def test_forms_of_before_an_academic_sign_in_do_nothing_after(
    academy: StandIn, door: Door, account: Account
) -> None:
    """T-B5: tab 1 holds a form of X, tab 2 comes in as Y; nothing is done as Y."""
    client = Client(enforce_csrf_checks=True)
    me = make.make_account(person=make.make_person(school=make.make_school()))
    client.force_login(me, backend="accounts.doors.returns.backends.DoorBackend")
    form = client.get(f"/connexion/{door.code}/")
    token = form.context["csrf_token"]
    left = client.post(f"/connexion/{door.code}/", {"csrfmiddlewaretoken": str(token)})
    assert left.status_code == 200
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    assert come_back(client, door, "ST-1").status_code == 303
    stale = client.post("/deconnexion/", {"csrfmiddlewaretoken": str(token)})
    assert stale.status_code == 403
    assert who(client) == account.login


def test_a_service_that_asks_for_a_fresh_proof_gets_one_from_the_academy(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    """« renew » of a service travels to the academy; what was only remembered is never fresh."""
    address = leave(client, door, "?renouveler=1&next=/mon-compte/")
    assert "renew=true" in address
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    assert come_back(client, door, "ST-1").headers["Location"] == "/mon-compte/"
    assert Session.objects.get(principal=account.uuid).data["signed_in_for"] == "/mon-compte/"
    client.post("/deconnexion/")
    client.cookies.pop("preau_redemander")
    leave(client, door, "?next=/mon-compte/")
    academy.issue("ST-2", "jdupont", mail=account.person.email)
    come_back(client, door, "ST-2")
    data = Session.objects.get(principal=account.uuid).data
    assert "signed_in_for" not in data
    assert data["authenticated_at"] == 0


def test_an_academic_session_that_was_only_remembered_installs_no_application(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    """Whoever finds it open must not tie their own telephone to it: the academy asks first."""
    make.give_role(person=account.person, role=Role.ENT_ADMINISTRATOR)
    leave(client, door)
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    assert come_back(client, door, "ST-1").headers["Location"] == ENROL
    confirm = client.get(ENROL).headers["Location"]
    asked = client.get(confirm).headers["Location"]
    assert asked.startswith(f"/connexion/{door.code}/?renouveler=1")
    assert "Confirmez que c’est vous" in client.get(asked).content.decode()
    assert "renew=true" in leave(client, door, "?" + asked.partition("?")[2])
    academy.issue("ST-2", "jdupont", mail=account.person.email)
    assert come_back(client, door, "ST-2").headers["Location"] == ENROL
    application, seed = application_shown_by(client.get(ENROL).content.decode())
    assert client.post(ENROL, {"seed": seed, "code": application.code()}).status_code == 200
    assert client.get("/accueil/").status_code == 200


def test_the_renewal_of_another_person_changes_nothing(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    leave(client, door)
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    come_back(client, door, "ST-1")
    school = account.person.main_school
    assert school is not None
    academic_account(school, email="b@ac.example", name="Bob")
    leave(client, door, "?renouveler=1&next=/mon-compte/")
    academy.issue("ST-2", "bob", mail="b@ac.example")
    answer = come_back(client, door, "ST-2")
    assert answer.status_code == 409
    assert "Bob Dupont" in answer.content.decode()
    assert who(client) == account.login


def test_the_key_is_believed_only_from_an_answer_that_names_it(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    """R-C6: asked with `renew` and the door's parameter; there is no way round."""
    Door.objects.filter(pk=door.pk).update(key_method="cle-otp")
    leave(client, door)
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    come_back(client, door, "ST-1")
    asked = client.get("/connexion/preuve-demandee/?exiger=cle-otp&next=/mon-compte/")
    address = asked.headers["Location"]
    assert "La clé de sécurité est demandée" in client.get(address).content.decode()
    query = "?" + address.partition("?")[2]
    assert "renew=true&authn_method=cle-otp" in leave(client, door, query)
    academy.issue("ST-2", "jdupont", mail=account.person.email, authn_method="password")
    refused = come_back(client, door, "ST-2").content.decode()
    assert "n’a pas été utilisée" in refused
    leave(client, door, query)
    academy.issue("ST-3", "jdupont", mail=account.person.email, authn_method="cle-otp")
    assert come_back(client, door, "ST-3").headers["Location"] == "/mon-compte/"
    assert Session.objects.get(principal=account.uuid).data["methods"] == ["academie", "cle-otp"]
    met = client.get("/connexion/preuve-demandee/?exiger=cle-otp&next=/mon-compte/")
    assert met.headers["Location"] == "/mon-compte/"


def test_an_academy_without_key_says_so(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    leave(client, door)
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    come_back(client, door, "ST-1")
    asked = client.get("/connexion/preuve-demandee/?exiger=cle-otp&next=/mon-compte/")
    assert "Une preuve de plus" in client.get(asked.headers["Location"]).content.decode()


@pytest.mark.parametrize("version", ["1", "2", "3"])
def test_each_version_of_the_protocol(
    client: Client, academy: StandIn, door: Door, account: Account, version: str
) -> None:
    """CAS 1 says a name and nothing else: the name itself is then what recognises people."""
    attribute = "" if version == "1" else "mail"
    CasServer.objects.filter(door=door).update(version=version)
    Door.objects.filter(pk=door.pk).update(match_attribute=attribute)
    leave(client, door)
    if version == "1":
        academy.mode, academy.body = "body", b"yes\n%s\n" % account.person.email.encode()
    else:
        academy.issue("ST-1", "jdupont", mail=account.person.email)
    assert come_back(client, door, "ST-1").status_code == 303
    paths = {"1": "validate", "2": "serviceValidate", "3": "p3/serviceValidate"}
    assert academy.asked[-1]["path"] == f"/cas/{paths[version]}"


@pytest.mark.parametrize("ending", ["block", "sign_out", "elsewhere"])
def test_an_academic_session_dies_at_the_next_request_whatever_ends_it(
    client: Client, academy: StandIn, door: Door, account: Account, ending: str
) -> None:
    """T-B2: and what was kept of its ticket goes with it."""
    leave(client, door)
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    come_back(client, door, "ST-1")
    cookie = client.cookies["preau_session"].value
    if ending == "block":
        block_account(account=account, actor=None)
    elif ending == "sign_out":
        client.post("/deconnexion/")
    else:
        end_account_sessions(account=account)
    thief = Client()
    thief.cookies["preau_session"] = cookie
    assert who(thief) is None
    assert not DoorSession.objects.exists()


def test_my_account_says_by_what_one_comes_in_and_whom_to_tell_of_an_error(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    leave(client, door)
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    come_back(client, door, "ST-1")
    page = client.get("/mon-compte/").content.decode()
    assert f"portail {door.label}" in page
    assert "viennent de votre établissement" in page
    assert "Mes rôles" not in page
    local = Client()
    guest = make.make_account(person=make.make_person(profile=Profile.GUEST))
    sign_in(local, guest.login, make.PASSWORD)
    page = local.get("/mon-compte/").content.decode()
    assert "mot de passe de l’ENT" in page
    assert "Signalez-la à l’administrateur de l’ENT" in page
    assert "Établissement" not in page.partition("<main")[2].partition("</main")[0]
