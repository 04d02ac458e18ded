"""« Bloquer » and « Rétablir »: closed at once, with a reason and an end, and said to the owner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import AccountState
from accounts.models import Account, AccountBlock
from accounts.tasks import end_blocks_that_are_over
from directory.enums import AccessState
from directory.models import Person
from ent.audit.enums import Act, Outcome
from ent.audit.models import AuditEvent
from messaging.models import Message
from tests import factories as make
from tests.accounts.signing import no_terms, sign_in
from tests.cast import Cast

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
ClientOf = Callable[[Person | None], Client]
REASON = "Compte utilisé par un autre élève"


@pytest.fixture(autouse=True)
def without_terms() -> None:
    no_terms()


def ask(client: Client, name: str, person: Person, **fields: str) -> str:
    """Post the form of the act, follow to the sheet, and return the page."""
    address = reverse(f"credentials:{name}", args=[person.uuid])
    return client.post(address, fields, follow=True).content.decode()


def state_of(person: Person) -> AccountState:
    return AccountState(Account.objects.get(person=person).state)


def test_a_blocked_account_is_out_at_the_next_request_and_cannot_come_back(
    cast: Cast, client_of: ClientOf
) -> None:
    pupil, head = client_of(cast.pupil), client_of(cast.head)
    assert pupil.get("/accueil/").status_code == 200
    page = ask(head, "block", cast.pupil, motif=REASON)
    assert "est bloqué" in page
    assert REASON in page
    assert pupil.get("/accueil/").status_code == 302
    assert sign_in(Client(), cast.pupil.account.login, make.PASSWORD).status_code != 303
    cast.pupil.refresh_from_db()
    assert cast.pupil.access_state == AccessState.BLOCKED
    page = ask(head, "restore", cast.pupil)
    assert "est ouvert" in page
    assert sign_in(Client(), cast.pupil.account.login, make.PASSWORD).status_code == 303
    assert not AccountBlock.objects.exists()


def test_the_owner_is_told_without_the_reason_and_the_journal_holds_none(
    cast: Cast, client_of: ClientOf
) -> None:
    head = client_of(cast.head)
    ask(head, "block", cast.pupil, motif=REASON)
    ask(head, "restore", cast.pupil)
    subjects = set(Message.objects.values_list("subject", flat=True))
    assert subjects == {"Votre compte est bloqué", "Votre compte est rétabli"}
    assert not Message.objects.filter(body__contains=REASON).exists()
    acts = [Act.ACCOUNT_BLOCKED, Act.ACCOUNT_UNBLOCKED]
    assert AuditEvent.objects.of_acts(acts).count() == 2
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM audit_auditevent e WHERE e::text LIKE %s", [f"%{REASON}%"]
        )
        assert cursor.fetchone() == (0,)


def test_a_block_ends_by_itself_after_its_last_day(cast: Cast, client_of: ClientOf) -> None:
    with time_machine.travel(datetime(2026, 12, 1, 12, tzinfo=PARIS), tick=False):
        head = client_of(cast.head)
        page = ask(head, "block", cast.pupil, motif=REASON, jusqu_au="2026-12-11")
        assert "jusqu’au 11 décembre 2026 inclus" in page
    with time_machine.travel(datetime(2026, 12, 11, 23, 59, tzinfo=PARIS), tick=False):
        end_blocks_that_are_over()
        assert state_of(cast.pupil) is AccountState.BLOCKED
    with time_machine.travel(datetime(2026, 12, 12, 0, 1, tzinfo=PARIS), tick=False):
        end_blocks_that_are_over()
        assert state_of(cast.pupil) is AccountState.ACTIVE
    assert not AccountBlock.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Écrivez pourquoi ce compte est bloqué."),
        ({"motif": REASON, "jusqu_au": "2026-11-30"}, "Ce jour est passé."),
        ({"motif": REASON, "jusqu_au": "2028-01-01"}, "dans l’année qui vient"),
        ({"motif": REASON, "jusqu_au": "demain"}, "Écrivez une date"),
    ],
)
def test_a_form_that_cannot_be_right_changes_nothing_and_keeps_what_was_typed(
    cast: Cast, client_of: ClientOf, fields: dict[str, str], said: str
) -> None:
    with time_machine.travel(datetime(2026, 12, 1, 12, tzinfo=PARIS), tick=False):
        page = ask(client_of(cast.head), "block", cast.pupil, **fields)
    assert said in page
    assert fields.get("motif", "") in page
    assert state_of(cast.pupil) is AccountState.ACTIVE


def test_a_second_post_says_what_is_done_and_keeps_the_first_reason(
    cast: Cast, client_of: ClientOf
) -> None:
    head = client_of(cast.head)
    ask(head, "block", cast.pupil, motif=REASON)
    assert "est bloqué" in ask(head, "block", cast.pupil, motif="Autre")
    assert AccountBlock.objects.get().reason == REASON
    ask(head, "restore", cast.pupil)
    assert "est ouvert" in ask(head, "restore", cast.pupil)
    assert AuditEvent.objects.of_acts([Act.ACCOUNT_BLOCKED, Act.ACCOUNT_UNBLOCKED]).count() == 2


def test_nobody_blocks_upwards_nor_themselves_nor_elsewhere(
    cast: Cast, client_of: ClientOf
) -> None:
    head = client_of(cast.head)
    for person in (cast.manager_a, cast.head):
        ask(head, "block", person, motif=REASON)
        assert state_of(person) is AccountState.ACTIVE
    refused = AuditEvent.objects.of_acts([Act.ACCOUNT_BLOCKED]).filter(outcome=Outcome.REFUSED)
    assert refused.count() == 2
    address = reverse("credentials:block", args=[cast.stranger.uuid])
    assert head.post(address, {"motif": REASON}).status_code == 404
    manager = client_of(cast.credentials_manager)
    assert manager.get(reverse("credentials:block", args=[cast.pupil.uuid])).status_code == 403


def test_who_may_not_restore_reads_until_when_and_not_why(cast: Cast, client_of: ClientOf) -> None:
    ask(
        client_of(cast.head),
        "block",
        cast.pupil,
        motif=REASON,
        jusqu_au=f"{timezone.localdate():%Y-%m-%d}",
    )
    sheet = reverse("directory:person", args=[cast.pupil.uuid])
    page = client_of(cast.credentials_manager).get(sheet).content.decode()
    assert "Ce compte est bloqué jusqu’au" in page
    assert REASON not in page
