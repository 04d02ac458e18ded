"""The journal: what can be written, that it stays, who reads it, and how it ends (T-M3 to T-M6)."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from ent.audit.enums import Act, Outcome
from ent.audit.models import AuditEvent, AuditIdentity
from ent.audit.origin import Origin, device_family
from ent.audit.partitions import (
    add_months,
    create_partitions,
    existing_months,
    first_kept_month,
    month_of,
    month_start,
)
from ent.audit.retention import purge_journal
from ent.audit.services import forget_identities, record, record_many
from ent.audit.vocabulary import act_choices, vocabulary

pytestmark = pytest.mark.django_db

ALICE, PUPIL = uuid.uuid4(), uuid.uuid4()


def test_an_act_says_who_to_whom_when_where_what_and_the_result() -> None:
    """T-M3."""
    request = RequestFactory().get("/", headers={"User-Agent": "Mozilla Windows NT Firefox/130"})
    event_uuid = record(
        act=Act.CODE_REGENERATED,
        actor=ALICE,
        subject=PUPIL,
        school_uai="0541234A",
        authority_code="nancy-metz",
        origin=Origin.of(request, door="enc"),
        outcome=Outcome.REFUSED,
        details={"reason": "ceiling", "count": 3, "job": uuid.UUID(int=1)},
    )

    event = AuditEvent.objects.get(uuid=event_uuid)
    assert list(AuditEvent.objects.by(ALICE)) == list(AuditEvent.objects.about(PUPIL)) == [event]
    assert (event.act_label, event.outcome) == ("Code d’activation régénéré", "refused")
    assert (event.address, event.door, event.device) == ("127.0.0.1", "enc", "Firefox, Windows")
    assert event.details == {"reason": "ceiling", "count": 3, "job": str(uuid.UUID(int=1))}
    assert timezone.now() - event.occurred_at < timedelta(minutes=1)


def test_the_journal_knows_pseudonyms_only() -> None:
    record(act=Act.PERSON_VIEWED, actor=ALICE, subject=PUPIL)
    event = AuditEvent.objects.get()

    assert not {event.actor_pseudonym, event.subject_pseudonym} & {ALICE, PUPIL}
    assert AuditIdentity.objects.persons_of([event]) == {
        event.actor_pseudonym: ALICE,
        event.subject_pseudonym: PUPIL,
    }


def test_an_event_costs_one_statement_whoever_it_speaks_of(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """T-A2: a refused sign-in of a known person costs what an unknown one's does."""
    known = uuid.uuid4()
    record(act=Act.SIGN_IN_FAILED, subject=known)
    for subject in (known, uuid.uuid4(), None):
        with django_assert_num_queries(1):
            record(act=Act.SIGN_IN_FAILED, subject=subject)


def test_a_whole_class_is_one_batch(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    pupils = [uuid.uuid4() for _ in range(30)]
    with django_assert_num_queries(1):
        assert record_many(act=Act.CODE_REGENERATED, subjects=pupils, actor=ALICE) == 30
    assert AuditEvent.objects.by(ALICE).count() == 30
    assert AuditEvent.objects.about(pupils[7]).count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET act = 'nothing:happened'",
        "UPDATE audit_auditevent SET actor_pseudonym = NULL",
        "DELETE FROM audit_auditevent",
        "TRUNCATE audit_auditevent",
        "TRUNCATE audit_auditevent_default",
        "TRUNCATE audit_journalseal",
    ],
)
def test_a_line_is_neither_changed_nor_removed(statement: str) -> None:
    """T-M3: the server itself refuses, whoever asks."""
    record(act=Act.ROLE_GRANTED, actor=ALICE, subject=PUPIL)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)
    assert AuditEvent.objects.get().act == Act.ROLE_GRANTED


def test_a_month_of_its_own_cannot_be_emptied() -> None:
    month = existing_months()[0]
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute(f"TRUNCATE audit_auditevent_m{month:%Y%m}")


@pytest.mark.parametrize(
    ("details", "why"),
    [
        ({"nom": "Dupont"}, "no vocabulary allows"),
        ({"reason": "marie@example.org"}, "closed lists"),
        ({"reason": "a\nb"}, "closed lists"),
        ({"reason": "x" * 101}, "closed lists"),
        ({"reason": {"a": 1}}, "closed lists"),
        ({"fields": [["a"]]}, "closed lists"),
        ({"count": 1.5}, "closed lists"),
    ],
)
def test_details_have_closed_names_and_no_free_text(details: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        record(act=Act.PERSON_VIEWED, details=details)


def test_an_act_outside_the_vocabulary_cannot_be_written() -> None:
    class Stray(models.TextChoices):
        NOTHING = "nothing:happened", "Rien"

    for act in (Stray.NOTHING, "person:viewed"):
        with pytest.raises(ValueError, match="no act"):
            record(act=act)  # type: ignore[arg-type]


def test_a_higher_room_adds_its_acts_and_never_takes_a_word_twice() -> None:
    @vocabulary(details=("test_campaign",))
    class MailingAct(models.TextChoices):
        STARTED = "test-mailing:started", "Diffusion lancée"

    record(act=MailingAct.STARTED, details={"test_campaign": 3})
    assert AuditEvent.objects.get().act_label == "Diffusion lancée"
    assert ("test-mailing:started", "Diffusion lancée") in act_choices()

    class Twice(models.TextChoices):
        VIEWED = "person:viewed", "Encore"

    class Misspelt(models.TextChoices):
        VIEWED = "Person Viewed", "Autre"

    for enumeration in (Twice, Misspelt):
        with pytest.raises(ValueError, match="act"):
            vocabulary(enumeration)


def test_a_perimeter_is_its_schools_and_nothing_without_school() -> None:
    """T-M4."""
    for uai in ("0541234A", "0880001B", ""):
        record(act=Act.PERSON_VIEWED, actor=ALICE, school_uai=uai)

    seen = AuditEvent.objects.in_schools(["0541234A", ""])
    assert [event.school_uai for event in seen] == ["0541234A"]
    assert not AuditEvent.objects.in_schools([]).exists()


def test_erasing_a_person_leaves_lines_that_lead_to_nobody() -> None:
    """T-M6."""
    record(act=Act.CODE_REGENERATED, actor=ALICE, subject=PUPIL)

    assert forget_identities(person_uuids=[PUPIL]) == 1

    assert not AuditEvent.objects.about(PUPIL).exists()
    assert AuditEvent.objects.by(ALICE).count() == 1
    record(act=Act.CODE_REGENERATED, subject=PUPIL)
    assert AuditEvent.objects.values("subject_pseudonym").distinct().count() == 2


def test_an_act_that_is_rolled_back_is_not_in_the_journal() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(act=Act.ROLE_GRANTED, actor=ALICE)
        raise ZeroDivisionError
    assert not AuditEvent.objects.exists()


def test_the_coming_months_are_there_and_made_once() -> None:
    months = existing_months()
    assert months[0] <= month_of(timezone.now())
    assert len(months) >= 4
    assert create_partitions() == []


def test_after_a_year_a_month_goes_whole_and_nothing_younger() -> None:
    """T-M5."""
    now = timezone.now()
    months = [add_months(month_of(now), -back) for back in range(14, 0, -1)]
    for month in months:
        with time_machine.travel(month_start(month) + timedelta(days=27), tick=False):
            create_partitions()
            record(act=Act.SIGNED_OUT, subject=PUPIL)

    dropped = purge_journal()
    assert {month: count for month, count in dropped.items() if count} == dict.fromkeys(
        months[:2], 1
    )
    kept = AuditEvent.objects.about(PUPIL).order_by("occurred_at")
    assert month_of(kept[0].occurred_at) == first_kept_month(now)
    assert kept.count() == 12
    assert not kept.filter(occurred_at__lt=now - timedelta(days=397)).exists()
    purges = AuditEvent.objects.of_acts([Act.JOURNAL_PURGED])
    assert {"month": months[0].isoformat(), "count": 1} in [event.details for event in purges]


def test_a_month_that_is_kept_is_dropped_by_nobody_whatever_our_clock_says() -> None:
    """The server has the last word: nobody empties the journal by setting a clock."""
    in_two_years = timezone.now() + timedelta(days=730)
    with time_machine.travel(in_two_years, tick=False), pytest.raises(DatabaseError):
        purge_journal()


def test_an_event_of_an_unexpected_date_is_not_lost() -> None:
    with time_machine.travel(datetime(2050, 6, 1, tzinfo=UTC), tick=False):
        record(act=Act.SIGNED_OUT, subject=PUPIL)
        assert AuditEvent.objects.about(PUPIL).count() == 1
        assert datetime(2050, 6, 1, tzinfo=UTC).date() not in create_partitions()
    assert AuditEvent.objects.about(PUPIL).count() == 1


@pytest.mark.parametrize(
    ("agent", "family"),
    [
        ("Mozilla/5.0 (iPhone) AppleWebKit Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537 Edg/120", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.0", ""),
        ("<script>alert(1)</script>\r\nX", ""),
    ],
)
def test_of_a_browser_the_journal_keeps_two_family_names(agent: str, family: str) -> None:
    assert device_family(agent) == family
