"""Realms never meet: sessions, counts and factors of one say nothing to another."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.account.models import Account
from accounts.erasure import erase
from signin import devices
from signin.enums import Realm
from signin.realms import current_realm, realm_policy
from signin.second_factor.models import Authenticator, RecoveryCode
from signin.second_factor.recovery_codes import replace_recovery_codes, use_recovery_code
from signin.second_factor.totp import lock_seed, open_seed
from signin.sessions import endings
from signin.sessions.models import Session
from signin.throttle import services as throttle
from tests import factories as make
from tests.accounts.applications import signed_in_with_application
from tests.accounts.signing import no_terms, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    no_terms()
    return make.make_account(person=make.make_person(school=make.make_school()))


def test_the_portal_is_the_realm_of_a_process_that_says_nothing() -> None:
    assert current_realm() == realm_policy().realm == Realm.PORTAL


def test_a_realm_that_nobody_knows_is_an_error(settings: Settings) -> None:
    settings.PREAU_REALM = "une autre"
    with pytest.raises(ValueError, match="une autre"):
        realm_policy()


def test_tries_are_counted_apart(settings: Settings) -> None:
    """The same login and the same address, in two realms: two counts."""
    for _ in range(throttle.FREE_TRIES + 1):
        tried = throttle.source_of(login="manon", address_group="192.0.2.1")
        admission = throttle.admit(tried)
    assert not admission.is_admitted
    settings.PREAU_REALM = Realm.GUICHET.value
    other = throttle.source_of(login="manon", address_group="192.0.2.1")
    assert throttle.admit(other).is_admitted
    assert {other.login, other.address, other.share}.isdisjoint(
        {tried.login, tried.address, tried.share}
    )
    throttle.forget_login("manon")
    settings.PREAU_REALM = Realm.PORTAL.value
    assert throttle.wait_of("manon")


def test_a_session_of_the_other_realm_is_none_of_the_accounts(account: Account) -> None:
    sign_in(Client(), account.login, make.PASSWORD)
    now = timezone.now()
    Session.objects.create(
        key_hash="0" * 64,
        realm=Realm.GUICHET,
        principal=account.uuid,
        sign_on=uuid4(),
        created_at=now,
        last_seen_at=now,
    )
    assert account.sessions.count() == 1


def test_one_application_for_each_principal_of_each_realm() -> None:
    principal = uuid4()
    for realm in Realm:
        Authenticator.objects.create(realm=realm, principal=principal, locked_seed=b"locked")
    with pytest.raises(IntegrityError), transaction.atomic():
        Authenticator.objects.create(realm=Realm.PORTAL, principal=principal, locked_seed=b"locked")


def test_a_factor_copied_into_the_other_realm_opens_nothing(settings: Settings) -> None:
    """Whoever writes in the database cannot make a factor of one realm that of the other."""
    principal, seed = uuid4(), b"12345678901234567890"
    mine = Authenticator.objects.create(
        realm=Realm.PORTAL,
        principal=principal,
        locked_seed=lock_seed(seed, realm=Realm.PORTAL, principal=principal),
    )
    [code, *_] = replace_recovery_codes(mine)
    copied = Authenticator.objects.create(
        realm=Realm.GUICHET, principal=principal, locked_seed=mine.locked_seed
    )
    RecoveryCode.objects.update(authenticator=copied)

    assert open_seed(mine) == seed
    assert open_seed(copied) is None
    assert not use_recovery_code(copied, code)
    RecoveryCode.objects.update(authenticator=mine)
    assert use_recovery_code(mine, code)


def test_a_known_device_of_one_realm_is_unknown_to_the_other(settings: Settings) -> None:
    response, principal = HttpResponse(), uuid4()
    devices.remember_device(HttpRequest(), response, principal=principal)
    request = HttpRequest()
    request.COOKIES = {name: cookie.value for name, cookie in response.cookies.items()}
    assert list(devices.known_devices(request)) == [principal.hex]
    settings.PREAU_REALM = Realm.GUICHET.value
    assert devices.known_devices(request) == {}


def test_the_successes_of_one_realm_hide_no_spray_of_the_other(settings: Settings) -> None:
    """T-A9: eight o'clock on the portal, and somebody tries passwords at the guichet."""
    for number in range(throttle.GLOBAL_FAILURES):
        source = throttle.source_of(login=f"eleve{number}", address_group=f"192.0.2.{number % 200}")
        throttle.count_success(source, throttle.admit(source))
    settings.PREAU_REALM = Realm.GUICHET.value
    for number in range(throttle.GLOBAL_FAILURES):
        source = throttle.source_of(login=f"cible{number}", address_group=f"10.0.0.{number % 200}")
        throttle.count_failure(source)
    assert throttle.is_spray_under_way()
    settings.PREAU_REALM = Realm.PORTAL.value
    assert not throttle.is_spray_under_way()


def test_an_erased_person_leaves_no_session_and_no_factor(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing ties them to the account by a foreign key: the room ends them first."""
    other = make.make_account(person=make.make_person(school=make.make_school()))
    signed_in_with_application(account)
    signed_in_with_application(other)
    ended: list[UUID] = []
    monkeypatch.setattr(endings, "ending_hooks", [ended.extend])
    sign_ons = set(account.sessions.values_list("sign_on", flat=True))
    erase([account.person_id])
    assert set(ended) == sign_ons
    assert not account.sessions.exists()
    assert other.sessions.exists()
    assert Authenticator.objects.get().principal == other.uuid


def test_a_session_without_its_principal_opens_nothing(account: Account) -> None:
    client = Client()
    sign_in(client, account.login, make.PASSWORD)
    account.delete()
    assert client.get("/mon-compte/").status_code == 302
    assert not Session.objects.filter(principal__isnull=False).exists()
