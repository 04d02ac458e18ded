"""The chain of the journal: exact under concurrency, and no line goes or changes unseen (T-M3)."""

import io
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from pytest_django import Settings

from ent.audit.chain import event_digest, seal_journal, verify_journal
from ent.audit.enums import Act
from ent.audit.models import AuditEvent, JournalSeal, JournalState
from ent.audit.retention import purge_journal
from ent.audit.services import record, record_many
from ent.sealing.keys import KeyRole, forget_loaded_keys, rotate_key
from tests.ent.job_kinds import other_connection
from tests.kit.journal import seal_events

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def _tampering() -> Iterator[CursorWrapper]:
    """Somebody with every right on the database, the triggers out of their way."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor


def _write(count: int) -> None:
    record_many(act=Act.PERSON_VIEWED, subjects=[uuid.uuid4() for _ in range(count)])


def _faults() -> list[str]:
    return [str(finding) for finding in verify_journal()]


def test_what_was_committed_is_sealed_once_and_verifies() -> None:
    _write(3)
    assert seal_events(3) == 3
    assert seal_journal() == 0
    _write(2)
    assert seal_events(2) == 2

    assert [len(seal.event_ids) for seal in JournalSeal.objects.all()] == [3, 2]
    assert _faults() == []


def test_a_transaction_that_ends_late_is_sealed_later_and_never_missed() -> None:
    """The numbers of lines do not follow the commits: a long import ends after its neighbours."""
    with other_connection() as import_in_progress:
        import_in_progress.execute("BEGIN")
        import_in_progress.execute(
            "INSERT INTO audit_auditevent (uuid, occurred_at, act, outcome, school_uai,"
            " authority_code, door, device, details) VALUES"
            " (gen_random_uuid(), now(), 'import:applied', 'success', '', '', '', '', '{}')"
        )
        _write(2)
        assert seal_journal() == 0
        import_in_progress.execute("COMMIT")

    assert seal_events(3) == 3
    assert _faults() == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("DELETE FROM audit_auditevent", "ligne supprimée"),
        ("UPDATE audit_auditevent SET outcome = 'refused'", "ligne altérée"),
        ("UPDATE audit_auditevent SET actor_pseudonym = gen_random_uuid()", "ligne altérée"),
        ("UPDATE audit_auditevent SET occurred_at = now() - interval '9 weeks'", "supprimée"),
    ],
)
def test_a_line_that_is_removed_or_altered_is_named(change: str, fault: str) -> None:
    """T-M3."""
    _write(5)
    seal_events(5)
    victim = AuditEvent.objects.order_by("id")[2].pk
    with _tampering() as cursor:
        cursor.execute(f"{change} WHERE id = %s", [victim])

    faults = _faults()
    assert len(faults) == 1
    assert fault in faults[0]
    assert f"événement {victim} " in faults[0]


@pytest.mark.parametrize("month", [1, 2, 9])
def test_a_line_is_missed_whatever_its_month(month: int) -> None:
    for written in (1, 2, 9):
        with time_machine.travel(datetime(2020, written, 10, tzinfo=UTC), tick=False):
            _write(2)
        seal_events(2)
    victim = AuditEvent.objects.filter(occurred_at__month=month).latest("id").pk
    with _tampering() as cursor:
        cursor.execute("DELETE FROM audit_auditevent WHERE id = %s", [victim])

    [fault] = _faults()
    assert f"événement {victim} " in fault


def test_the_digest_of_a_line_covers_each_of_its_columns() -> None:
    said: dict[str, Any] = {
        "id": 1,
        "uuid": uuid.UUID(int=1),
        "occurred_at": datetime(2020, 1, 1, tzinfo=UTC),
        "act": "person:viewed",
        "outcome": "success",
        "actor_pseudonym": uuid.UUID(int=2),
        "subject_pseudonym": uuid.UUID(int=3),
        "school_uai": "0541111A",
        "authority_code": "NANCY",
        "address": "192.0.2.1",
        "door": "academie",
        "device": "Firefox",
        "details": {"count": 1},
    }
    other: dict[str, Any] = {
        "id": 2,
        "uuid": uuid.UUID(int=4),
        "occurred_at": datetime(2020, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
        "act": "person:exported",
        "outcome": "refused",
        "actor_pseudonym": None,
        "subject_pseudonym": None,
        "school_uai": "0542222B",
        "authority_code": "",
        "address": "192.0.2.2",
        "door": "",
        "device": "Chrome",
        "details": {"count": 2},
    }
    columns = {field.name for field in AuditEvent._meta.concrete_fields} - {"transaction_id"}
    assert set(said) == set(other) == columns
    before = event_digest(AuditEvent(**said))
    for name, value in other.items():
        assert event_digest(AuditEvent(**{**said, name: value})) != before, name


def test_a_line_that_is_slipped_into_the_past_is_named() -> None:
    _write(2)
    seal_events(2)
    with _tampering() as cursor:
        cursor.execute(
            "INSERT INTO audit_auditevent (uuid, occurred_at, act, outcome, school_uai,"
            " authority_code, door, device, details, transaction_id) VALUES"
            " (gen_random_uuid(), now(), 'role:granted', 'success', '', '', '', '', '{}', 1)"
            " RETURNING id"
        )
        (slipped,) = cursor.fetchone()

    assert _faults() == [f"ligne ajoutée hors du scellement : événement {slipped}"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("DELETE FROM audit_journalseal", "scellés manquants"),
        ("UPDATE audit_journalseal SET previous = sha256('x')", "chaîne rompue"),
        ("UPDATE audit_journalseal SET digests = sha256('x')", "scellé altéré"),
    ],
)
def test_a_link_that_is_removed_or_altered_is_noticed(change: str, fault: str) -> None:
    for _ in range(3):
        _write(1)
        seal_events(1)
    with _tampering() as cursor:
        cursor.execute(f"{change} WHERE number = 2")

    assert any(fault in found for found in _faults())


def test_who_owns_the_database_cannot_seal_a_lie(keys_folder: Path) -> None:
    """The links are keyed: without the worker's key nobody writes one that verifies."""
    _write(1)
    seal_events(1)
    rotate_key(keys_folder, KeyRole.JOURNAL_CHAIN)
    _write(1)
    seal_events(1)
    assert _faults() == []  # a rotation is no lie: each link names its key

    (keys_folder / "journal_chain.key").write_text("00000000 " + "A" * 43 + "=\n")
    forget_loaded_keys()
    assert len([fault for fault in _faults() if "scellé altéré" in fault]) == 4, "both chains"


def test_after_a_restore_on_another_server_the_chain_goes_on() -> None:
    """Its transaction numbers start again: nothing is sealed twice, nothing is missed."""
    _write(2)
    seal_events(2)
    _write(1)  # not sealed when the backup was taken
    with _tampering() as cursor:
        cursor.execute("UPDATE audit_auditevent SET transaction_id = transaction_id + 1e9")
        cursor.execute("UPDATE audit_journalstate SET transaction_id = transaction_id + 1e9")
    _write(2)

    assert seal_events(3) == 3
    _write(1)
    assert seal_events(1) == 1
    assert seal_journal() == 0
    assert _faults() == []
    sealed = [i for seal in JournalSeal.objects.all() for i in seal.event_ids]
    assert sorted(sealed) == sorted(AuditEvent.objects.values_list("id", flat=True))


def test_the_chain_holds_when_its_oldest_months_are_gone() -> None:
    """T-M5 beside T-M3."""
    for month in (1, 2, 9):
        with time_machine.travel(datetime(2020, month, 10, tzinfo=UTC), tick=False):
            _write(2)
        seal_events(2)
    with time_machine.travel(datetime(2021, 6, 10, tzinfo=UTC), tick=False):
        purge_journal()
    seal_journal()

    assert _faults() == []
    assert JournalState.objects.get().purged_number == 2
    assert AuditEvent.objects.of_acts([Act.PERSON_VIEWED]).count() == 2


def test_the_command_succeeds_on_an_intact_journal_and_fails_on_another(
    settings: Settings,
) -> None:
    out = io.StringIO()
    _write(2)
    call_command("verify_journal", stdout=out)
    assert "intact" in out.getvalue()

    with _tampering() as cursor:
        cursor.execute("DELETE FROM audit_auditevent")
    with pytest.raises(CommandError, match="2 défaut"):
        call_command("verify_journal", stderr=io.StringIO())
    settings.RUNS_WORKER = False
    with pytest.raises(CommandError, match="PREAU_RUNS_WORKER"):
        call_command("verify_journal")


def test_sealing_is_done_by_one_process_at_a_time() -> None:
    record(act=Act.SIGNED_OUT)
    with other_connection() as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM audit_journalstate FOR UPDATE")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
            with pytest.raises(Exception, match="lock timeout"):
                seal_journal()
            cursor.execute("RESET lock_timeout")
        other.execute("ROLLBACK")
    assert seal_events(1) == 1
