"""Encrypted files: whole or not at all, readable by a worker only, gone with their key."""

import base64
import csv
import hashlib
import io
import tracemalloc
import uuid
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from ent.audit.enums import Act
from ent.audit.models import AuditEvent
from ent.files.cipher import CHUNK_BYTES, FileDamagedError
from ent.files.models import FileChunk, StoredFile
from ent.files.purposes import UnknownPurposeError, register_purpose
from ent.files.reading import read_file
from ent.files.services import delete_expired_files, delete_stored_file, reseal_file_keys
from ent.files.writing import create_file
from ent.sealing.keys import (
    ForbiddenKeyError,
    KeyRole,
    UnknownKeyError,
    retire_former_keys,
    rotate_key,
)
from tests.ent.job_kinds import other_connection

pytestmark = pytest.mark.django_db

CANARY = b"k7qpm3xr9t4v"


@pytest.fixture(autouse=True)
def purpose() -> None:
    """What these files are for."""
    register_purpose("tests", may_download=lambda file, person: True)


def store(content: bytes, *, name: str = "liste.csv", school_uai: str = "") -> StoredFile:
    """Write one file."""
    with create_file(
        name=name, media_type="text/csv", purpose="tests", school_uai=school_uai
    ) as out:
        out.write(content)
    return out.file


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 1_000_003]
)
def test_what_is_written_is_read_whatever_the_size(size: int) -> None:
    content = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    file = store(content)

    assert b"".join(read_file(file)) == content
    assert (file.size, bytes(file.sha256)) == (size, hashlib.sha256(content).digest())
    longest = max(len(bytes(chunk.ciphertext)) for chunk in file.chunks.all())
    assert longest <= 256 * 1024


def test_other_writers_write_into_it() -> None:
    with (
        create_file(name="a.zip", media_type="application/zip", purpose="tests") as out,
        zipfile.ZipFile(out, "w") as zipped,
    ):
        zipped.writestr("a.txt", "préau")
    with create_file(name="a.csv", media_type="text/csv", purpose="tests") as table:
        text = io.TextIOWrapper(table, encoding="utf-8-sig", newline="")
        csv.writer(text, delimiter=";").writerow(["élève", "4E3"])
        text.flush()

    with zipfile.ZipFile(io.BytesIO(b"".join(read_file(out.file)))) as archive:
        assert archive.read("a.txt").decode() == "préau"
    assert b"".join(read_file(table.file)) == "\ufeffélève;4E3\r\n".encode()


def test_nothing_of_the_content_is_in_the_tables() -> None:
    """T-F1: raw, base64 and hexadecimal."""
    file = store(CANARY * 100, name="canari.csv")
    dump = b"".join(bytes(chunk.ciphertext) for chunk in file.chunks.all())
    dump += bytes(file.wrapped_key) + bytes(file.sha256)

    for canary in (CANARY, base64.b64encode(CANARY), CANARY.hex().encode()):
        assert canary not in dump
    assert store(CANARY * 100).chunks.get().ciphertext != file.chunks.get().ciphertext


def test_a_web_process_writes_but_does_not_read(settings: Settings) -> None:
    settings.RUNS_WORKER = False
    file = store(CANARY)

    with pytest.raises(ForbiddenKeyError):
        b"".join(read_file(file))


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE files_filechunk SET ciphertext = set_byte(ciphertext, 9, 0) WHERE number = 1",
        "DELETE FROM files_filechunk WHERE number = 1",
        "DELETE FROM files_filechunk WHERE number = 2",
        "UPDATE files_filechunk SET number = 9 - number",
        "UPDATE files_storedfile SET size = 300000",
        "UPDATE files_storedfile SET size = size + 300000",
    ],
)
def test_a_damaged_exchanged_or_cut_file_is_noticed(damage: str) -> None:
    file = store(b"x" * (CHUNK_BYTES * 2 + 5))
    with connection.cursor() as cursor:
        cursor.execute(damage)
    file.refresh_from_db()

    with pytest.raises(FileDamagedError):
        b"".join(read_file(file))


def test_a_chunk_of_another_file_does_not_open() -> None:
    """T-F1b."""
    first, second = store(b"a" * 50), store(b"b" * 50)
    stolen = second.chunks.get().ciphertext
    first.chunks.update(ciphertext=stolen)
    with pytest.raises(FileDamagedError):
        b"".join(read_file(first))

    StoredFile.objects.filter(pk=first.pk).update(wrapped_key=second.wrapped_key)
    first.refresh_from_db()
    with pytest.raises(Exception, match="does not open"):
        b"".join(read_file(first))


@pytest.mark.django_db(transaction=True)
def test_a_file_is_listed_only_when_it_is_whole() -> None:
    with create_file(name="a.csv", media_type="text/csv", purpose="tests") as out:
        out.write(b"x" * (2 * CHUNK_BYTES))
        with other_connection() as cursor:
            cursor.execute("SELECT count(*) FROM files_storedfile")
            assert cursor.fetchone() == (0,)
    assert StoredFile.objects.count() == 1


def test_a_failure_while_writing_leaves_nothing() -> None:
    """T-F14: a full disk, a bug, a cancelled job."""
    with (
        pytest.raises(OSError, match="full"),
        create_file(name="a.csv", media_type="text/csv", purpose="tests") as out,
    ):
        out.write(b"x" * (2 * CHUNK_BYTES))
        raise OSError("disk full")

    assert not StoredFile.objects.exists()
    assert not FileChunk.objects.exists()


def test_writing_and_reading_take_constant_memory() -> None:
    def blocks(count: int) -> Iterator[bytes]:
        for number in range(count):
            yield number.to_bytes(4, "big") * 16_384

    tracemalloc.start()
    try:
        with create_file(name="a.bin", media_type="text/csv", purpose="tests") as out:
            for block in blocks(400):  # 26 MB
                out.write(block)
        size = sum(len(chunk) for chunk in read_file(out.file))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == 400 * 65_536
    assert peak < 6 * 1024 * 1024


def test_deleting_destroys_the_key_and_the_chunks() -> None:
    """T-F13."""
    file = store(b"x" * (2 * CHUNK_BYTES))

    assert delete_stored_file(uuid=file.uuid)
    assert not delete_stored_file(uuid=file.uuid)
    assert not StoredFile.objects.exists()
    assert not FileChunk.objects.exists()


def test_after_thirty_days_a_file_is_destroyed_and_the_journal_says_so() -> None:
    old = store(b"a", school_uai="0541234A")
    with time_machine.travel(timezone.now() + timedelta(days=29), tick=False):
        young = store(b"b")
        assert delete_expired_files() == 0
    with time_machine.travel(timezone.now() + timedelta(days=30, seconds=1), tick=False):
        assert list(StoredFile.objects.alive()) == [young]
        assert delete_expired_files() == 1

    event = AuditEvent.objects.get(act=Act.FILE_EXPIRED)
    assert (event.school_uai, event.details["file"]) == ("0541234A", str(old.uuid))
    assert list(StoredFile.objects.all()) == [young]


def test_a_new_key_of_the_worker_takes_over_the_files(keys_folder: Path) -> None:
    file, role = store(CANARY), KeyRole.FILE_WRAP_PRIVATE
    rotate_key(keys_folder, role)
    assert b"".join(read_file(file)) == CANARY

    assert (reseal_file_keys(), reseal_file_keys()) == (1, 0)
    retire_former_keys(keys_folder, role)
    with pytest.raises(UnknownKeyError):
        b"".join(read_file(file))
    file.refresh_from_db()
    assert b"".join(read_file(file)) == CANARY


@pytest.mark.parametrize(
    "name", ["", "../a", "a/b", "a\\b", 'a"b', "a\nb", "a\u2028b", ".a", "a" * 151, "a\u202eb"]
)
def test_a_dangerous_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        store(b"", name=name)


def test_a_file_without_a_declared_purpose_is_refused() -> None:
    with (
        pytest.raises(UnknownPurposeError),
        create_file(name="a", media_type="text/csv", purpose=str(uuid.uuid4())),
    ):
        pass
