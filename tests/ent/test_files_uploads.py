"""Large uploads: encrypted on disk, without a name, whole when they are read."""

from __future__ import annotations

import gc
import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.test import Client, RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from pytest_django import Settings

from directory.models import Person
from ent.files.cipher import CHUNK_BYTES, FileDamagedError
from ent.files.uploads import SealedSpool
from tests.cast import Cast

CANARY = b"ELEVE-TEMOIN-CHLOE"
SIZES = [1024 * 1024 + 1, 4 * CHUNK_BYTES, 4 * CHUNK_BYTES + 1, 3_000_000]


@pytest.fixture
def temporary(settings: Settings, tmp_path: Path) -> Path:
    """The folder of temporary uploads."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    return tmp_path


def content(size: int) -> bytes:
    """A content whose every piece of a chunk holds the canary."""
    return (CANARY * (size // len(CANARY) + 1))[:size]


def posted(*contents: bytes) -> HttpRequest:
    files = []
    for number, data in enumerate(contents):
        file = io.BytesIO(data)
        file.name = f"{number}.zip"
        files.append(file)
    return RequestFactory().post("/", {"fichiers": files})


def points_into(link: Path, folder: Path) -> bool:
    """Is it an open file of this folder? Its name may be gone."""
    return link.is_symlink() and str(link.readlink()).startswith(f"{folder}/")


def on_disk(folder: Path) -> list[bytes]:
    """What somebody who reads the disk finds there, files without a name included."""
    found = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    for link in Path("/proc/self/fd").iterdir():
        if points_into(link, folder):
            found.append(link.read_bytes())
    return found


@pytest.mark.parametrize("size", SIZES)
def test_a_large_upload_is_read_as_it_was_sent_and_never_lies_in_clear(
    size: int, temporary: Path
) -> None:
    request = posted(content(size), content(size)[::-1])
    first, second = request.FILES.getlist("fichiers")
    assert isinstance(first, UploadedFile)
    stored = on_disk(temporary)
    assert len(stored) == 2
    assert [len(data) >= size for data in stored] == [True, True]
    assert not [data for data in stored if CANARY in data or CANARY[::-1] in data]
    assert stored[0][:64] != stored[1][:64]
    assert list(temporary.iterdir()) == []
    assert (first.size, first.name) == (size, "0.zip")
    for file, expected in ((first, content(size)), (second, content(size)[::-1])):
        digest = hashlib.sha256(b"".join(file.chunks())).digest()
        assert digest == hashlib.sha256(expected).digest()
        assert b"".join(file.chunks(1000)) == expected  # again, and in other pieces
        file.seek(CHUNK_BYTES - 7)
        assert file.read(20) == expected[CHUNK_BYTES - 7 : CHUNK_BYTES + 13]
        file.seek(-5, os.SEEK_END)
        assert file.read() == expected[-5:]
        assert file.read() == b""
    request.close()
    assert on_disk(temporary) == []


def test_a_small_upload_touches_no_disk(temporary: Path) -> None:
    request = posted(content(100_000))
    [file] = request.FILES.getlist("fichiers")
    assert isinstance(file, UploadedFile)
    assert file.read() == content(100_000)
    assert on_disk(temporary) == []


def test_an_upload_whose_sender_left_leaves_nothing(temporary: Path) -> None:
    file = io.BytesIO(content(2_000_000))
    file.name = "0.zip"
    body = encode_multipart(BOUNDARY, {"fichiers": file})
    request = RequestFactory().generic("POST", "/", body, content_type=MULTIPART_CONTENT)

    class Leaves(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 1_500_000:
                raise ConnectionResetError
            return super().read(size)

    request._stream = Leaves(body)
    seen: list[bytes] = []
    try:
        _ = request.FILES
    except (OSError, MultiPartParserError):
        seen = on_disk(temporary)
    assert len(seen) == 1
    assert CANARY not in seen[0]
    del request
    gc.collect()
    assert on_disk(temporary) == []


def test_a_spool_that_was_altered_does_not_open(temporary: Path) -> None:
    spool = SealedSpool()
    spool.append(content(2 * CHUNK_BYTES))
    spool.finish()
    [link] = [link for link in Path("/proc/self/fd").iterdir() if points_into(link, temporary)]
    with link.open("r+b") as raw:
        raw.seek(10)
        raw.write(b"X")
    with pytest.raises(FileDamagedError):
        spool.read(10)
    spool.close()


@pytest.mark.django_db
def test_nobody_uploads_without_an_account(temporary: Path) -> None:
    """Every page reads the form's token from the body: a stranger's file never gets there."""
    large = io.BytesIO(content(3_000_000))
    large.name = "a.zip"
    for client in (Client(), Client(enforce_csrf_checks=True)):
        client.get("/connexion/identifiant-oublie/")
        large.seek(0)
        answer = client.post("/connexion/identifiant-oublie/", {"fichier": large})
        assert answer.status_code == 413
        assert "2\u00a0Mo en tout" in answer.content.decode()
    assert on_disk(temporary) == []


def test_a_body_larger_than_any_form_is_refused_before_it_is_read(
    temporary: Path, settings: Settings
) -> None:
    settings.FORM_FILES_MOST_BYTES = 1_000_000
    with pytest.raises(RequestDataTooBig):
        _ = posted(content(3_000_000)).FILES


def test_only_the_page_of_deliveries_takes_large_files(
    cast: Cast, client_of: Callable[[Person | None], Client], temporary: Path, settings: Settings
) -> None:
    """Every page reads its form's token from the body: a pupil's gigabyte gets nowhere."""
    settings.FORM_FILES_MOST_BYTES = 1024 * 1024
    settings.UPLOAD_MOST_BYTES = 4 * 1024 * 1024
    client = client_of(cast.ent_administrator)
    page = client.get("/annuaire/administration/imports/deposer/")
    assert "4\u00a0Mo au plus" in page.content.decode()
    for address, size, status, words in (
        ("/annuaire/administration/autorites/ajouter/", 3_000_000, 413, "1\u00a0Mo en tout"),
        ("/annuaire/administration/imports/deposer/", 3_000_000, 200, "Aucun fichier AAF reconnu"),
        ("/annuaire/administration/imports/deposer/", 6_000_000, 413, "4\u00a0Mo en tout"),
        ("/annuaire/administration/imports/deposer/", 4_500_000, 200, "Plus de 4\u00a0Mo en tout"),
    ):
        file = io.BytesIO(content(size))
        file.name = "a.txt"
        answer = client.post(address, {"fichiers": file, "autorite": cast.academy.code})
        assert answer.status_code == status
        assert words in answer.content.decode()
    answer.close()
