"""Whoever is erased is forgotten by every room, in one transaction (T-M6)."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from accounts.enums import AccountState
from credentials.mailing.models import CampaignRecipient
from directory.enums import Profile, Role
from directory.lifecycle import erasure
from directory.lifecycle.erasure import erase_persons, register_eraser, registered_rooms
from directory.models.persons import Person
from ent.audit.enums import Act
from ent.audit.models import AuditEvent
from ent.audit.services import record
from messaging.addresses.models import NotificationAddress
from messaging.mailbox.models import Message
from messaging.notices.sending import notify_owner, send_report
from portal.models import NewsItem
from sso.models import LogoutNotice, ServiceGrant
from sso.release.identifiers import identifier_for
from tests import factories as make
from tests.accounts.signing import no_terms
from tests.credentials.mailing import asked, family
from tests.sso.kit import Browser, make_service, validate

pytestmark = pytest.mark.django_db
EVENT = Act.NEWS_PUBLISHED


@pytest.fixture
def parent() -> Person:
    """A parent with something in every room."""
    no_terms()
    school = make.make_school()
    head = make.make_person(school=school, profile=Profile.HEAD)
    make.give_role(person=head, role=Role.SCHOOL_ADMINISTRATOR, school=school)
    account = family(school, 1, family_name="Zzyzwick")
    parent = account.person
    asked(school, head)
    account.state = AccountState.ACTIVE
    account.save(update_fields=["state"])
    pupil = make.make_person(school=school)
    make.make_child_of(guardian=parent, pupil=pupil)
    make.give_role(person=parent, role=Role.EDITOR, school=school)
    service = make_service()
    client = Client()
    client.force_login(account)
    validate(Browser(client).ticket())
    Browser(client).ticket()
    ServiceGrant.objects.create(service=service, person=parent)
    identifier_for(person_id=parent.pk, service_id=service.pk)
    NotificationAddress.objects.create(
        person=parent, email="zzyzwick@example.org", confirmed_at=timezone.now()
    )
    notify_owner(person=parent, subject="Votre compte", body="Bonjour Zzyzwick")
    send_report(to=[parent, head], subject="Bilan", body="Deux lecteurs")
    NewsItem.objects.create(school=school, title="Kermesse", body="Samedi", author=parent)
    record(act=EVENT, actor=parent.uuid, subject=parent.uuid)
    return parent


def rows_that_hold(*words: str) -> set[str]:
    """The tables in which a row holds one of these words, in whatever column."""
    tables = connection.introspection.table_names()
    found = set()
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                f'SELECT EXISTS (SELECT FROM "{table}" AS one WHERE one::text ILIKE ANY (%s))',
                [[f"%{word}%" for word in words]],
            )
            if cursor.fetchone()[0]:
                found.add(table)
    return found


def test_every_room_registered_its_part_in_an_order_that_works() -> None:
    """Sessions end first, so that services hear of it; the persons' rows go last."""
    assert registered_rooms() == [
        "accounts",
        "guichet",
        "sso",
        "messaging",
        "credentials",
        "pronote_bridge",
        "ent.audit",
        "directory",
    ]


def test_nothing_of_an_erased_person_is_left_in_any_table(parent: Person) -> None:
    """Neither their identifiers nor their name nor their addresses."""
    words = (
        str(parent.uuid),
        str(parent.account.uuid),
        parent.account.login,
        "Zzyzwick",
        "parent1@example.org",
    )
    assert {
        "accounts_account",
        "audit_auditidentity",
        "credentials_campaignrecipient",
        "directory_person",
        "messaging_message",
        "messaging_notificationaddress",
        "signin_session",
        "sso_ticket",
    } <= rows_that_hold(*words)
    assert erase_persons([parent.pk]) == 1
    assert rows_that_hold(*words) == set()


def test_services_hear_that_the_sign_ons_are_over(parent: Person) -> None:
    """A cascade tells nobody (decision 0034)."""
    erase_persons([parent.pk])
    assert LogoutNotice.objects.count() == 1


def test_what_others_keep_stays(parent: Person) -> None:
    """The journal's lines, counts of mailings, news, a message that somebody else received."""
    erase_persons([parent.pk])
    assert AuditEvent.objects.filter(act=EVENT).count() == 1
    assert CampaignRecipient.objects.get().account is None
    assert NewsItem.objects.get().author is None
    assert Message.objects.get().subject == "Bilan"
    assert Person.objects.filter(profile__in=[Profile.PUPIL, Profile.HEAD]).count() == 2


def test_the_others_of_a_school_keep_everything(parent: Person) -> None:
    """Erasing is of the persons named, set-wise, and of nobody else."""
    others = [make.make_person(school=parent.main_school) for _ in range(3)]
    for other in others:
        make.make_account(person=other)
        notify_owner(person=other, subject="Votre compte", body="Bonjour")
    assert erase_persons([parent.pk, others[0].pk, others[0].pk]) == 2
    for other in others[1:]:
        other.refresh_from_db()
        assert other.account.login
        assert other.mailbox_entries.count() == 1


_REFUSE_TO_FORGET = """
CREATE FUNCTION refuse_to_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'this table cannot forget'; END $$;
CREATE TRIGGER refuse_to_forget BEFORE DELETE ON directory_person
    FOR EACH ROW EXECUTE FUNCTION refuse_to_forget();
"""


def test_when_one_room_fails_nobody_is_erased(parent: Person) -> None:
    """One transaction: half forgotten is worse than not at all."""
    with connection.cursor() as cursor:
        cursor.execute(_REFUSE_TO_FORGET)
    with pytest.raises(DatabaseError, match="cannot forget"):
        erase_persons([parent.pk])
    assert Person.objects.filter(pk=parent.pk).exists()
    assert rows_that_hold(parent.account.login) >= {"accounts_account", "directory_person"}


def test_a_rank_is_given_once() -> None:
    """Two rooms of one rank would have no order."""
    with pytest.raises(ValueError, match="rank"):
        register_eraser("another", erasure.PERSONS_RANK, lambda person_ids: None)
