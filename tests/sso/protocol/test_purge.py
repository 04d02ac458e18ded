"""Forgetting tickets: counted first, in batches that hold nobody up (T-E12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import time_machine
from django.db import connection
from django.utils import timezone

from directory.models import Person
from sso.models import LogoutNotice, ServiceUsage, Ticket
from sso.tickets import purge
from sso.usage.visits import visits_of
from tests.sso.kit import Browser, make_service, user_of, validate
from tests.sso.realm_kits import RealmKit

BrowserOf = Callable[[Person | None], Browser]


def test_a_ticket_that_was_never_used_goes_and_counts_for_nothing(
    pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    browser_of(pupil).ticket()
    assert purge.purge_tickets() == 0
    with time_machine.travel(timezone.now() + timedelta(minutes=3), tick=False):
        assert purge.purge_tickets() == 1
    assert not ServiceUsage.objects.exists()


def test_a_used_ticket_stays_until_the_sign_on_is_over(
    pupil: Person, browser_of: BrowserOf
) -> None:
    """It is the address book of single logout."""
    make_service()
    browser = browser_of(pupil)
    validate(browser.ticket())
    now = timezone.now()
    with time_machine.travel(now + timedelta(hours=2), tick=False):
        assert purge.purge_tickets() == 0
    browser.client.get("/cas/logout")
    with time_machine.travel(now + timedelta(hours=2), tick=False):
        assert purge.purge_tickets() == 1


def test_no_ticket_outlives_the_longest_session(pupil: Person, browser_of: BrowserOf) -> None:
    make_service()
    validate(browser_of(pupil).ticket())
    with time_machine.travel(timezone.now() + timedelta(hours=12, minutes=1), tick=False):
        assert purge.purge_tickets() == 1


def test_visits_are_counted_once_before_and_after_the_purge(
    pupil: Person, browser_of: BrowserOf
) -> None:
    service = make_service()
    browser = browser_of(pupil)
    today = timezone.localdate()
    for _ in range(3):
        validate(browser.ticket())
    (before,) = visits_of(service, since=today)
    assert (before.day, before.profile, before.count) == (today, "eleve", 3)
    now = timezone.now()
    browser.client.get("/cas/logout")
    with time_machine.travel(now + timedelta(hours=2), tick=False):
        purge.purge_tickets()
    assert visits_of(service, since=today) == [before]
    other = browser_of(pupil)
    validate(other.ticket())
    assert visits_of(service, since=today)[0].count == 4
    fields = {field.name for field in ServiceUsage._meta.get_fields()}
    assert fields == {"id", "service", "day", "profile", "visits"}


def test_old_notices_go_too(pupil: Person, browser_of: BrowserOf) -> None:
    make_service()
    browser = browser_of(pupil)
    validate(browser.ticket())
    browser.client.get("/cas/logout")
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        purge.purge_tickets()
    assert not LogoutNotice.objects.exists()


def test_a_flood_is_purged_in_batches_while_tickets_are_validated(
    pupil: Person, browser_of: BrowserOf, realm: RealmKit
) -> None:
    """The small size of T-E12: between two batches a validation passes; none waits for a table."""
    service = make_service()
    browser = browser_of(pupil)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO sso_ticket (hash, kind, realm, subject, service_id, address, sign_on,"
            " is_primary, methods, profile, proxies, authenticated_at, created_at, expires_at,"
            " consumed_value)"
            " SELECT sha256(n::text::bytea), 'ST', %s, %s, %s, 'https://x/',"
            " gen_random_uuid(), false, '{}', 'eleve', '{}', now(), now() - interval '1 day',"
            " now() - interval '1 day', '' FROM generate_series(1, 12000) n",
            [realm.realm.value, realm.principal(pupil), service.pk],
        )
    assert purge.purge_batch() == purge.BATCH
    assert user_of(validate(browser.ticket()))
    assert purge.purge_tickets() == 12_000 - purge.BATCH
    assert Ticket.objects.count() == 1
