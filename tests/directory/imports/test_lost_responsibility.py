"""A parent who loses the last legal responsibility: access closed, and given back with it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.account.access_state import copy_late_access_states
from accounts.desk.blocking import block_account, unblock_account
from accounts.enums import AccountState
from accounts.models import Account, ActivationCode, StaleAccessState
from credentials.choice.managed_accounts import SELECTION_SQL
from credentials.codes.issuing import count_pending
from directory.enums import AccessState, Profile
from directory.models import Person, Record, School
from tests.accounts.signing import no_terms, sign_in
from tests.directory.imports.conftest import Importer
from tests.directory.imports.deliveries import Delivery
from tests.factories import PASSWORD, password_hash

pytestmark = pytest.mark.django_db

LEGAL, ONLY_A_CONTACT = "1001$20$0$1$0$0", "1001$20$0$0$1$0"


def with_link(link: str, *, date: str) -> Delivery:
    """One pupil, whose mother always answers for her, and whose father does or does not."""
    delivery = Delivery(date=date).guardian("1001").guardian("1002", sn="MERE")
    return delivery.pupil("1", guardians=[link, "1002$10$1$1$0$1"])


def father() -> Person:
    found = Record.objects.get(category="PersRelEleve", external_id="1001").person
    assert found is not None
    return found


def activate(person: Person) -> Account:
    """The father has chosen his password."""
    account = Account.objects.get(person=person)
    account.state, account.password = AccountState.ACTIVE, password_hash()
    account.activated_at = timezone.now()
    account.save()
    Person.objects.filter(pk=person.pk).update(access_state=AccessState.ACTIVE)
    return account


def is_open(client: Client) -> bool:
    return client.get("/mon-compte/").status_code == 200


def accounts_in_files() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            SELECTION_SQL,
            {
                "school": School.objects.get().pk,
                "created_from": None,
                "created_until": None,
            },
        )
        return {row[0] for row in cursor.fetchall()}


def test_the_access_closes_with_the_responsibility_and_comes_back_with_it(
    deliver: Importer,
) -> None:
    """Sign-in and open sessions; the same account, login and password afterwards."""
    no_terms()
    deliver(with_link(LEGAL, date="20260901"))
    account = activate(father())
    browser = Client()
    assert sign_in(browser, account.login, PASSWORD).status_code == 303
    assert is_open(browser)

    deliver(with_link(ONLY_A_CONTACT, date="20260902"), confirmed_count=1)
    assert not account.sessions.exists()  # ended by the import itself, not by the next request
    person = father()
    assert person.profile == Profile.CONTACT
    assert (person.access_state, person.state_label) == (AccessState.NONE, "Accès fermé")
    assert not is_open(browser)
    assert sign_in(Client(), account.login, PASSWORD).status_code == 200
    assert account.pk not in accounts_in_files()

    outcome = deliver(with_link(LEGAL, date="20260903"))
    person = father()
    again = Account.objects.get(person=person)
    assert (person.profile, person.access_state) == (Profile.GUARDIAN, AccessState.ACTIVE)
    assert (again.pk, again.uuid, again.login) == (account.pk, account.uuid, account.login)
    assert outcome.delivery.counters["written"]["accounts_created"] == 0
    assert sign_in(Client(), account.login, PASSWORD).status_code == 303


def test_a_code_that_was_never_typed_opens_nothing_meanwhile(deliver: Importer) -> None:
    """The slip in the drawer: it is in no file, and works again when the feed says so."""
    no_terms()
    deliver(with_link(LEGAL, date="20260901"))
    account = Account.objects.get(person=father())
    assert account.pk in accounts_in_files()
    school = School.objects.get()
    pending = count_pending(schools=[school], since=None, now=timezone.now())
    deliver(with_link(ONLY_A_CONTACT, date="20260902"), confirmed_count=1)
    assert account.pk not in accounts_in_files()
    assert count_pending(schools=[school], since=None, now=timezone.now()) == pending - 1
    code = ActivationCode.objects.get(account=account)
    assert code.generation == Account.objects.get(pk=account.pk).code_generation
    deliver(with_link(LEGAL, date="20260903"))
    assert father().access_state == AccessState.PENDING
    assert account.pk in accounts_in_files()
    assert ActivationCode.objects.get(account=account).generation == code.generation


def test_the_state_of_the_account_never_shows_on_a_contact(deliver: Importer) -> None:
    """Somebody blocks and unblocks it meanwhile: what shows is that there is no access."""
    deliver(with_link(LEGAL, date="20260901"))
    account = activate(father())
    deliver(with_link(ONLY_A_CONTACT, date="20260902"), confirmed_count=1)
    block_account(account=account, actor=None)
    assert father().access_state == AccessState.NONE
    unblock_account(account=account, actor=None)
    assert father().access_state == AccessState.NONE
    StaleAccessState.objects.create(account=account)
    copy_late_access_states()
    assert father().access_state == AccessState.NONE
    block_account(account=account, actor=None)
    deliver(with_link(LEGAL, date="20260903"))
    assert father().access_state == AccessState.BLOCKED


def test_one_other_child_is_enough_to_keep_the_access(deliver: Importer) -> None:
    first = with_link(LEGAL, date="20260901").pupil("2", guardians=[LEGAL])
    deliver(first)
    account = Account.objects.get(person=father())
    second = with_link(ONLY_A_CONTACT, date="20260902").pupil("2", guardians=[LEGAL])
    deliver(second)
    assert father().profile == Profile.GUARDIAN
    assert Account.objects.get(pk=account.pk).is_active
