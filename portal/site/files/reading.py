"""What an uploaded file is, by its bytes: a picture that we encode, a document that we keep.

Nothing is believed of the name and type that the browser sends. A picture is decoded in a process
with limits (`encoder`); a document is one of a few kinds without macros, and is only ever handed
out as a download.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portal.enums import FileKind

MOST_BYTES: Final = 9 * 1024 * 1024
ACCEPTED: Final = "une image JPEG, PNG, WebP ou GIF, ou un document PDF, Word, Excel ou LibreOffice"
_ENCODER: Final = Path(__file__).with_name("encoder.py")
_SECONDS: Final = 30
_BEGINNING: Final = 1024
_OFFICE: Final = {
    "word/": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xl/": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "ppt/": ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
}
_OPEN_DOCUMENT: Final = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
}
_MACROS = re.compile(r"vbaProject|vbaData|^Basic/|^Scripts/|activeX|\.bin$", re.IGNORECASE)
_MOST_ENTRIES: Final = 5_000
_UNNAMED = re.compile(r"[\x00-\x1f\x7f<>:\"/\\|?*\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")

_REFUSED: Final = {
    "none": f"Ce fichier n’est pas accepté\u00a0: déposez {ACCEPTED}.",
    "large": "L’image compte plus de 40 millions de points\u00a0: réduisez-la.",
    "damaged": "L’image est abîmée ou incomplète\u00a0: enregistrez-la à nouveau.",
}


class RefusedFileError(ValueError):
    """The file is none that a site serves; the message is for the person who sent it."""


@dataclass(frozen=True, kw_only=True)
class ReadFile:
    """A file as it is kept."""

    kind: FileKind
    name: str
    content_type: str
    data: bytes
    width: int | None = None
    height: int | None = None
    is_animated: bool = False


def read_file(data: bytes, name: str) -> ReadFile:
    """Return what is kept of an upload, or say in French why nothing is."""
    if len(data) > MOST_BYTES:
        raise RefusedFileError("Le fichier dépasse 9 Mo\u00a0: réduisez-le.")
    if not data:
        raise RefusedFileError("Le fichier est vide.")
    stem = _stem(name)
    if data[:5] == b"%PDF-":
        return _document(stem, "pdf", "application/pdf", data)
    if data[:4] == b"PK\x03\x04":
        return _document(stem, *_office_kind(data), data)
    beginning = data[:_BEGINNING].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if beginning.startswith((b"<svg", b"<?xml", b"<!doctype", b"<html")):
        raise RefusedFileError(
            "Un dessin SVG ou une page est un programme, pas une image\u00a0: exportez en PNG."
        )
    if data[4:8] == b"ftyp":
        raise RefusedFileError("Cette image de téléphone (HEIC)\u00a0: enregistrez-la en JPEG.")
    return _picture(stem, data)


def _picture(stem: str, data: bytes) -> ReadFile:
    try:
        answer = subprocess.run(  # our own script; the picture is its input
            [sys.executable, "-I", str(_ENCODER)],
            input=data,
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        ).stdout
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        raise RefusedFileError(_REFUSED["damaged"]) from error
    line, _, encoded = answer.partition(b"\n")
    head = json.loads(line)
    if "refused" in head:
        raise RefusedFileError(_REFUSED[head["refused"]])
    extension = "png" if head["content_type"] == "image/png" else "jpg"
    return ReadFile(
        kind=FileKind.PICTURE,
        name=f"{stem}.{extension}",
        content_type=head["content_type"],
        data=encoded,
        width=head["width"],
        height=head["height"],
        is_animated=head["is_animated"],
    )


def _document(stem: str, extension: str, content_type: str, data: bytes) -> ReadFile:
    name = f"{stem}.{extension}"
    return ReadFile(kind=FileKind.DOCUMENT, name=name, content_type=content_type, data=data)


def _office_kind(data: bytes) -> tuple[str, str]:
    """Extension and type of an office document, by what its archive holds; never unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            declared = b""
            if "mimetype" in names and archive.getinfo("mimetype").file_size < _BEGINNING:
                declared = archive.read("mimetype")
    except Exception as error:  # a crafted archive fails in many ways
        raise RefusedFileError(_REFUSED["none"]) from error
    if len(names) > _MOST_ENTRIES:
        raise RefusedFileError(_REFUSED["none"])
    if any(_MACROS.search(name) for name in names):
        raise RefusedFileError(
            "Ce document contient des macros ou un programme\u00a0: enregistrez-le en PDF."
        )
    kind = declared.decode("ascii", "replace")
    if kind in _OPEN_DOCUMENT:
        return _OPEN_DOCUMENT[kind], kind
    if "[Content_Types].xml" in names:
        for folder, found in _OFFICE.items():
            if any(name.startswith(folder) for name in names):
                return found
    raise RefusedFileError(_REFUSED["none"])


def _stem(name: str) -> str:
    """The name of an upload without folder, extension or signs that hide something."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    stem = base.rsplit(".", 1)[0] if "." in base.strip(".") else base
    return re.sub(" +", " ", _UNNAMED.sub(" ", stem)).strip(" .")[:100] or "fichier"
