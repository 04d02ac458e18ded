"""Who bears which pseudonym is sealed, and the end of the chains is known outside the database."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.utils import Error

from ent.audit.anchor import read_anchor
from ent.audit.chain import seal_journal, verify_journal
from ent.audit.enums import Act
from ent.audit.models import AuditEvent, AuditIdentity, IdentityErasure, IdentitySeal
from ent.audit.services import forget_identities, record
from ent.audit.tasks import compare_at_start, mail_heads
from tests.kit.journal import seal_events

if TYPE_CHECKING:
    from django.core.mail import EmailMessage
    from pytest_django.fixtures import Settings

pytestmark = pytest.mark.django_db(transaction=True)
ANNE, BRUNO = uuid.UUID(int=1), uuid.UUID(int=2)


@contextmanager
def tampering() -> Iterator[CursorWrapper]:
    """Somebody with every right on the database, the triggers out of their way."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor


def faults() -> list[str]:
    return [fault.what for fault in verify_journal()]


@pytest.fixture
def sealed() -> None:
    """Two persons with a line each, all of it sealed."""
    for person in (ANNE, BRUNO):
        record(act=Act.PERSON_VIEWED, subject=person)
    seal_events(2)
    assert faults() == []
    assert IdentitySeal.objects.exists()


def test_two_identities_that_exchange_their_persons_are_noticed(sealed: None) -> None:
    """Else every line of one would stand under the name of the other."""
    for was, then in ((ANNE, uuid.UUID(int=9)), (BRUNO, ANNE), (uuid.UUID(int=9), BRUNO)):
        with tampering() as cursor:
            cursor.execute(
                "UPDATE audit_auditidentity SET person_uuid = %s WHERE person_uuid = %s",
                [then, was],
            )
    assert faults() == ["identité altérée"] * 2


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("DELETE FROM audit_auditidentity WHERE person_uuid = %s", "identité supprimée"),
        (
            (
                "UPDATE audit_auditidentity SET created_at = now() - interval '1 day'"
                " WHERE person_uuid = %s"
            ),
            "identité altérée",
        ),
        (
            (
                "UPDATE audit_identityseal SET digests = sha256('x') || sha256('y')"
                " WHERE %s::uuid IS NOT NULL"
            ),
            "scellé altéré",
        ),
    ],
)
def test_an_identity_that_changes_without_an_act_is_noticed(
    sealed: None, change: str, fault: str
) -> None:
    with tampering() as cursor:
        cursor.execute(change, [ANNE])
    assert faults() == [fault]


def test_an_identity_that_is_slipped_in_is_noticed(sealed: None) -> None:
    with tampering() as cursor:
        cursor.execute(
            "INSERT INTO audit_auditidentity (pseudonym, person_uuid, created_at, transaction_id)"
            " VALUES (gen_random_uuid(), gen_random_uuid(), now(), 1)"
        )
    assert faults() == ["identité ajoutée hors du scellement"]


def test_an_erasure_is_a_line_and_no_fault(sealed: None) -> None:
    """T-M6 beside T-M3, before and after the erasure itself is sealed."""
    assert forget_identities(person_uuids=[ANNE]) == 1
    assert faults() == []
    record(act=Act.PERSON_ERASED)
    seal_events(1)
    assert faults() == []

    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_identityerasure")
    assert sorted(faults()) == ["effacement supprimé", "identité supprimée"]


def test_somebody_who_was_erased_does_not_come_back(sealed: None) -> None:
    erased = AuditIdentity.objects.get(person_uuid=ANNE)
    forget_identities(person_uuids=[ANNE])
    record(act=Act.PERSON_ERASED)
    seal_events(1)
    with tampering() as cursor:
        cursor.execute(
            "INSERT INTO audit_auditidentity (pseudonym, person_uuid, created_at, transaction_id)"
            " VALUES (%s, %s, %s, 1)",
            [erased.pseudonym, ANNE, erased.created_at],
        )
    assert "identité rétablie après son effacement" in faults()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_auditidentity SET person_uuid = gen_random_uuid()",
        "DELETE FROM audit_auditidentity",
        "TRUNCATE audit_auditidentity",
        "UPDATE audit_identityseal SET digests = ''",
        "DELETE FROM audit_identityseal",
        "TRUNCATE audit_identityseal",
        "DELETE FROM audit_identityerasure",
        "UPDATE audit_identityerasure SET erased_at = now()",
        "TRUNCATE audit_identityerasure",
    ],
)
def test_the_server_refuses_what_no_act_of_ours_does(sealed: None, change: str) -> None:
    forget_identities(person_uuids=[BRUNO])
    with pytest.raises(Error, match="append-only"), connection.cursor() as cursor:
        cursor.execute(change)


def test_whose_identity_was_sealed_on_another_server_is_sealed_once(sealed: None) -> None:
    """After a restore the numbers of transactions begin again, lower."""
    record(act=Act.PERSON_VIEWED, subject=uuid.UUID(int=3))  # not sealed when it was saved
    with tampering() as cursor:
        for table in ("auditevent", "auditidentity", "journalstate"):
            cursor.execute(f"UPDATE audit_{table} SET transaction_id = transaction_id + 1e9")
    record(act=Act.PERSON_VIEWED, subject=uuid.UUID(int=4))
    seal_events(2)
    record(act=Act.PERSON_VIEWED, subject=uuid.UUID(int=5))
    seal_events(1)
    assert faults() == []
    pseudonyms = [one for seal in IdentitySeal.objects.all() for one in seal.pseudonyms]
    assert len(pseudonyms) == len(set(pseudonyms)) == AuditIdentity.objects.count() == 5


# --- the end of the chains, outside the database ----------------------------------------------


def cut_tail() -> None:
    """Take away the last link with its events, as whoever owns the database may."""
    with tampering() as cursor:
        cursor.execute("SELECT event_ids FROM audit_journalseal ORDER BY number DESC LIMIT 1")
        [(event_ids,)] = cursor.fetchall()
        cursor.execute("DELETE FROM audit_auditevent WHERE id = ANY(%s)", [event_ids])
        cursor.execute(
            "DELETE FROM audit_journalseal"
            " WHERE number = (SELECT max(number) FROM audit_journalseal)"
        )


def test_an_end_that_was_cut_off_is_noticed(sealed: None, caplog: pytest.LogCaptureFixture) -> None:
    record(act=Act.ROLE_GRANTED)
    seal_events(1)
    cut_tail()
    assert faults() == ["fin du journal coupée ou remplacée"]
    record(act=Act.PERSON_VIEWED)
    seal_events(1)
    assert faults() == ["fin du journal coupée ou remplacée"], "what comes later does not heal it"
    compare_at_start()
    assert "fin du journal coupée" in caplog.text


def test_identities_that_were_cut_off_are_noticed(sealed: None) -> None:
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_identityseal")
        cursor.execute("DELETE FROM audit_auditidentity")
        cursor.execute("UPDATE audit_auditevent SET subject_pseudonym = NULL")
    assert "fin des identités coupée ou remplacée" in faults()


@pytest.mark.parametrize("spoil", ["number", "signature", "all"])
def test_a_noted_end_that_was_forged_is_noticed(
    sealed: None, settings: Settings, spoil: str
) -> None:
    path = Path(settings.JOURNAL_ANCHOR)
    kept = json.loads(path.read_text())
    if spoil == "number":
        kept["events"]["number"] = 0
    else:
        kept["signature"] = "00" * 32
    path.write_text("x" if spoil == "all" else json.dumps(kept))
    seal_journal()
    assert faults() == ["repère falsifié ou illisible"]


def test_after_a_restore_a_person_says_that_the_shorter_journal_is_right(sealed: None) -> None:
    record(act=Act.PERSON_VIEWED)
    seal_events(1)
    cut_tail()
    with pytest.raises(CommandError, match="--after-restore"):
        call_command("anchor_journal")
    out = io.StringIO()
    call_command("anchor_journal", "--after-restore", stdout=out)
    assert "Repère noté" in out.getvalue()
    seal_events(1)
    assert faults() == []
    assert AuditEvent.objects.of_acts([Act.JOURNAL_ANCHORED]).count() == 1


def test_the_heads_go_to_the_operators_without_a_name(
    sealed: None, settings: Settings, mailoutbox: list[EmailMessage]
) -> None:
    mail_heads()
    assert not mailoutbox, "nobody is named to get them"
    settings.ADMINS = [("", "exploitant@ent.example")]
    mail_heads()
    [mail] = mailoutbox
    anchor = read_anchor()
    assert anchor is not None
    assert anchor.events.hash in mail.body
    assert str(ANNE) not in mail.body
    assert IdentityErasure.objects.count() == 0
