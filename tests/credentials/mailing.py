"""What the tests of mailings share: a school to write to, a server to write through."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.enums import AccountState
from accounts.models import Account
from credentials.choice.population import PopulationChoice
from credentials.mailing.sending import run_round
from credentials.mailing.services import request_campaign
from credentials.models import Campaign
from directory.enums import Profile
from directory.models import Person, School
from tests import factories as make
from tests.kit.faulty_mail import FaultySink, running_sink

SUBJECT = "Collège Aristide-Briand - vos identifiants de connexion"


@pytest.fixture
def sink(settings: Any) -> Iterator[FaultySink]:
    """A real SMTP server, to which mailings of this test go as fast as they can."""
    with running_sink() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 5
        settings.MAIL_PER_SECOND = 0
        yield server


def family(
    school: School,
    number: int,
    *,
    email: str | None = None,
    profile: Profile = Profile.GUARDIAN,
    state: AccountState = AccountState.PENDING,
    **fields: Any,
) -> Account:
    """A parent who never signed in, with an address of their own unless told otherwise."""
    person = make.make_person(
        school=school,
        given_name=fields.pop("given_name", f"Parent{number}"),
        family_name=fields.pop("family_name", "Durand"),
        profile=profile,
        email=f"parent{number}@example.org" if email is None else email,
        **fields,
    )
    return make.make_account(person=person, state=state)


def families(school: School, count: int) -> list[Account]:
    """So many parents."""
    return [family(school, number) for number in range(count)]


def asked(school: School, actor: Person, **changes: Any) -> Campaign:
    """Ask for a mailing to the parents of a school."""
    return request_campaign(
        school=school,
        choice=changes.pop("choice", parents(school)),
        subject=changes.pop("subject", SUBJECT),
        text=changes.pop("text", "À bientôt au collège."),
        words="Parents",
        key=changes.pop("key", uuid.uuid4()),
        actor=actor,
        **changes,
    ).campaign


def parents(school: School) -> PopulationChoice:
    """The parents who never signed in."""
    return PopulationChoice(school_id=school.pk, profiles=(Profile.GUARDIAN,))


def sent(campaign: Campaign) -> Campaign:
    """Let the worker do its rounds while there is more, and read the mailing again."""
    while run_round():
        pass
    campaign.refresh_from_db()
    return campaign


def states(campaign: Campaign) -> dict[str, str]:
    """The state of each recipient by address (or by the account's key)."""
    return {
        row.address or f"compte {row.account_id}": row.state
        for row in campaign.recipients.order_by("pk")
    }
