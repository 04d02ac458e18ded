"""The first bytes of an AAF file: encoding, DOCTYPE, root element.

Real files carry ``<!DOCTYPE ficAlimMENESR SYSTEM "ficAlimMENESR.dtd">``: that line is accepted and
*blanked* before any parser sees the file, so the DTD is never looked for and an undeclared entity
is an error everywhere instead of silently vanishing from a name. An internal subset, hence any
``<!ENTITY``, is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from directory.imports.layouts.errors import DeliveryRefused

ROOT = b"ficAlimMENESR"
PROLOG_BYTES = 64 * 1024
"""A prolog longer than this is refused: the real ones take 200 bytes."""

_ENCODINGS = {
    b"utf-8": "utf-8",
    b"utf8": "utf-8",
    b"us-ascii": "utf-8",
    b"ascii": "utf-8",
    b"iso-8859-1": "latin-1",
    b"iso8859-1": "latin-1",
    b"latin1": "latin-1",
    b"latin-1": "latin-1",
    b"iso-8859-15": "iso8859-15",
    b"iso8859-15": "iso8859-15",
    b"latin-9": "iso8859-15",
    b"windows-1252": "cp1252",
    b"cp1252": "cp1252",
}
_SPACE = rb"[ \t\r\n]"
_SPACES = re.compile(_SPACE + rb"*+")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_DECLARATION = re.compile(
    rb"<\?xml"
    + _SPACE
    + rb"++version"
    + _SPACE
    + rb"*+="
    + _SPACE
    + rb"*+(?:\"1\.[0-9]\"|'1\.[0-9]')"
    rb"(?:"
    + _SPACE
    + rb"++encoding"
    + _SPACE
    + rb"*+="
    + _SPACE
    + rb"*+[\"']([A-Za-z][A-Za-z0-9._-]*+)[\"'])?"
    rb"(?:"
    + _SPACE
    + rb"++standalone"
    + _SPACE
    + rb"*+="
    + _SPACE
    + rb"*+[\"'](?:yes|no)[\"'])?"
    + _SPACE
    + rb"*+\?>"
)
_DOCTYPE = re.compile(
    rb"<!DOCTYPE" + _SPACE + rb"++[A-Za-z_:][\w:.-]*+"
    rb"(?:"
    + _SPACE
    + rb"++(?:SYSTEM|PUBLIC"
    + _SPACE
    + rb"++(?:\"[^\"<>&]*+\"|'[^'<>&]*+'))"
    + _SPACE
    + rb"++(?:\"[^\"<>&]*+\"|'[^'<>&]*+'))?"
    + _SPACE
    + rb"*+>"
)
_ROOT = re.compile(rb"<" + ROOT + _SPACE + rb"*+>")
_VERSION = re.compile(rb"versionAF=\"([^\"]{1,40})\"")
_OTHER_ROOT = re.compile(rb"<([A-Za-z_:][\w:.-]{0,60})")


@dataclass(frozen=True, slots=True)
class Prolog:
    """Where the records begin and how their bytes are to be read."""

    encoding: str
    doctype: tuple[int, int]
    body_start: int
    version: str
    is_empty_root: bool = False


def read_prolog(head: bytes, *, file: str) -> Prolog:
    """Read the first :data:`PROLOG_BYTES` of a file or refuse it, naming the reason."""
    if not head.strip(b" \t\r\n\x00"):
        raise DeliveryRefused("empty_file", "le fichier est vide.", file=file)
    start = 0
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")):
        raise DeliveryRefused(
            "encoding_refused",
            "le fichier est en UTF-16 ; les fichiers AAF sont en ISO-8859-1, ISO-8859-15 "
            "ou UTF-8. Demandez un nouvel export.",
            file=file,
            line=1,
        )
    has_bom = head.startswith(b"\xef\xbb\xbf")
    if has_bom:
        start = 3
    declared = _DECLARATION.match(head, start)
    encoding = "utf-8"
    if declared:
        name = declared.group(1)
        if name is not None:
            known = _ENCODINGS.get(name.lower())
            if known is None:
                raise DeliveryRefused(
                    "encoding_refused",
                    f"l’encodage déclaré « {name.decode('ascii')} » n’est pas accepté "
                    "(ISO-8859-1, ISO-8859-15 ou UTF-8).",
                    file=file,
                    line=1,
                )
            encoding = known
        start = declared.end()
    elif head.startswith(b"<?xml", start):
        raise DeliveryRefused("not_xml", "la déclaration XML est incorrecte.", file=file, line=1)
    if has_bom and encoding != "utf-8":
        raise DeliveryRefused(
            "encoding_refused",
            "le fichier porte une marque UTF-8 mais se déclare dans un autre encodage.",
            file=file,
            line=1,
        )
    position = skip_misc(head, start)
    doctype = (0, 0)
    if head.startswith(b"<!DOCTYPE", position):
        found = _DOCTYPE.match(head, position)
        if found is None:
            raise _bad_doctype(head, position, file)
        doctype = found.span()
        position = skip_misc(head, found.end())
    root = _ROOT.match(head, position)
    if root is None:
        return _without_root(head, position, encoding, doctype, file)
    body = skip_misc(head, root.end())
    version = _VERSION.search(head, 0, body)
    return Prolog(
        encoding=encoding,
        doctype=doctype,
        body_start=body,
        version=version.group(1).decode("ascii", "replace") if version else "",
    )


def skip_misc(data: bytes, position: int) -> int:
    """Where white space and whole comments end; a comment that is not XML's is not skipped.

    A loop and not an expression: before 3.11.5, Python leaves a possessive repeat of a group in the
    middle of its last round (cpython#106052), here just before the end of the comment.
    """
    while True:
        spaces = _SPACES.match(data, position)
        position = spaces.end() if spaces else position
        if not data.startswith(b"<!--", position):
            return position
        end = data.find(b"--", position + 4)
        if end < 0 or not data.startswith(b">", end + 2) or _CONTROL.search(data, position, end):
            return position
        position = end + 3


def _line(head: bytes, position: int) -> int:
    return head.count(b"\n", 0, position) + 1


def _bad_doctype(head: bytes, position: int, file: str) -> DeliveryRefused:
    if b"[" in head[position : head.find(b">", position) + 1] or b"<!ENTITY" in head:
        return DeliveryRefused(
            "entity_declaration",
            "le fichier déclare des entités ou une DTD interne, ce qu’un fichier AAF ne fait "
            "jamais : il est refusé par sécurité.",
            file=file,
            line=_line(head, position),
        )
    return DeliveryRefused(
        "not_xml", "la ligne DOCTYPE est incorrecte.", file=file, line=_line(head, position)
    )


def _without_root(
    head: bytes, position: int, encoding: str, doctype: tuple[int, int], file: str
) -> Prolog:
    """``<ficAlimMENESR/>`` is an empty file; anything else is not an AAF file."""
    line = _line(head, position)
    if re.match(rb"<" + ROOT + _SPACE + rb"*+/>", head[position:]):
        return Prolog(encoding, doctype, len(head), "", is_empty_root=True)
    other = _OTHER_ROOT.match(head, position)
    if other and other.group(1) != ROOT:
        shown = other.group(1).decode("ascii", "replace")
        raise DeliveryRefused(
            "not_aaf",
            f"ce n’est pas un fichier AAF : sa racine est <{shown}> et non <ficAlimMENESR>.",
            file=file,
            line=line,
        )
    if other:
        return Prolog(encoding, doctype, position, "")
    if position >= len(head) - 1 or head.startswith(b"<!--", position):
        raise DeliveryRefused(
            "truncated", "le fichier s’arrête avant le premier objet.", file=file, line=line
        )
    raise DeliveryRefused("not_xml", "ce n’est pas un fichier XML.", file=file, line=line)
