"""Making credential files: what is in them, when codes change, what a failure leaves."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.enums import AccountState
from accounts.models import Account, ActivationCode
from credentials.codes.issuing import count_pending, issue_codes
from credentials.enums import FileFormat, FileOrigin, FileState
from credentials.files.contributor import request_files_of_import
from credentials.files.services import delete_file, request_files
from credentials.models import CredentialFile
from directory.enums import Profile
from directory.models import Person, School
from ent.audit.enums import Act
from ent.audit.models import AuditEvent
from ent.files.models import FileChunk, StoredFile
from ent.files.reading import read_file
from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.jobs.running import run_now, run_queued
from tests import factories as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def make_pending(school: School, count: int = 1, **fields: object) -> list[Account]:
    """Pupils of a school whose accounts wait for their codes."""
    accounts = [
        make.make_account(person=make.make_person(school=school), state=AccountState.PENDING)
        for _ in range(count)
    ]
    issue_codes(account_ids=[account.pk for account in accounts], now=datetime.now(UTC))
    if fields:
        Account.objects.filter(pk__in=[account.pk for account in accounts]).update(**fields)
    return accounts


def ask(
    school: School,
    actor: Person,
    *,
    since: date | None = None,
    origin: FileOrigin = FileOrigin.REGENERATION,
) -> CredentialFile:
    """Ask for the file of one school."""
    (file,) = request_files(schools=[school], since=since, origin=origin, actor=actor)
    return file


def run_waiting_jobs() -> None:
    """Do the worker's part, in this test's transaction when it has one."""
    if not connection.in_atomic_block:
        run_queued()
    for job in Job.objects.filter(state=JobState.QUEUED).order_by("id"):
        run_now(job)


def made(file: CredentialFile) -> CredentialFile:
    """Let the worker make what waits, and return the file as it is then."""
    run_waiting_jobs()
    file.refresh_from_db()
    return file


def content(file: CredentialFile, file_format: FileFormat = FileFormat.CSV) -> bytes:
    """Read the bytes as the worker can."""
    stored_uuid = file.stored_uuid(file_format)
    assert stored_uuid is not None
    return b"".join(read_file(StoredFile.objects.get(uuid=stored_uuid)))


def rows(file: CredentialFile) -> list[dict[str, str]]:
    """Read the CSV."""
    text = content(file).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def passwords(file: CredentialFile) -> dict[str, str]:
    """The password column by login."""
    return {row["login"]: row["mot de passe"] for row in rows(file)}


def test_a_file_and_its_twin_hold_the_same_rows_and_as_many_as_accounts(cast: Cast) -> None:
    """T-F11: file count = account count, in the CSV and in the XLSX."""
    make_pending(cast.school_a, 3)
    file = made(ask(cast.school_a, cast.manager_a))
    assert file.state == FileState.READY
    assert file.name == "ENT-Identifiants-0541111A.csv"
    local = Account.objects.filter(
        kind="local", person__affiliations__school=cast.school_a
    ).exclude(person__in=[cast.head, cast.manager_a])  # nobody hands a code upwards
    assert len(rows(file)) == file.account_count == local.count()
    assert file.csv_size == len(content(file))
    with ZipFile(io.BytesIO(content(file, FileFormat.XLSX))) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row>") == file.account_count + 1
    assert all(code in sheet for code in passwords(file).values())


def test_regenerating_reprints_the_same_codes_and_the_same_bytes(cast: Cast) -> None:
    """T-F11: slips already handed out still work, and a rerun gives the same file."""
    make_pending(cast.school_a, 2)
    first = made(ask(cast.school_a, cast.manager_a))
    second = made(ask(cast.school_a, cast.manager_a))
    for file_format in FileFormat:
        assert content(first, file_format) == content(second, file_format)
    assert second.issued_count == 0


def test_regenerating_issues_new_codes_only_where_they_expired(cast: Cast) -> None:
    """T-F11: one expired, one valid."""
    expired, valid = make_pending(cast.school_a, 2)
    first = passwords(made(ask(cast.school_a, cast.manager_a)))
    ActivationCode.objects.filter(account=expired).update(
        expires_at=datetime.now(UTC) - timedelta(seconds=1)
    )
    file = made(ask(cast.school_a, cast.manager_a))
    second = passwords(file)
    assert file.issued_count == 1
    assert second[valid.login] == first[valid.login]
    assert second[expired.login] != first[expired.login]


def test_reissuing_replaces_every_code_that_is_not_used_yet(cast: Cast) -> None:
    """T-F11: « Réémettre » kills the former codes."""
    make_pending(cast.school_a, 2)
    first = passwords(made(ask(cast.school_a, cast.manager_a)))
    file = made(ask(cast.school_a, cast.manager_a, origin=FileOrigin.REISSUE))
    second = passwords(file)
    assert file.issued_count == 2
    changed = {login for login in first if first[login] != second[login]}
    pending = Account.objects.filter(state=AccountState.PENDING).values_list("login", flat=True)
    assert changed == set(pending)


def test_a_parent_of_two_schools_is_reissued_once_for_both(cast: Cast) -> None:
    """T-F5: both schools print the code that works."""
    parent = make.make_person(profile=Profile.GUARDIAN, family_name="Double")
    make.make_child_of(guardian=parent, pupil=cast.child_a)
    make.make_child_of(guardian=parent, pupil=cast.child_b)
    account = make.make_account(person=parent, state=AccountState.PENDING)
    issue_codes(account_ids=[account.pk], now=datetime.now(UTC))
    request_files(
        schools=[cast.school_a, cast.school_b],
        since=None,
        origin=FileOrigin.REISSUE,
        actor=cast.ent_administrator,
    )
    run_waiting_jobs()
    printed = {passwords(file)[account.login] for file in CredentialFile.objects.all()}
    assert len(printed) == 1
    account.refresh_from_db()
    assert account.code_generation == 2


@pytest.mark.parametrize(
    ("since", "instant", "is_in"),
    [
        # 22:00 UTC is midnight in Paris in summer, 23:00 UTC in winter.
        (date(2024, 9, 1), "2024-08-31T21:59:59.999999+00:00", False),
        (date(2024, 9, 1), "2024-08-31T22:00:00+00:00", True),
        (date(2024, 9, 1), "2024-09-01T12:00:00+00:00", True),
        (date(2024, 9, 1), "2024-09-03T12:00:00+00:00", True),
        (date(2024, 3, 31), "2024-03-30T22:59:59.999999+00:00", False),
        (date(2024, 3, 31), "2024-03-30T23:00:00+00:00", True),
        (date(2024, 4, 1), "2024-03-31T21:59:59.999999+00:00", False),
        (date(2024, 4, 1), "2024-03-31T22:00:00+00:00", True),
        (date(2024, 10, 27), "2024-10-26T22:00:00+00:00", True),
        (date(2024, 10, 28), "2024-10-27T22:59:59.999999+00:00", False),
        (date(2024, 10, 28), "2024-10-27T23:00:00+00:00", True),
    ],
)
def test_a_search_date_means_that_day_or_later_in_paris(
    cast: Cast, since: date, instant: str, *, is_in: bool
) -> None:
    """T-F11: boundary instants, both changes of clock."""
    Account.objects.update(created_at=datetime(2020, 1, 1, tzinfo=UTC))
    (account,) = make_pending(cast.school_a, created_at=datetime.fromisoformat(instant))
    make_pending(cast.school_b, created_at=datetime.fromisoformat(instant))
    file = made(ask(cast.school_a, cast.manager_a, since=since))
    assert set(passwords(file)) == ({account.login} if is_in else set())
    assert (
        count_pending(schools=[cast.school_a], since=since, now=datetime.now(UTC))
        == file.code_count
    )


def test_an_import_asks_for_one_file_per_school_of_its_new_accounts(cast: Cast) -> None:
    """R-E1: in the import's transaction; older accounts and academic ones are not in them."""
    Account.objects.update(created_at=datetime(2020, 1, 1, tzinfo=UTC))
    fresh = make_pending(cast.school_a, 2) + make_pending(cast.school_b, 1)
    now = connection.cursor().execute("SELECT now()").fetchone()[0]
    Account.objects.filter(pk__in=[account.pk for account in fresh]).update(created_at=now)
    assert request_files_of_import(delivery_uuid=None) == 2
    run_waiting_jobs()
    files = CredentialFile.objects.order_by("school__uai")
    assert [(file.school, len(rows(file))) for file in files] == [
        (cast.school_a, 2),
        (cast.school_b, 1),
    ]
    assert set(passwords(files[0])) == {account.login for account in fresh[:2]}


def test_asking_for_many_schools_is_set_wise(cast: Cast) -> None:
    """A region's import has 850 schools: the number of statements does not follow."""

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            request_files_of_import(delivery_uuid=None)
        return len(captured)

    def at_this_import(accounts: list[Account]) -> None:
        now = connection.cursor().execute("SELECT now()").fetchone()[0]
        Account.objects.filter(pk__in=[account.pk for account in accounts]).update(created_at=now)

    at_this_import(make_pending(cast.school_a))
    few = statements()
    for _ in range(5):
        at_this_import(make_pending(make.make_school()))
    assert statements() == few


def test_a_right_withdrawn_while_the_job_waits_leaves_nothing(cast: Cast) -> None:
    """T-F4: refused at the next step, no code touched, no file listed."""
    (account,) = make_pending(cast.school_a)
    file = ask(cast.school_a, cast.manager_a, origin=FileOrigin.REISSUE)
    cast.manager_a.role_grants.update(withdrawn_at=datetime.now(UTC))
    made(file)
    job = Job.objects.get(uuid=file.job_uuid)
    assert job.state == JobState.FAILED
    assert "plus le droit" in job.error
    assert file.state == FileState.WAITING
    assert ActivationCode.objects.get(account=account).generation == 1
    assert not StoredFile.objects.exists()


def test_a_right_withdrawn_during_the_job_leaves_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T-F4: the role goes while the rows are being written."""
    from credentials.files import making

    (account,) = make_pending(cast.school_a)
    file = ask(cast.school_a, cast.manager_a, origin=FileOrigin.REISSUE)
    answers = iter([True, False])
    monkeypatch.setattr(making, "may_still_handle_files", lambda *_: next(answers))
    made(file)
    assert file.state == FileState.WAITING
    assert ActivationCode.objects.get(account=account).generation == 1
    assert not StoredFile.objects.exists()
    assert not FileChunk.objects.exists()


def test_a_full_disk_leaves_no_file_and_no_code_half_changed(cast: Cast) -> None:
    """T-F14: chunks are rows; PostgreSQL reports a full disk (53100) in the middle of the files."""
    accounts = make_pending(cast.school_a, 3)
    before = codes_of(accounts)
    file = ask(cast.school_a, cast.manager_a, origin=FileOrigin.REISSUE)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF (SELECT count(*) FROM files_filechunk) > 1 THEN"
            " RAISE 'could not extend file: No space left on device' USING ERRCODE = '53100';"
            " END IF; RETURN NULL; END $$;"
            "CREATE TRIGGER disk_full AFTER INSERT ON files_filechunk"
            " FOR EACH ROW EXECUTE FUNCTION no_space()"
        )
    job = Job.objects.get(uuid=file.job_uuid)
    made(file)
    job.refresh_from_db()
    assert job.state == JobState.QUEUED  # it waits for room, and goes on by itself
    assert job.not_before is not None
    assert file.state == FileState.WAITING
    assert not StoredFile.objects.exists()
    assert not FileChunk.objects.exists()
    assert codes_of(accounts) == before
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER disk_full ON files_filechunk")
    Job.objects.filter(pk=job.pk).update(not_before=None)
    made(file)
    assert file.state == FileState.READY
    assert file.issued_count == len(accounts)


def codes_of(accounts: list[Account]) -> dict[int, tuple[bytes, int]]:
    """The verifier and the generation of each account's code."""
    codes = ActivationCode.objects.filter(account__in=accounts)
    return {code.account_id: (bytes(code.verifier), code.generation) for code in codes}


def test_deleting_destroys_bytes_and_keys_and_keeps_the_line_of_the_journal(cast: Cast) -> None:
    """T-F13: nothing is left that a later backup could hold."""
    make_pending(cast.school_a)
    file = made(ask(cast.school_a, cast.manager_a))
    delete_file(file=file, is_cancelling_codes=False, actor=cast.manager_a)
    assert not StoredFile.objects.exists()
    assert not FileChunk.objects.exists()
    assert ActivationCode.objects.count() == 1
    event = AuditEvent.objects.get(act=Act.FILE_DELETED)
    assert event.details["file"] == str(file.uuid)
    assert not CredentialFile.objects.listed().exists()


def test_deleting_may_cancel_the_codes_that_were_printed_and_no_later_one(cast: Cast) -> None:
    """T-F13: codes issued since are on other slips."""
    printed, later = make_pending(cast.school_a, 2)
    file = made(ask(cast.school_a, cast.manager_a))
    issue_codes(account_ids=[later.pk], now=datetime.now(UTC))
    deletion = delete_file(file=file, is_cancelling_codes=True, actor=cast.manager_a)
    assert deletion.cancelled_codes == 1
    assert list(ActivationCode.objects.values_list("account_id", flat=True)) == [later.pk]
    assert printed.pk != later.pk


def test_deleting_what_is_still_waiting_stops_its_job(cast: Cast) -> None:
    """Nobody finds a file that was deleted before it was made."""
    file = ask(cast.school_a, cast.manager_a)
    delete_file(file=file, is_cancelling_codes=False, actor=cast.manager_a)
    made(file)
    assert file.state == FileState.DELETED
    assert not StoredFile.objects.exists()


def test_each_act_stands_in_the_journal(cast: Cast) -> None:
    """T-M3 for this room: asked, made, deleted, with who and where."""
    make_pending(cast.school_a)
    file = made(ask(cast.school_a, cast.manager_a, origin=FileOrigin.REISSUE))
    delete_file(file=file, is_cancelling_codes=False, actor=cast.manager_a)
    events = AuditEvent.objects.filter(school_uai=cast.school_a.uai).order_by("id")
    assert [event.act for event in events] == [
        Act.CODES_REISSUED,
        Act.FILE_CREATED,
        Act.FILE_DELETED,
    ]
    assert all(event.actor_pseudonym for event in events)
