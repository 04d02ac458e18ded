"""From the click to the stream: one session, ten minutes, checked again by the worker (T-F12)."""

import base64
import os
import uuid
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from ent.audit.enums import Act, Outcome
from ent.audit.models import AuditEvent
from ent.files.handoff import (
    VALIDITY,
    HandoffError,
    HandoffTicket,
    open_handoff,
    request_handoff,
)
from ent.files.models import FileHandoff, StoredFile
from ent.files.purposes import register_purpose
from ent.files.services import delete_expired_files, delete_stored_file
from ent.files.writing import create_file
from ent.jobs.enums import JobState
from ent.jobs.running import run_now
from ent.sealing.wrapping import unwrap

pytestmark = pytest.mark.django_db

CONTENT = b"rne;uid;login\r\n" * 100
ALICE = uuid.uuid4()
SESSION = "session-of-alice"
entitled: set[UUID] = set()


@pytest.fixture(autouse=True)
def purpose() -> None:
    """Alice may download; nobody else."""
    entitled.clear()
    entitled.add(ALICE)
    register_purpose("tests", may_download=lambda file, person: person in entitled, per_hour=3)


@pytest.fixture
def file() -> StoredFile:
    """A file of one school."""
    with create_file(
        name="ENT-Identifiants-0541234A.csv",
        media_type="text/csv",
        purpose="tests",
        school_uai="0541234A",
    ) as out:
        out.write(CONTENT)
    return out.file


def ask(file: StoredFile, *, actor: UUID = ALICE, session_key: str = SESSION) -> HandoffTicket:
    """Ask, and let the worker do its part."""
    ticket = request_handoff(file=file, actor=actor, session_key=session_key)
    run_now(ticket.job)
    return ticket


def read(
    ticket: HandoffTicket, *, actor: UUID = ALICE, session_key: str = SESSION, secret: str = ""
) -> bytes:
    """Come back for the file."""
    content = open_handoff(
        handoff_uuid=ticket.handoff.uuid,
        actor=actor,
        session_key=session_key,
        secret=secret or ticket.secret,
    )
    return b"".join(content.chunks)


def test_the_session_that_asked_gets_the_file_without_any_standing_key(
    file: StoredFile, settings: Settings
) -> None:
    ticket = ask(file)
    assert ticket.job.state == JobState.SUCCEEDED

    settings.RUNS_WORKER = False
    assert read(ticket) == CONTENT
    assert read(ticket) == CONTENT  # a retry of the browser


def test_nobody_else_gets_it(file: StoredFile) -> None:
    """T-F12: another manager, another session, another browser, a guessed identifier."""
    ticket, other = ask(file), ask(file)
    stranger = base64.urlsafe_b64encode(os.urandom(32)).decode()
    for change in (
        {"actor": uuid.uuid4()},
        {"session_key": "another-session"},
        {"session_key": ""},
        {"secret": stranger},
        {"secret": other.secret},
        {"secret": "é"},
        {"secret": "AAAA"},
    ):
        with pytest.raises(HandoffError):
            read(ticket, **change)
    with pytest.raises(HandoffError):
        open_handoff(
            handoff_uuid=uuid.uuid4(), actor=ALICE, session_key=SESSION, secret=ticket.secret
        )


def test_before_the_worker_has_answered_there_is_nothing(file: StoredFile) -> None:
    ticket = request_handoff(file=file, actor=ALICE, session_key=SESSION)
    with pytest.raises(HandoffError):
        read(ticket)


def test_it_lasts_ten_minutes(file: StoredFile) -> None:
    ticket = ask(file)
    with time_machine.travel(timezone.now() + VALIDITY - timedelta(seconds=1), tick=False):
        assert read(ticket) == CONTENT
    with time_machine.travel(timezone.now() + VALIDITY + timedelta(seconds=1), tick=False):
        with pytest.raises(HandoffError):
            read(ticket)
        delete_expired_files()
        assert not FileHandoff.objects.exists()


def test_the_worker_checks_the_right_again(file: StoredFile) -> None:
    """T-F4: withdrawn between the page and the job."""
    ticket = request_handoff(file=file, actor=ALICE, session_key=SESSION)
    entitled.clear()
    job = run_now(ticket.job)

    assert job.state == JobState.FAILED
    assert "pas accès" in job.error
    with pytest.raises(HandoffError):
        read(ticket)
    refused = AuditEvent.objects.get(act=Act.FILE_HANDED_OVER)
    assert refused.outcome == Outcome.REFUSED


def test_a_person_has_a_ceiling_an_hour(file: StoredFile) -> None:
    """T-F8: a broken web process could only ask for files one by one, visibly."""
    for _ in range(3):
        assert ask(file).job.state == JobState.SUCCEEDED
    refused = run_now(request_handoff(file=file, actor=ALICE, session_key=SESSION).job)
    assert refused.state == JobState.FAILED
    assert "plafond" in refused.error
    assert AuditEvent.objects.by(ALICE).of_acts([Act.CEILING_REACHED]).count() == 1

    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert ask(file).job.state == JobState.SUCCEEDED


def test_each_hand_over_and_each_download_is_journaled(file: StoredFile) -> None:
    ticket = ask(file)
    read(ticket)
    read(ticket)

    events = AuditEvent.objects.by(ALICE).in_schools(["0541234A"])
    assert sorted(event.act for event in events) == [
        "file:downloaded",
        "file:downloaded",
        "file:handed-over",
    ]
    assert {event.details["file"] for event in events} == {str(file.uuid)}


def test_a_deleted_file_is_handed_over_to_nobody(file: StoredFile) -> None:
    ticket = ask(file)
    waiting = request_handoff(file=file, actor=ALICE, session_key=SESSION)
    delete_stored_file(uuid=file.uuid)

    with pytest.raises(HandoffError):
        read(ticket)
    job = run_now(waiting.job)
    assert job.state == JobState.FAILED
    assert "Demandez à nouveau" in job.error


def test_the_database_alone_does_not_open_the_file(file: StoredFile) -> None:
    """T-F1: a dump of those ten minutes holds neither the session nor the browser's secret."""
    ticket = ask(file)
    private = base64.urlsafe_b64decode(ticket.secret + "=")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT string_agg(row::text, ' ') FROM files_filehandoff AS row)"
            " || (SELECT string_agg(row::text, ' ') FROM files_storedfile AS row)"
            " || (SELECT string_agg(row::text, ' ') FROM jobs_job AS row)"
            " || (SELECT string_agg(row::text, ' ') FROM audit_auditevent AS row)"
        )
        (dump,) = cursor.fetchone() or ("",)
    assert str(file.uuid) in dump
    for canary in (ticket.secret, private.hex(), SESSION, CONTENT.decode()):
        assert canary not in dump
    handoff = FileHandoff.objects.get()
    with pytest.raises(Exception, match="does not open"):
        unwrap(handoff.wrapped_key or b"", private_key=os.urandom(32), context=b"")
