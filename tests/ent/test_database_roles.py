"""The application's roles add to the journal and change nothing there, whatever they hold."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from directory.imports.application.references import may_set_aside_triggers
from directory.lifecycle.erasure import erase_persons
from directory.models import Person
from ent.audit.chain import seal_journal, verify_journal
from ent.audit.enums import Act
from ent.audit.models import AuditEvent, AuditIdentity, IdentitySeal, JournalSeal
from ent.audit.partitions import add_months, create_partitions, existing_months, month_of
from ent.audit.retention import purge_journal
from ent.audit.services import record
from ent.database.roles import JOURNAL, Roles, journal_rights
from ent.deployment.checks import check_database_role
from tests.cast import Cast, make_cast, verified_client
from tests.kit.journal import seal_events
from tests.kit.roles import connected_as

pytestmark = pytest.mark.django_db(transaction=True)
PUPIL = uuid.UUID(int=7)


def faults() -> list[str]:
    return [fault.what for fault in verify_journal()]


def tried(statement: str) -> str:
    """What came of a statement: an error's code, "" when it was done."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return str(getattr(error.__cause__, "sqlstate", error))
    return ""


_FORBIDDEN = "42501"


@pytest.mark.parametrize("which", ["web", "worker"])
def test_neither_role_changes_a_line(roles: Roles, which: str) -> None:
    record(act=Act.PERSON_VIEWED, subject=PUPIL)
    seal_events(1)
    with connected_as(getattr(roles, which)):
        record(act=Act.PERSON_VIEWED, subject=PUPIL)
        for statement in (
            "UPDATE audit_auditevent SET act = 'x'",
            "DELETE FROM audit_auditevent",
            "TRUNCATE audit_auditevent",
            "DROP TABLE audit_auditevent",
            "ALTER TABLE audit_auditevent DISABLE TRIGGER ALL",
            "UPDATE audit_auditidentity SET person_uuid = gen_random_uuid()",
            "DELETE FROM audit_auditidentity",
            "DELETE FROM audit_journalseal",
            "DELETE FROM audit_identityseal",
            "INSERT INTO audit_identityerasure (pseudonym) VALUES (gen_random_uuid())",
            "UPDATE audit_journalstate SET purged_number = 9",
            "SET session_replication_role = replica",
            (
                "CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger"
                " LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'"
            ),
        ):
            assert tried(statement) == _FORBIDDEN, statement
        assert journal_rights() == []
        assert check_database_role(databases=["default"]) == []
    assert faults() == []


def test_only_the_worker_may_do_the_acts_of_the_owner(roles: Roles) -> None:
    with connected_as(roles.web):
        for act in (
            "audit_make_month('2030-01-01')",
            "audit_drop_month('2020-01-01')",
            "audit_purge_default(now())",
            "audit_forget_seals('2020-01-01')",
            f"audit_forget_persons(ARRAY['{PUPIL}'::uuid])",
            "directory_put_checks_aside(true)",
        ):
            assert tried(f"SELECT {act}") == _FORBIDDEN, act
        assert tried("INSERT INTO audit_journalseal DEFAULT VALUES") == _FORBIDDEN
        assert not may_set_aside_triggers()
    with connected_as(roles.worker):
        assert may_set_aside_triggers()
        assert tried("SELECT audit_drop_month(now()::date)") == "23001", "a month that is kept"


def test_triggers_switched_off_by_the_worker_s_switch_give_no_right(roles: Roles) -> None:
    """The switch serves an import: behind it the journal is as closed as before."""
    record(act=Act.PERSON_VIEWED, subject=PUPIL)
    with connected_as(roles.worker):
        for change in (
            "DELETE FROM audit_auditevent",
            "UPDATE audit_auditidentity SET created_at = now()",
        ):
            statement = f"SELECT directory_put_checks_aside(true); {change}"
            assert tried(statement) == _FORBIDDEN


def test_a_line_slipped_into_the_past_is_found(roles: Roles) -> None:
    record(act=Act.PERSON_VIEWED, subject=PUPIL)
    seal_events(1)
    with connected_as(roles.web):
        assert not tried(
            "INSERT INTO audit_auditevent (uuid, occurred_at, act, outcome, school_uai,"
            " authority_code, door, device, details, transaction_id) VALUES (gen_random_uuid(),"
            " now(), 'person:viewed', 'success', '', '', '', '', '{}', 1)"
        )
    assert faults() == ["ligne ajoutée hors du scellement"]


def test_the_worker_seals_makes_months_purges_and_erases(roles: Roles) -> None:
    cast = make_cast()
    record(act=Act.PERSON_VIEWED, subject=cast.pupil.uuid)
    old = add_months(month_of(timezone.now()), -14)
    with connected_as(roles.worker):
        with time_machine.travel(timezone.now() - timedelta(days=430), tick=False):
            assert create_partitions()
        assert old in existing_months()
        seal_events(1)
        purge_journal()
        assert old not in existing_months()
        erase_persons([cast.pupil.pk])
        seal_journal()
        assert not AuditIdentity.objects.filter(person_uuid=cast.pupil.uuid).exists()
        assert not Person.objects.filter(pk=cast.pupil.pk).exists()
        assert faults() == []
    assert JournalSeal.objects.exists()
    assert IdentitySeal.objects.exists()


def test_the_web_role_serves_pages_and_writes_their_lines(roles: Roles, cast: Cast) -> None:
    with connected_as(roles.web):
        client = verified_client(cast.manager_a)
        for path in ("/accueil/", "/annuaire/", "/annuaire/?q=a", "/messagerie/"):
            assert client.get(path).status_code == 200, path
        assert Client().get("/connexion/").status_code == 200
        assert Client().get("/sante/pages/").status_code == 200
        assert client.post("/deconnexion/").status_code in (302, 303)
    assert AuditEvent.objects.exists()


def test_the_owner_is_told_that_it_serves_nobody(roles: Roles) -> None:
    assert journal_rights() == ["le rôle est superutilisateur"]
    assert [message.id for message in check_database_role(databases=["default"])] == ["ent.W003"]


def test_every_table_of_the_journal_is_named(roles: Roles) -> None:
    """A table of the room that nobody named would belong to the workers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relname LIKE 'audit\\_%%'"
            " AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
        )
        assert {name for (name,) in cursor.fetchall()} == set(JOURNAL)
