"""The second factor: who must, installing, proving, losing (R-B7)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from io import StringIO

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from accounts.enums import AccountKind
from accounts.local import secrets
from accounts.models import Account
from directory.enums import Role
from directory.models import Person
from ent.audit.enums import Act
from ent.audit.models import AuditEvent
from signin.enums import Method
from signin.second_factor.models import Authenticator, RecoveryCode
from signin.sessions.methods import METHODS_KEY
from signin.sessions.models import Session
from signin.sessions.recent_proof import AUTHENTICATED_AT_KEY
from signin.sessions.store import DOOR_KEY, hash_key
from tests import factories as make
from tests.accounts.academy import academic_door
from tests.accounts.applications import (
    ENROL,
    PROVE,
    Application,
    application_shown_by,
    install,
    signed_in_with_application,
)
from tests.accounts.signing import no_terms, sign_in
from tests.cast import Cast

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Person | None], Client]
NOON = datetime.fromisoformat("2026-10-05T12:00:00+02:00")


@pytest.fixture(autouse=True)
def without_terms() -> None:
    no_terms()


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def account() -> Account:
    """A local account that must prove nothing more than its password."""
    person = make.make_person(given_name="Lou", family_name="Tenue", school=make.make_school())
    return make.make_account(person=person, login="lou.tenue")


@pytest.fixture
def administrator(account: Account) -> Account:
    make.give_role(person=account.person, role=Role.ENT_ADMINISTRATOR)
    return account


def signed_in(account: Account) -> Client:
    client = Client()
    assert sign_in(client, account.login, make.PASSWORD).status_code == 303
    return client


def methods_in(client: Client) -> list[str]:
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    return list(Session.objects.get(key_hash=hash_key(key)).data[METHODS_KEY])


def is_open(client: Client) -> bool:
    return client.get("/accueil/").status_code == 200


def enrol(client: Client) -> tuple[Application, str]:
    """Install an application from the page; return it and the page of recovery codes."""
    application, seed = application_shown_by(client.get(ENROL).text)
    answer = client.post(ENROL, {"seed": seed, "code": application.code()})
    assert answer.status_code == 200
    return application, answer.text


# --- who must -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.ENT_ADMINISTRATOR, Role.HELPDESK])
def test_who_opens_everybodys_account_installs_one_before_anything_else(
    role: Role, account: Account
) -> None:
    school = account.person.main_school
    assert school is not None
    authority = school.authority if role == Role.HELPDESK else None
    make.give_role(person=account.person, role=role, authority=authority)
    client = Client()
    assert sign_in(client, account.login, make.PASSWORD).headers["Location"] == ENROL
    for page in ("/accueil/", "/annuaire/", "/mon-compte/", "/annuaire/administration/imports/"):
        answer = client.get(page)
        assert (answer.status_code, answer.headers["Location"]) == (303, ENROL)
    enrol(client)
    assert is_open(client)
    assert Method.TOTP.value in methods_in(client)


def test_a_role_received_during_a_session_opens_nothing_before(account: Account) -> None:
    """Roles are read at each request, and so is what they ask."""
    client = signed_in(account)
    assert is_open(client)
    make.give_role(person=account.person, role=Role.ENT_ADMINISTRATOR)
    answer = client.get("/annuaire/administration/imports/")
    assert (answer.status_code, answer.headers["Location"]) == (303, ENROL)


def test_a_session_left_open_is_not_enough_to_install_one(
    account: Account, clock: time_machine.Traveller
) -> None:
    client = signed_in(account)
    clock.shift(16 * 60)
    make.give_role(person=account.person, role=Role.ENT_ADMINISTRATOR)
    confirm = client.get(ENROL)
    assert confirm.status_code == 303
    assert confirm.headers["Location"].startswith("/mon-compte/confirmer/?next=")
    back = client.post(confirm.headers["Location"], {"password": make.PASSWORD})
    assert (back.status_code, back.headers["Location"]) == (303, ENROL)
    enrol(client)


def test_installing_one_ends_the_sessions_that_gave_no_code(account: Account) -> None:
    """Who found the password may be in already, and is not asked for anything more there."""
    elsewhere = signed_in(account)
    client = signed_in(account)
    another = make.make_account(person=make.make_person(given_name="Ambre"), login="ambre")
    bystander = signed_in(another)
    _, page = enrol(client)
    assert "codes de secours" in page
    assert is_open(client)
    assert not is_open(elsewhere)
    assert is_open(bystander)
    assert AuditEvent.objects.filter(act=Act.SESSIONS_CLOSED).count() == 1


def test_installing_one_ends_a_sign_in_that_is_under_way(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had read what waits for the account before there was an application."""
    client = signed_in(account)
    check_secret = secrets.check_secret
    enrolled: list[object] = []

    def slow(tried: Account | None, typed: str) -> secrets.SecretCheck:
        if not enrolled:
            enrolled.append(enrol(client))
        return check_secret(tried, typed)

    monkeypatch.setattr(secrets, "check_secret", slow)
    late = Client()
    sign_in(late, account.login, make.PASSWORD)
    assert enrolled
    assert not is_open(late)
    assert is_open(client)


def test_an_academic_administrator_must_too(cast: Cast) -> None:
    make.give_role(person=cast.teacher, role=Role.ENT_ADMINISTRATOR)
    client = Client()
    client.force_login(cast.teacher.account)
    session = client.session
    session[AUTHENTICATED_AT_KEY] = NOON.timestamp()
    session.save()
    assert client.get("/accueil/").headers["Location"] == ENROL
    enrol(client)
    assert is_open(client)


def test_the_academys_key_counts_as_one(cast: Cast) -> None:
    make.give_role(person=cast.teacher, role=Role.ENT_ADMINISTRATOR)
    client = Client()
    client.force_login(cast.teacher.account)
    session = client.session
    session[METHODS_KEY] = [Method.ACADEMIC.value, Method.KEY.value]
    session.save()
    assert is_open(client)


def test_local_accounts_may_and_others_have_no_use_for_it(account: Account, cast: Cast) -> None:
    client = signed_in(account)
    assert "Installer un second facteur" in client.get("/mon-compte/second-facteur/").text
    enrol(client)
    assert "Installée" in client.get("/mon-compte/second-facteur/").text
    teacher = Client()
    teacher.force_login(cast.teacher.account)
    assert teacher.get(ENROL).status_code == 404
    assert cast.teacher.account.kind == AccountKind.ACADEMIC


# --- installing -----------------------------------------------------------------------------------


def test_nothing_is_kept_before_a_code_proves_the_application(administrator: Account) -> None:
    client = signed_in(administrator)
    application, seed = application_shown_by(client.get(ENROL).text)
    wrong = client.post(ENROL, {"seed": seed, "code": "000000"})
    assert "n’est pas, ou n’est plus, le bon" in wrong.text
    assert not Authenticator.objects.exists()
    assert application_shown_by(wrong.text)[0] == application
    again = application_shown_by(wrong.text)[1]
    assert client.post(ENROL, {"seed": again, "code": application.code()}).status_code == 200


def test_a_seed_carried_by_another_session_or_made_up_is_worth_nothing(
    administrator: Account, cast: Cast
) -> None:
    theirs = signed_in(administrator)
    application, seed = application_shown_by(theirs.get(ENROL).text)
    ours = signed_in(cast.ent_administrator.account)
    for carried in (seed, "", "A" * 80, "é"):
        ours.post(ENROL, {"seed": carried, "code": application.code()})
    assert not Authenticator.objects.exists()


def test_the_seed_and_the_recovery_codes_are_nowhere_in_the_database(
    administrator: Account,
) -> None:
    client = signed_in(administrator)
    application, page = enrol(client)
    codes = recovery_codes_in(page)
    assert len(codes) == 10
    with connection.cursor() as cursor:
        for table in ("signin_authenticator", "signin_recoverycode", "signin_session"):
            cursor.execute(f"SELECT t::text FROM {table} t")
            text = " ".join(row[0] for row in cursor.fetchall())
            seed = base64.b32decode(application.key_text)
            assert seed.hex() not in text
            assert application.key_text not in text
            assert not any(code.replace("-", "") in text or code in text for code in codes)


def recovery_codes_in(page: str) -> list[str]:
    return re.findall(r"<li>([a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4})</li>", page)


def test_the_code_that_installed_it_does_not_serve_again(administrator: Account) -> None:
    client = signed_in(administrator)
    application, _ = enrol(client)
    other = signed_in(administrator)
    assert not proves(other, application.code())
    assert proves(other, application.code(steps=1))


def test_a_session_gets_another_key_at_each_proof(administrator: Account) -> None:
    """T-B1."""
    application, _ = install(administrator)
    client = signed_in(administrator)
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    secret = client.cookies[settings.CSRF_COOKIE_NAME].value
    assert proves(client, application.code())
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before
    assert client.cookies[settings.CSRF_COOKIE_NAME].value != secret
    assert not Session.objects.filter(key_hash=hash_key(before)).exists()


# --- proving --------------------------------------------------------------------------------------


def proves(client: Client, code: str, field: str = "code") -> bool:
    answer = client.post(PROVE, {field: code})
    return answer.status_code == 303 and answer.headers["Location"] != PROVE


def test_each_sign_in_asks_for_a_code_even_where_nothing_forces_one(account: Account) -> None:
    application, _ = install(account)
    client = Client()
    assert sign_in(client, account.login, make.PASSWORD).headers["Location"] == PROVE
    assert client.get("/accueil/").headers["Location"] == PROVE
    assert proves(client, application.code())
    assert is_open(client)


@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_one_step_around_now_is_right(steps: int, is_right: bool, account: Account) -> None:
    application, _ = install(account)
    assert proves(signed_in(account), application.code(steps=steps)) is is_right


def test_a_sign_in_during_a_session_asks_for_a_code_again(account: Account) -> None:
    """The session goes on; what was proved in it hours ago does not count for now."""
    client = signed_in_with_application(account)
    assert Method.TOTP.value in methods_in(client)
    answer = sign_in(client, account.login, make.PASSWORD)
    assert answer.headers["Location"] == PROVE
    assert not is_open(client)
    assert methods_in(client) == [Method.PASSWORD.value]


def test_a_code_passes_once(account: Account) -> None:
    application, _ = install(account)
    assert proves(signed_in(account), application.code())
    assert not proves(signed_in(account), application.code())


def test_an_earlier_code_does_not_pass_after_a_later_one(account: Account) -> None:
    """T-D5: the step only grows."""
    application, _ = install(account)
    assert proves(signed_in(account), application.code(steps=1))
    assert not proves(signed_in(account), application.code())


def test_every_refusal_reads_the_same(account: Account) -> None:
    application, codes = install(account)
    code = application.code()
    assert proves(signed_in(account), code)
    assert proves(signed_in(account), codes[0], "recovery")
    texts = set()
    for field, typed in [
        ("code", code),
        ("code", "123456"),
        ("code", "12"),
        ("code", "pas un code"),
        ("recovery", codes[0]),
    ]:
        page = signed_in(account).post(PROVE, {field: typed}).text
        texts.add(page.count("Ce code n’est pas, ou n’est plus, le bon."))
    assert texts == {2}  # the summary and the field


def test_a_recovery_code_serves_once_however_it_is_typed(account: Account) -> None:
    _, codes = install(account)
    client = signed_in(account)
    assert proves(client, f" {codes[0].upper().replace('-', ' ')} ", "recovery")
    assert "il vous en reste 9" in client.get("/accueil/").text
    assert not proves(signed_in(account), codes[0], "recovery")
    assert RecoveryCode.objects.count() == 9


def test_somebody_elses_recovery_code_is_nothing(account: Account, cast: Cast) -> None:
    install(account)
    _, theirs = install(cast.guest.account)
    assert not proves(signed_in(account), theirs[0], "recovery")


def test_wrong_codes_wait_apart_from_wrong_passwords(
    account: Account, clock: time_machine.Traveller
) -> None:
    application, _ = install(account)
    client = signed_in(account)
    for _ in range(5):
        client.post(PROVE, {"code": "000000"})
    page = client.post(PROVE, {"code": application.code()}).text
    assert "Trop d’essais" in page
    other = signed_in(account)  # the password is not made to wait
    assert "Trop d’essais" in other.post(PROVE, {"code": application.code()}).text
    clock.shift(61)
    assert proves(other, application.code())


def test_a_password_that_is_right_forgives_no_wrong_code(account: Account) -> None:
    """Whoever stole the password gets no more than the same few tries."""
    application, _ = install(account)
    for _ in range(5):
        signed_in(account).post(PROVE, {"code": "000000"})
    assert "Trop d’essais" in signed_in(account).post(PROVE, {"code": application.code()}).text


# --- dangerous acts -------------------------------------------------------------------------------


def test_an_act_of_power_asks_for_all_that_the_sign_in_asked_for(
    account: Account, clock: time_machine.Traveller
) -> None:
    """R-B9: after fifteen minutes, the code, then the password; neither alone."""
    client = signed_in_with_application(account)
    application = Application("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    page = "/mon-compte/second-facteur/codes-de-secours/"
    assert client.get(page).status_code == 200
    clock.shift(16 * 60)
    asked = client.get(page)
    assert asked.status_code == 303
    confirm = asked.headers["Location"]
    assert "Code à 6 chiffres" in client.get(confirm).text
    assert client.post(confirm, {"password": make.PASSWORD}).status_code == 200
    assert client.post(confirm, {"code": "000000"}).status_code == 200
    back = client.post(confirm, {"code": application.code()})
    assert (back.status_code, back.headers["Location"]) == (303, confirm)
    assert client.get(page).status_code == 303, "half a proof opens nothing"
    assert "Mot de passe actuel" in client.get(confirm).text
    last = client.post(confirm, {"password": make.PASSWORD})
    assert (last.status_code, last.headers["Location"]) == (303, page)
    assert client.get(page).status_code == 200


def test_an_academic_account_without_application_goes_to_its_academy(cast: Cast) -> None:
    """R-B9: the academy is asked anew, and leads back to the act."""
    door = academic_door(cast.academy, "https://academie.example/cas")
    client = Client()
    client.force_login(cast.teacher.account)
    session = client.session
    session[DOOR_KEY] = door.code
    session.save()
    asked = client.get("/mon-compte/confirmer/?next=/annuaire/")
    assert asked.status_code == 303
    assert asked.headers["Location"].startswith(f"/connexion/{door.code}/?renouveler=1&next=")
    session[DOOR_KEY] = "parti"
    session.save()
    assert "connectez-vous à nouveau" in client.get("/mon-compte/confirmer/").text


def test_new_recovery_codes_kill_the_old_ones(account: Account) -> None:
    client = signed_in_with_application(account)
    page = client.post("/mon-compte/second-facteur/codes-de-secours/").text
    fresh = recovery_codes_in(page)
    assert len(fresh) == RecoveryCode.objects.count() == 10
    assert proves(signed_in(account), fresh[0], "recovery")


def test_who_must_have_one_installs_another_right_after_removing_it(
    administrator: Account,
) -> None:
    client = signed_in_with_application(administrator)
    answer = client.post("/mon-compte/second-facteur/retirer/")
    assert client.get(answer.headers["Location"]).headers["Location"] == ENROL
    enrol(client)
    assert is_open(client)


# --- losing the device ----------------------------------------------------------------------------


def reset_address(person: Person) -> str:
    return f"/comptes/{person.uuid}/second-facteur/"


def test_another_administrator_resets_it(cast: Cast, client_of: ClientOf) -> None:
    install(cast.helpdesk.account)
    old = signed_in_with_application_of(cast.helpdesk.account)
    client = client_of(cast.ent_administrator)
    assert (
        "Réinitialiser le second facteur"
        in client.get(f"/annuaire/personnes/{cast.helpdesk.uuid}/").text
    )
    assert client.post(reset_address(cast.helpdesk)).status_code == 303
    assert not Authenticator.objects.exists()
    assert not is_open(old)
    (event,) = AuditEvent.objects.filter(act=Act.SECOND_FACTOR_RESET)
    assert event.actor_pseudonym not in {None, event.subject_pseudonym}
    again = Client()
    sign_in(again, cast.helpdesk.account.login, make.PASSWORD)
    assert again.get("/accueil/").headers["Location"] == ENROL


def test_a_reset_that_found_no_application_is_in_the_journal_too(
    cast: Cast, client_of: ClientOf
) -> None:
    """It ended the person's sessions."""
    client_of(cast.ent_administrator).post(reset_address(cast.helpdesk))
    assert AuditEvent.objects.filter(act=Act.SECOND_FACTOR_RESET).count() == 1


def signed_in_with_application_of(account: Account) -> Client:
    client = signed_in(account)
    application = Application("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    assert proves(client, application.code())
    return client


def test_nobody_resets_their_own_nor_anybody_of_a_wider_portal(
    cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.ent_administrator)
    assert client.post(reset_address(cast.ent_administrator)).status_code == 404
    make.give_role(person=cast.head, role=Role.ENT_ADMINISTRATOR, authority=cast.academy)
    install(cast.ent_administrator.account)
    narrow = client_of(cast.head)
    assert narrow.post(reset_address(cast.ent_administrator)).status_code == 404
    assert client_of(cast.manager_a).post(reset_address(cast.guest)).status_code == 404
    assert Authenticator.objects.exists()


def test_the_command_resets_it_for_the_last_administrator(administrator: Account) -> None:
    client = signed_in_with_application(administrator)
    out = StringIO()
    call_command("reset_second_factor", administrator.login.upper(), stdout=out)
    assert "réinitialisé" in out.getvalue()
    assert not is_open(client)
    assert AuditEvent.objects.get(act=Act.SECOND_FACTOR_RESET).actor_pseudonym is None
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "personne.ici")
