"""Pictures and documents of a site: what is accepted, what is kept of it, and who reads it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from portal.enums import FileKind
from portal.models import NewsItem, SiteFile
from portal.site.files.reading import RefusedFileError, read_file
from tests.cast import Cast
from tests.kit.pictures import encoded_picture
from tests.portal.test_site_editing import ClientOf, fields, href

SECRET = b"GPS 48.69 6.18"


def archive(*names: str, mimetype: str = "") -> bytes:
    """An archive that holds empty entries of these names."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        if mimetype:
            made.writestr("mimetype", mimetype)
        for name in names:
            made.writestr(name, "")
    return stream.getvalue()


def test_only_pixels_are_kept_of_a_picture() -> None:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif[0x0112] = 6  # turned by a quarter
    sent = encoded_picture("JPEG", exif=exif) + b"<script>alert(1)</script>"
    assert SECRET in sent
    kept = read_file(sent, "../../etc/cour\u202egnp.svg")
    assert SECRET not in kept.data
    assert b"script" not in kept.data
    assert (kept.width, kept.height) == (32, 64)
    assert (kept.name, kept.content_type) == ("cour gnp.jpg", "image/jpeg")
    assert not Image.open(io.BytesIO(kept.data)).getexif()


def test_a_large_picture_is_made_smaller_and_transparency_stays() -> None:
    stream = io.BytesIO()
    Image.new("RGB", (4000, 3000), "#336699").save(stream, "JPEG")
    assert read_file(stream.getvalue(), "x.jpg").width == 1280
    stream = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(stream, "WEBP", lossless=True)
    assert read_file(stream.getvalue(), "x.webp").content_type == "image/png"
    frames = [Image.new("RGB", (9, 9), color) for color in ("red", "blue")]
    stream = io.BytesIO()
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:])
    assert read_file(stream.getvalue(), "x.gif").is_animated


def _bomb() -> bytes:
    """50,000 × 50,000 pixels of one colour: some kilobytes that would unfold to gigabytes."""
    png = bytearray(encoded_picture("PNG"))
    png[16:24] = (50_000).to_bytes(4, "big") * 2
    import zlib

    png[29:33] = zlib.crc32(bytes(png[12:29])).to_bytes(4, "big")
    return bytes(png)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
REFUSED: dict[str, Callable[[], bytes]] = {
    "vide": lambda: b"",
    "dessin.svg": lambda: SVG,
    "dessin.png": lambda: b'\xef\xbb\xbf  <?xml version="1.0"?>' + SVG,
    "page.html": lambda: b"<!DOCTYPE html><script>alert(1)</script>",
    "programme.exe": lambda: b"MZ" + b"\0" * 100,
    "bombe.png": _bomb,
    "coupee.png": lambda: encoded_picture("PNG")[:60],
    "coupee.jpg": lambda: encoded_picture("JPEG")[:200],
    "lourde.bin": lambda: b"x" * (9 * 1024 * 1024 + 1),
    "telephone.heic": lambda: b"\0\0\0\x18ftypheic" + b"\0" * 40,
    "macros.docx": lambda: archive("[Content_Types].xml", "word/vbaProject.bin"),
    "macros.odt": lambda: archive(
        "Basic/Standard/Module1.xml", mimetype="application/vnd.oasis.opendocument.text"
    ),
    "archive.zip": lambda: archive("a.txt"),
    "fausse.zip": lambda: b"PK\x03\x04" + b"\0" * 50,
    "ps.png": lambda: b"%!PS-Adobe-3.0",
    "mvg.png": lambda: b"push graphic-context\nimage over 0,0 0,0 'url(https://a)'",
    "tiff.png": lambda: encoded_picture("TIFF"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_file_of_a_site_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(RefusedFileError, match=r"\w{3}"):
        read_file(REFUSED[name](), name)


@pytest.mark.parametrize(
    ("data", "extension"),
    [
        (b"%PDF-1.7 ...", "pdf"),
        (archive("[Content_Types].xml", "word/document.xml"), "docx"),
        (archive("content.xml", mimetype="application/vnd.oasis.opendocument.text"), "odt"),
    ],
)
def test_documents_are_known_by_their_bytes(data: bytes, extension: str) -> None:
    read = read_file(data, "Réunion : ordre du jour.HTML")
    assert (read.kind, read.name) == (FileKind.DOCUMENT, f"Réunion ordre du jour.{extension}")


def upload(editor: Client, cast: Cast, name: str, data: bytes, **more: Any) -> Any:
    """Send a file as an editor does."""
    sent = SimpleUploadedFile(name, data, content_type="image/png")
    return editor.post(href("files", cast), {"file": sent, **more})


@pytest.mark.django_db
def test_a_picture_needs_words_or_says_that_it_is_decoration(
    cast: Cast, client_of: ClientOf
) -> None:
    editor = client_of(cast.editor)
    answer = upload(editor, cast, "cour.png", encoded_picture("PNG"))
    assert "Décrivez l’image" in answer.content.decode()
    answer = upload(editor, cast, "dessin.svg", SVG, alternative="Un dessin")
    assert "SVG" in answer.content.decode()
    assert "Un dessin" in answer.content.decode()
    assert not SiteFile.objects.exists()
    assert (
        upload(editor, cast, "a.png", encoded_picture("PNG"), is_decorative="on").status_code == 302
    )
    upload(editor, cast, "b.png", encoded_picture("PNG"), alternative="La cour")
    picture = SiteFile.objects.get(alternative="La cour")
    body = f"![](/site/fichiers/{picture.uuid})"
    editor.post(href("news-add", cast), fields(body=body))
    assert 'alt="La cour"' in NewsItem.objects.get().body


@pytest.mark.django_db
def test_a_file_is_read_by_whoever_reads_what_cites_it(
    cast: Cast, client: Client, client_of: ClientOf
) -> None:
    """Address × reader × state of the text: draft, for a class, public, ended, withdrawn…"""
    readers = {
        "nobody": client,
        **{
            name: client_of(getattr(cast, name))
            for name in ("pupil", "stranger", "editor", "manager_b", "ent_administrator")
        },
    }
    editor = readers["editor"]
    upload(editor, cast, "cour.png", encoded_picture("PNG"), alternative="La cour")
    file = SiteFile.objects.get()
    path = reverse("portal:site_file", args=[file.uuid])
    body = f"![]({path})"
    editors = {"editor", "ent_administrator"}

    def check(moment: str, *allowed: str, is_public: bool = False) -> None:
        for name, reader in readers.items():
            answer = reader.get(path)
            expected = 200 if is_public or name in {*editors, *allowed} else 404
            assert answer.status_code == expected, (moment, name)
            if expected == 200:
                kept = set(answer.headers["Cache-Control"].split(", "))
                is_open = is_public and name == "nobody"
                assert kept == ({"public", "no-cache"} if is_open else {"private", "no-store"})

    check("nothing cites it")
    editor.post(href("news-add", cast), fields(body=body, audience="connectes"))
    item = NewsItem.objects.get()
    change = href("news-change", cast, item.uuid)
    check("a draft cites it")
    to_class = fields(version=1, body=body, audience="connectes", groups=[cast.class_a.pk])
    editor.post(change, {**to_class, "acte": "publier"})
    check("for class 4E3", "pupil")
    to_other = {**to_class, "groups": [cast.other_class_a.pk], "version": 2}
    editor.post(change, to_other)
    check("for another class")
    editor.post(change, fields(version=3, body=body))
    check("public", is_public=True)
    NewsItem.objects.update(
        shows_until=timezone.now() - timedelta(seconds=1),
        shows_from=timezone.now() - timedelta(days=1),
    )
    check("ended")
    NewsItem.objects.update(shows_until=None)
    editor.post(change, fields(version=4, body="Sans image."))
    check("no text cites it any more")
    editor.post(href("news-versions", cast, item.uuid), {"version": 4, "sur": 5})
    check("restored", is_public=True)
    editor.post(href("news-act", cast, item.uuid), {"acte": "retirer"})
    check("withdrawn")
    assert not SiteFile.objects.filter(pk=file.pk).exclude(citations__news=item).exists()


@pytest.mark.django_db
def test_a_document_is_a_download_and_a_listed_one_is_for_everybody(
    cast: Cast, client: Client, client_of: ClientOf
) -> None:
    editor = client_of(cast.editor)
    upload(editor, cast, "menu.html", b"%PDF-1.7 <script>alert(1)</script>", is_listed="on")
    file = SiteFile.objects.get()
    page = client.get(f"/etablissements/{cast.school_a.slug}/").content.decode()
    assert f"/site/fichiers/{file.uuid}" in page
    answer = client.get(f"/site/fichiers/{file.uuid}")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="menu.pdf"'
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    tag = answer.headers["ETag"]
    path = f"/site/fichiers/{file.uuid}"
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    editor.post(href("file-change", cast, file.uuid), {})
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 404
    assert (
        str(file.uuid) not in client.get(f"/etablissements/{cast.school_a.slug}/").content.decode()
    )
