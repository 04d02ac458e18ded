"""Two people at the same second, on real connections: one coherent winner, the other is told."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import AccountState
from accounts.models import Account
from credentials.enums import CampaignState, RecipientState
from credentials.mailing.services import AlikeRunningError, resend_failures
from credentials.models import Campaign
from ent.audit.enums import Act
from ent.audit.models import AuditEvent
from messaging.models import MailboxEntry
from signin.one_time_codes import matches
from signin.passwords.hashing import hash_password
from signin.sessions.models import Session
from tests import factories as make
from tests.accounts.signing import GOOD_PASSWORD, no_terms, sign_in
from tests.cast import Cast, make_cast, mark_verified
from tests.credentials.mailing import asked, family
from tests.kit import canaries

pytestmark = pytest.mark.django_db(transaction=True)

CODE = re.compile(r"(?<=>)[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}(?=<)")


def browser(cast: Cast, who: str) -> Client:
    """A session of somebody who has just proved who they are."""
    client = Client()
    client.force_login(getattr(cast, who).account)
    mark_verified(client)
    return client


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Do everything at the same moment, each on a connection of its own."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            start.wait(timeout=30)
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def regenerate(client: Client, account: Account) -> Callable[[], Any]:
    """Press OK on the page that saw this account."""
    address = reverse("credentials:regenerate-password", args=[account.person.uuid])
    form = {"generation": str(account.code_generation)}
    return lambda: client.post(address, form)


def rounds_of_two_managers(count: int) -> None:
    """Each round: one code is shown, one manager is told, and the code that was shown works."""
    cast = make_cast()
    managers = browser(cast, "manager_a"), browser(cast, "credentials_manager")
    for _ in range(count):
        account = Account.objects.select_related("person").get(pk=cast.pupil.account.pk)
        answers = together(*(regenerate(manager, account) for manager in managers))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        (shown,) = [answer for answer in answers if answer.status_code == 200]
        (told,) = [answer for answer in answers if answer.status_code == 409]
        assert "Rien n’a été changé" in told.content.decode()
        (code,) = CODE.findall(shown.content.decode())
        canaries.watch(code)
        fresh = Account.objects.select_related("activation_code").get(pk=account.pk)
        assert fresh.code_generation == account.code_generation + 1
        assert matches(fresh.activation_code.verifier, code, fresh.uuid, fresh.code_generation)


def test_of_two_managers_at_the_same_second_one_rescues(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small size of T-F9."""
    monkeypatch.setattr("credentials.rescue.services.MOST_AN_HOUR", 1_000)
    rounds_of_two_managers(10)


@pytest.mark.faults
@pytest.mark.timeout(1_200)
def test_two_hundred_rounds_of_two_managers(monkeypatch: pytest.MonkeyPatch) -> None:
    """T-F9 in its full size."""
    monkeypatch.setattr("credentials.rescue.services.MOST_AN_HOUR", 1_000)
    rounds_of_two_managers(int(os.environ.get("PREAU_FAULT_ROUNDS", "200")))


def test_a_change_and_a_regeneration_at_the_same_second_leave_one_secret() -> None:
    """T-C7: the code that was read out works, no former session lives, both acts are told."""
    no_terms()
    cast = make_cast()
    manager = browser(cast, "manager_a")
    first = hash_password(make.PASSWORD)
    for number in range(8):
        Account.objects.filter(pk=cast.pupil.account.pk).update(
            password=first, state=AccountState.ACTIVE
        )
        account = Account.objects.select_related("person").get(pk=cast.pupil.account.pk)
        cast.pupil.account = account
        owner = browser(cast, "pupil")
        chosen = f"{GOOD_PASSWORD} {number}"
        form = {"current_password": make.PASSWORD, "new_password": chosen, "confirmation": chosen}
        changed, shown = together(
            lambda: owner.post("/mon-compte/mot-de-passe/", form),  # noqa: B023 - run at once
            regenerate(manager, account),
        )
        # Whoever came second found another page, a refusal, or the sign-in form: never a crash.
        assert changed.status_code in {200, 302, 303, 409}
        assert shown.status_code == 200
        (code,) = CODE.findall(shown.content.decode())
        canaries.watch(code)
        fresh = Account.objects.select_related("activation_code").get(pk=account.pk)
        assert (fresh.state, fresh.password) == (AccountState.PENDING, "")
        assert matches(fresh.activation_code.verifier, code, fresh.uuid, fresh.code_generation)
        assert not Session.objects.filter(principal=account.uuid).exists()
        assert owner.get("/accueil/").status_code == 302
        assert sign_in(Client(), account.login, chosen).status_code == 200
    events = AuditEvent.objects.about(cast.pupil.uuid)
    assert events.of_acts([Act.PASSWORD_REGENERATED]).count() == 8
    assert MailboxEntry.objects.filter(recipient=cast.pupil).count() >= 8


def test_failures_sent_again_wait_for_the_same_mailing_that_is_being_asked_for() -> None:
    """The page says that the same one runs; it was an error of the database."""
    cast = make_cast()
    family(cast.school_a, 1)
    first = asked(cast.school_a, cast.manager_a)
    first.recipients.update(state=RecipientState.REFUSED, ended_at=timezone.now())
    Campaign.objects.filter(pk=first.pk).update(
        state=CampaignState.DONE, finished_at=timezone.now()
    )

    def send_again() -> None:
        try:
            with pytest.raises(AlikeRunningError):
                resend_failures(campaign=first, actor=cast.manager_a)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            asked(cast.school_a, cast.manager_a)
            pressed = pool.submit(send_again)
            with pytest.raises(TimeoutError):
                pressed.result(timeout=1)
        pressed.result(timeout=30)
