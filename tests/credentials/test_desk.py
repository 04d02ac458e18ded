"""The desk « Fichiers des identifiants » as managers meet it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import AccountState
from accounts.models import ActivationCode
from credentials.enums import FileFormat, FileOrigin, FileState
from credentials.files.services import request_files
from credentials.models import CredentialFile
from directory.enums import Profile, Role
from directory.models import Person, School
from ent.audit.enums import Act, Outcome
from ent.audit.models import AuditEvent
from ent.files.models import StoredFile
from ent.files.purposes import FilePurpose
from ent.jobs.enums import JobState
from ent.jobs.models import Job
from tests import factories as make
from tests.cast import Cast
from tests.credentials.test_files import make_pending, run_waiting_jobs

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person | None], Client]
FILES = "/annuaire/administration/fichiers-des-identifiants/"


def make_file(school: School, actor: Person) -> CredentialFile:
    """A ready file."""
    (file,) = request_files(
        schools=[school], since=None, origin=FileOrigin.REGENERATION, actor=actor
    )
    run_waiting_jobs()
    file.refresh_from_db()
    return file


def download_address(file: CredentialFile, file_format: str = "csv") -> str:
    """Where the button of the list posts."""
    return reverse("credentials:download", args=[file.uuid, file_format])


def download(client: Client, file: CredentialFile, file_format: str = "csv") -> Any:
    """Press the button, let the worker hand over, and fetch."""
    waiting = client.post(download_address(file, file_format))
    assert waiting.status_code == 302, waiting.content
    run_waiting_jobs()
    page = client.get(waiting["Location"])
    address = page["Refresh"].split("url=")[1]
    return client.get(address)


def test_the_list_says_what_the_school_office_knows(cast: Cast, client_of: SignIn) -> None:
    """R-E1: title, columns, count, file name and size as they are known from before."""
    file = make_file(cast.school_a, cast.manager_a)
    page = client_of(cast.manager_a).get(FILES).content.decode()
    for words in (
        "Vous êtes ici",
        "Retour",
        "1 résultat",
        "Fichier",
        "Taille (Octets)",
        "Date de génération",
        "Télécharger/supprimer",
        "Régénérer le(s) fichier(s) des identifiants",
        "ENT-Identifiants-0541111A.csv",
        f"{file.csv_size:,}".replace(",", "\u202f"),
        "messagerie académique",
    ):
        assert words in page, words


def test_the_list_is_newest_first_by_twenty_and_keeps_its_filter(
    cast: Cast, client_of: SignIn
) -> None:
    """R-E1: « premier, précédent, suivant, dernier »."""
    now = datetime.now(UTC)
    for number in range(23):
        file = CredentialFile.objects.create(
            school=cast.school_a,
            origin=FileOrigin.IMPORT,
            state=FileState.READY,
            name="ENT-Identifiants-0541111A.csv",
            account_count=number,
            job_uuid=uuid.uuid4(),
            csv_uuid=uuid.uuid4(),
            generated_at=now,
        )
        CredentialFile.objects.filter(pk=file.pk).update(created_at=now + timedelta(hours=number))
    client = client_of(cast.ent_administrator)
    first = client.get(FILES, {"etablissement": cast.school_a.uai})
    assert [row.file.account_count for row in first.context["rows"]] == list(range(22, 2, -1))
    text = first.content.decode()
    assert "23 résultats" in text
    assert "etablissement=0541111A&amp;page=2" in text
    second = client.get(FILES, {"etablissement": cast.school_a.uai, "page": "2"})
    assert [row.file.account_count for row in second.context["rows"]] == [2, 1, 0]
    for words in ("premier", "précédent"):
        assert words in second.content.decode()
    other = client.get(FILES, {"etablissement": cast.school_b.uai})
    assert "Aucun fichier pour cet établissement" in other.content.decode()


def test_an_empty_list_says_what_to_do(cast: Cast, client_of: SignIn) -> None:
    """An empty state leads to the act that fills it."""
    page = client_of(cast.manager_a).get(FILES).content.decode()
    assert "Aucun fichier pour l’instant" in page


def test_the_number_of_queries_does_not_follow_the_rows(cast: Cast, client_of: SignIn) -> None:
    """House rule 16."""
    client = client_of(cast.manager_a)

    def queries() -> int:
        client.get(FILES)
        with CaptureQueriesContext(connection) as captured:
            client.get(FILES)
        return len(captured)

    make_file(cast.school_a, cast.manager_a)
    few = queries()
    for _ in range(4):
        make_file(cast.school_a, cast.manager_a)
    assert queries() == few


def test_regenerating_from_the_page_makes_the_file(cast: Cast, client_of: SignIn) -> None:
    """R-E1: « Périmètre », « Date de recherche », « Valider »."""
    make_pending(cast.school_a)
    client = client_of(cast.manager_a)
    address = reverse("credentials:regenerate")
    page = client.get(address).content.decode()
    for words in ("Périmètre", "Date de recherche", "tous les comptes de l’établissement"):
        assert words in page
    answer = client.post(address, {"perimetre": [cast.school_a.uai], "date": ""}, follow=True)
    assert "en préparation" in answer.content.decode()
    state = client.get(reverse("credentials:progress"), {"sur": "1"}).json()
    assert state == {"done": 0, "total": 1, "finished": False}
    run_waiting_jobs()
    state = client.get(reverse("credentials:progress"), {"sur": "1"}).json()
    assert state == {"done": 1, "total": 1, "finished": True}
    assert "1 résultat" in client.get(FILES).content.decode()


@pytest.mark.parametrize("name", ["regenerate", "confirm-reissue"])
def test_one_school_of_somebody_else_among_many_refuses_all(
    cast: Cast, client_of: SignIn, name: str
) -> None:
    """T-F3: a list that mixes schools has no effect at all."""
    make_pending(cast.school_a)
    client_of(cast.manager_a).post(
        reverse(f"credentials:{name}"),
        {"perimetre": [cast.school_a.uai, cast.school_b.uai], "date": "", "nombre": "1"},
    )
    assert not CredentialFile.objects.exists()
    assert not Job.objects.exists()


def test_a_foreign_school_is_refused_like_one_that_does_not_exist(
    cast: Cast, client_of: SignIn
) -> None:
    """T-F2: the form's answer tells nothing."""
    client = client_of(cast.manager_a)
    address = reverse("credentials:regenerate")
    foreign = client.post(address, {"perimetre": [cast.school_b.uai]}).content.decode()
    unknown = client.post(address, {"perimetre": ["9999999Z"]}).content.decode()
    mask = [cast.school_b.uai, "9999999Z"]
    assert "Choisissez seulement des établissements de la liste." in foreign
    assert _without_tokens(foreign, mask) == _without_tokens(unknown, mask)


def test_a_day_to_come_is_refused(cast: Cast, client_of: SignIn) -> None:
    """The file would be empty, and the person would not know why."""
    answer = client_of(cast.manager_a).post(
        reverse("credentials:regenerate"),
        {"perimetre": [cast.school_a.uai], "date": "2999-01-01"},
    )
    assert "pas encore passée" in answer.content.decode()


def test_reissuing_says_how_many_and_wants_that_number_typed(cast: Cast, client_of: SignIn) -> None:
    """T-F8 and T-F11: what will happen, to how many, typed confirmation."""
    accounts = make_pending(cast.school_a, 3)
    client = client_of(cast.manager_a)
    chosen = client.get(reverse("credentials:reissue"), {"perimetre": cast.school_a.uai})
    page = client.get(chosen["Location"]).content.decode()
    assert "Remplacer 3 codes" in page
    data = {"perimetre": [cast.school_a.uai], "date": "", "nombre": "2"}
    confirm = reverse("credentials:confirm-reissue")
    assert "Le nombre est maintenant 3" in client.post(confirm, data).content.decode()
    assert not CredentialFile.objects.exists()
    client.post(confirm, {**data, "nombre": "3"})
    run_waiting_jobs()
    assert CredentialFile.objects.get().issued_count == 3
    generations = ActivationCode.objects.filter(account__in=accounts)
    assert {code.generation for code in generations} == {2}


def test_the_entitled_manager_downloads_both_twins(cast: Cast, client_of: SignIn) -> None:
    """T-F12: safe headers, nothing kept on the way, every download in the journal."""
    file = make_file(cast.school_a, cast.manager_a)
    client = client_of(cast.manager_a)
    for file_format, magic in ((FileFormat.CSV, b"\xef\xbb\xbfrne;uid;"), (FileFormat.XLSX, b"PK")):
        answer = download(client, file, file_format)
        body = b"".join(answer.streaming_content)
        assert body.startswith(magic)
        assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", "))
        assert answer["Content-Disposition"] == (
            f'attachment; filename="ENT-Identifiants-0541111A.{file_format}"'
        )
        assert answer["X-Content-Type-Options"] == "nosniff"
    downloads = AuditEvent.objects.filter(act=Act.FILE_DOWNLOADED)
    assert downloads.count() == 2


def test_head_sends_no_content_and_a_range_gets_the_whole_file(
    cast: Cast, client_of: SignIn
) -> None:
    """T-F12: HEAD and Range have no way round."""
    file = make_file(cast.school_a, cast.manager_a)
    client = client_of(cast.manager_a)
    waiting = client.post(download_address(file))
    run_waiting_jobs()
    address = client.get(waiting["Location"])["Refresh"].split("url=")[1]
    head = client.head(address)
    assert head.status_code == 200
    assert b"".join(head.streaming_content) == b""  # type: ignore[attr-defined]
    part = client.get(address, headers={"Range": "bytes=5-9"})
    assert part.status_code == 200
    assert len(b"".join(part.streaming_content)) == file.csv_size  # type: ignore[attr-defined]
    assert "Content-Range" not in part


def test_whatever_is_not_theirs_answers_like_what_does_not_exist(
    cast: Cast, client_of: SignIn
) -> None:
    """T-F2, T-F12: another school's manager, after deletion, guessed id: one and the same 404."""
    file = make_file(cast.school_a, cast.manager_a)
    gone = make_file(cast.school_a, cast.manager_a)
    client_of(cast.manager_a).post(reverse("credentials:delete", args=[gone.uuid]))

    def answers(client: Client, file_uuid: uuid.UUID) -> list[tuple[int, str]]:
        found = []
        for name in ("delete", "retry"):
            address = reverse(f"credentials:{name}", args=[file_uuid])
            found.append(client.post(address))
        for file_format in (*FileFormat.values, "exe"):
            address = reverse("credentials:download", args=[file_uuid, file_format])
            found.append(client.post(address))
        found.append(client.get(reverse("credentials:delete", args=[file_uuid])))
        return [
            (answer.status_code, _without_tokens(answer.content.decode(), [str(file_uuid)]))
            for answer in found
        ]

    stranger = client_of(cast.manager_b)
    unknown = answers(stranger, uuid.uuid4())
    assert {status for status, _ in unknown} == {404}
    assert answers(stranger, file.uuid) == unknown
    assert answers(client_of(cast.manager_a), gone.uuid) == answers(
        client_of(cast.manager_a), uuid.uuid4()
    )
    file.refresh_from_db()
    assert file.state == FileState.READY


def test_a_shared_link_opens_nothing_for_another_session(cast: Cast, client_of: SignIn) -> None:
    """T-F12: neither for a colleague who has the right, nor for one's own second browser."""
    colleague = make.make_person(school=cast.school_a, given_name="Autre", profile=Profile.STAFF)
    make.make_account(person=colleague)
    make.give_role(person=colleague, role=Role.SCHOOL_ADMINISTRATOR, school=cast.school_a)
    file = make_file(cast.school_a, cast.manager_a)
    client = client_of(cast.manager_a)
    waiting = client.post(download_address(file))
    run_waiting_jobs()
    address = client.get(waiting["Location"])["Refresh"].split("url=")[1]
    for other in (client_of(colleague), client_of(cast.manager_a)):
        assert other.get(address).status_code == 404
    assert client_of(colleague).get(waiting["Location"]).status_code == 404
    assert client.get(address).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_right_withdrawn_before_the_download_is_refused(cast: Cast, client_of: SignIn) -> None:
    """T-F4: between the page and the click, and between the click and the worker."""
    file = make_file(cast.school_a, cast.manager_a)
    client = client_of(cast.manager_a)
    waiting = client.post(download_address(file))
    cast.manager_a.role_grants.update(withdrawn_at=datetime.now(UTC))
    run_waiting_jobs()
    job = Job.objects.get(kind="files.hand_over")
    assert job.state == JobState.FAILED
    refused = AuditEvent.objects.get(act=Act.FILE_HANDED_OVER)
    assert refused.outcome == Outcome.REFUSED
    assert client.post(download_address(file)).status_code in {403, 404}
    assert client.get(waiting["Location"]).status_code in {403, 404}


def test_the_handover_expires_after_ten_minutes(
    cast: Cast, client_of: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link of an open browser on a shared computer dies by itself."""
    import time_machine

    file = make_file(cast.school_a, cast.manager_a)
    client = client_of(cast.manager_a)
    waiting = client.post(download_address(file))
    run_waiting_jobs()
    address = client.get(waiting["Location"])["Refresh"].split("url=")[1]
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=10, seconds=1)):
        assert client.get(address).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_downloads_have_a_ceiling_an_hour(
    cast: Cast, client_of: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stolen session does not empty a region: the worker stops and tells the journal."""
    from credentials.enums import Purpose
    from credentials.files.making import may_download

    one = FilePurpose(Purpose.CREDENTIALS, may_download, per_hour=1)
    monkeypatch.setattr("ent.files.handoff.get_purpose", lambda name: one)
    file = make_file(cast.school_a, cast.manager_a)
    client = client_of(cast.manager_a)
    download(client, file)
    waiting = client.post(download_address(file))
    run_waiting_jobs()
    assert "plafond" in client.get(waiting["Location"]).content.decode()
    assert AuditEvent.objects.filter(act=Act.CEILING_REACHED).exists()


def test_deleting_asks_first_and_destroys_both_twins(cast: Cast, client_of: SignIn) -> None:
    """T-F13: the page says what goes, the codes die only when that is ticked."""
    (account,) = make_pending(cast.school_a)
    file = make_file(cast.school_a, cast.manager_a)
    client = client_of(cast.manager_a)
    address = reverse("credentials:delete", args=[file.uuid])
    assert "effacés tout de suite" in client.get(address).content.decode()
    assert StoredFile.objects.count() == 2
    answer = client.post(address, {"annuler_codes": "on"}, follow=True)
    assert "un code est annulé" in answer.content.decode()
    assert not StoredFile.objects.exists()
    assert not ActivationCode.objects.filter(account=account).exists()


def test_a_failed_file_shows_why_and_can_be_asked_again(cast: Cast, client_of: SignIn) -> None:
    """T-F14: « échec, relancer », and the list never shows half a file."""
    file = make_file(cast.school_a, cast.manager_a)
    CredentialFile.objects.filter(pk=file.pk).update(
        state=FileState.WAITING, generated_at=None, csv_uuid=None, xlsx_uuid=None
    )
    Job.objects.filter(uuid=file.job_uuid).update(
        state=JobState.FAILED, error="Le disque est plein.", finished_at=datetime.now(UTC)
    )
    client = client_of(cast.manager_a)
    page = client.get(FILES).content.decode()
    for words in ("Échec", "Le disque est plein.", "Relancer"):
        assert words in page
    assert "Télécharger" not in page.replace("Télécharger/supprimer", "")
    assert client.post(download_address(file)).status_code == 404
    client.post(reverse("credentials:retry", args=[file.uuid]))
    run_waiting_jobs()
    file.refresh_from_db()
    assert file.state == FileState.READY


@pytest.mark.parametrize(
    "who", ["credentials_manager", "form_teacher", "teacher", "pupil", "parent", "editor", "guest"]
)
def test_nobody_else_opens_the_desk(cast: Cast, client_of: SignIn, who: str) -> None:
    """The mission's table: managers and form teachers hand out slips, never whole files."""
    client = client_of(getattr(cast, who))
    for name in ("files", "regenerate", "reissue", "confirm-reissue", "progress"):
        assert client.get(reverse(f"credentials:{name}")).status_code == 403


def test_the_import_s_own_files_are_for_the_school_too(cast: Cast, client_of: SignIn) -> None:
    """R-E1: nobody asked for them, whoever is in charge downloads them."""
    from credentials.files.contributor import request_files_of_import

    accounts = make_pending(cast.school_a)
    now = connection.cursor().execute("SELECT now()").fetchone()[0]
    type(accounts[0]).objects.filter(pk=accounts[0].pk).update(created_at=now)
    request_files_of_import(delivery_uuid=uuid.uuid4())
    run_waiting_jobs()
    file = CredentialFile.objects.get(school=cast.school_a)
    answer = download(client_of(cast.head), file)
    assert accounts[0].login.encode() in b"".join(answer.streaming_content)
    assert accounts[0].state == AccountState.PENDING


def _without_tokens(page: str, values: list[str]) -> str:
    """Return the page without what changes each time: CSRF tokens, nonces, the value asked for."""
    import re

    page = re.sub(r'(name="csrfmiddlewaretoken" value|nonce)="[^"]+"', r"\1", page)
    for value in values:
        page = page.replace(value, "…")
    return page
