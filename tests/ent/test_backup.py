"""A backup is whole or refused, and what is restored is what was saved (T-L10, T-L11)."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Account
from credentials.enums import CampaignState
from credentials.models import Campaign
from directory.lifecycle.erasure import erase_persons
from directory.lifecycle.erasure_list import note_erasures
from directory.models import Person
from ent.audit.chain import verify_journal
from ent.audit.enums import Act
from ent.audit.services import record
from ent.backup.tables import table_names
from ent.files.models import StoredFile
from ent.files.purposes import register_purpose
from ent.files.reading import read_file
from ent.files.writing import create_file
from ent.jobs.models import Job
from ent.jobs.services import enqueue
from ent.sealing.keys import forget_loaded_keys
from signin.enums import Realm
from sso.logout.models import LogoutNotice
from tests.cast import make_cast
from tests.credentials.mailing import asked, families
from tests.ent import job_kinds
from tests.kit.database import empty_database
from tests.sso.kit import make_service

pytestmark = pytest.mark.django_db(transaction=True)
FILE_TEXT = "Prénom;Nom\r\nAnna;Martin\r\n".encode()
_GUIDE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


@pytest.fixture(autouse=True)
def own_keys(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """A machine with its own keys and its own list of erasures."""
    settings.KEYS_DIR = tmp_path / "machine" / "keys"
    settings.ERASURE_LIST = tmp_path / "machine" / "erasures.txt"
    forget_loaded_keys()
    yield
    forget_loaded_keys()


@pytest.fixture
def filled(own_keys: None) -> None:
    """People, a printed code, a journal, a file, and work that waits."""
    cast = make_cast()
    record(act=Act.PERSON_VIEWED, actor=cast.manager_a.uuid, subject=cast.pupil.uuid)
    register_purpose("tests", may_download=lambda file, person: False)
    with create_file(name="a.csv", media_type="text/csv", purpose="tests") as out:
        out.write(FILE_TEXT)
    families(cast.school_a, 2)
    asked(cast.school_a, cast.manager_a)
    now = timezone.now()
    LogoutNotice.objects.create(
        realm=Realm.PORTAL,
        service=make_service("https://service.invalid/"),
        address="https://service.invalid/",
        session_index="x",
        created_at=now,
        next_try_at=now,
    )
    enqueue(kind=f"tests.{job_kinds.nothing.__name__}")


def commands_of_the_guide(**folders: Path) -> list[list[str]]:
    """The commands that « Backup » shows, on folders of the test."""
    chapter = _GUIDE.read_text("utf-8").split("## Backup", 1)[1].split("\n## ", 1)[0]
    lines = re.findall(r"^PREAU_RUNS_WORKER=1 manage\.py (.+)$", chapter, re.MULTILINE)
    assert len(lines) == 2
    return [
        [
            word.replace("/sauvegardes", str(folders["backups"])).replace(
                "/coffre", str(folders["vault"])
            )
            for word in shlex.split(line)
        ]
        for line in lines
    ]


def read_back() -> bytes:
    return b"".join(read_file(StoredFile.objects.get(name="a.csv")))


def save(tmp_path: Path) -> Path:
    folder = tmp_path / "backup"
    call_command("backup", str(folder))
    return folder


def restore(folder: Path) -> None:
    call_command("restore", str(folder), "--without-erasures")


def test_the_steps_of_the_guide_bring_everything_back(
    filled: None, tmp_path: Path, settings: Settings
) -> None:
    backup, bring_back = commands_of_the_guide(
        backups=tmp_path / "backups", vault=tmp_path / "vault"
    )
    call_command(*backup)
    gone = Person.objects.filter(account__isnull=False).earliest("pk")
    note_erasures([gone.uuid])
    erase_persons([gone.pk])
    call_command("backup", str(tmp_path / "later"), "--keys", str(tmp_path / "vault" / "later"))
    shutil.copy(tmp_path / "vault" / "later" / "erasures.txt", tmp_path / "vault" / "cles")
    persons = Person.objects.count()

    settings.KEYS_DIR = tmp_path / "vault" / "cles"
    settings.JOURNAL_ANCHOR = tmp_path / "new-machine.json"
    settings.ERASURE_LIST = tmp_path / "new-machine.txt"
    forget_loaded_keys()
    with empty_database("restored"):
        call_command(*bring_back)

        assert list(verify_journal()) == []
        assert not Person.objects.filter(uuid=gone.uuid).exists(), "erased again"
        assert Person.objects.count() == persons
        assert not Job.objects.live().exists(), "held"
        assert not Campaign.objects.filter(state=CampaignState.RUNNING).exists()
        assert not LogoutNotice.objects.filter(
            sent_at__isnull=True, given_up_at__isnull=True
        ).exists()
        assert Account.objects.exists()
        assert Client().get("/connexion/").status_code == 200
        assert read_back() == FILE_TEXT


def test_a_backup_holds_no_name_in_its_manifest_and_nobody_else_may_read_it(
    filled: None, tmp_path: Path
) -> None:
    folder = save(tmp_path)
    text = (folder / "manifest.json").read_text("utf-8")
    for name in Person.objects.values_list("family_name", flat=True):
        assert not name or name not in text
    assert (folder / "database.dump").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("dump altered", "modifiée ou coupée"),
        ("dump cut", "modifiée ou coupée"),
        ("manifest altered", "manifeste de la sauvegarde a été modifié"),
        ("manifest missing", "n’est pas une sauvegarde complète"),
        ("other keys", "clé du journal n’est pas celle"),
        ("a key missing", "Clés manquantes sur cette machine : file_wrap_private"),
    ],
)
def test_a_backup_that_cannot_be_trusted_writes_nothing(
    tmp_path: Path, settings: Settings, fault: str, words: str
) -> None:
    folder = save(tmp_path)
    dump, manifest = folder / "database.dump", folder / "manifest.json"
    match fault:
        case "dump altered":
            content = bytearray(dump.read_bytes())
            content[len(content) // 2] ^= 1
            dump.write_bytes(content)
        case "dump cut":
            dump.write_bytes(dump.read_bytes()[:-1000])
        case "manifest altered":
            said = json.loads(manifest.read_text())
            said["tables"]["directory_person"] = [7, "7"]
            manifest.write_text(json.dumps(said))
        case "manifest missing":
            manifest.unlink()
        case "other keys":
            settings.KEYS_DIR = tmp_path / "others"
        case "a key missing":
            settings.KEYS_CREATE_MISSING = False
            (settings.KEYS_DIR / "file_wrap_private.key").unlink()
    forget_loaded_keys()
    with empty_database("refused"):
        with pytest.raises(CommandError, match=words):
            restore(folder)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            assert cursor.fetchone() == (0,)


def test_a_database_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    folder = save(tmp_path)
    with pytest.raises(CommandError, match="pas vide"):
        restore(folder)


def test_a_table_that_comes_back_otherwise_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server restores what it likes: only a comparison tells."""
    folder = save(tmp_path)
    monkeypatch.setattr(
        "ent.backup.restoring.measure_tables",
        lambda: {"directory_person": (3, "3")},
    )
    with empty_database("different"), pytest.raises(CommandError, match="directory_person"):
        restore(folder)


def test_a_folder_is_used_once(tmp_path: Path) -> None:
    folder = save(tmp_path)
    with pytest.raises(CommandError, match="n’est pas vide"):
        call_command("backup", str(folder))


@pytest.mark.parametrize("line", ["2026-11-30 not-a-digest", "something else altogether"])
def test_a_list_of_erasures_that_cannot_be_read_is_said(
    filled: None, tmp_path: Path, line: str
) -> None:
    folder, spoiled = save(tmp_path), tmp_path / "spoiled.txt"
    spoiled.write_text(f"{line}\n", "ascii")
    with empty_database("spoiled"), pytest.raises(CommandError, match="est illisible"):
        call_command("restore", str(folder), "--erasures", str(spoiled))


def test_a_list_of_erasures_that_is_not_there_stops_before_anything(tmp_path: Path) -> None:
    folder = save(tmp_path)
    with empty_database("absent"):
        with pytest.raises(CommandError, match="n’existe pas"):
            call_command("restore", str(folder), "--erasures", str(tmp_path / "absent.txt"))
        assert table_names() == []
