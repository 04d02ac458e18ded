"""One object of a file, whatever way it was read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from directory.imports.layouts.errors import ObjectAnomaly

SEPARATOR = "</value><value>"
"""Between the values of one attribute, in the text that both readers hand over. It cannot occur
inside a value: the fast reader sees no ``<`` there, the safe one takes it out."""

MAX_RECORD_BYTES = 1024 * 1024
"""One object: the real ones take 2 to 60 kB (a school with all its classes)."""
MAX_VALUE_CHARS = 64 * 1024
MAX_ATTRIBUTES = 500
MAX_VALUES = 5000
MAX_DEPTH = 8

OPERATIONS = ("add", "modify", "delete")


@dataclass(slots=True)
class AafObject:
    """An object: its key, its place, its attributes as ``name → values joined by SEPARATOR``.

    ``is_plain`` promises that no value holds a control character, a backslash or more characters
    than its column: rows can be made without looking again. ``problem`` says why an object cannot
    be used at all.
    """

    operation: str
    operational: tuple[str, str]
    external_id: str
    attributes: dict[str, str]
    is_plain: bool
    anomalies: list[ObjectAnomaly] = field(default_factory=list)
    unknown: tuple[str, ...] = ()
    problem: ObjectAnomaly | None = None


_C1_CONTROLS = {code: bytes([code]).decode("cp1252", "ignore") or " " for code in range(0x80, 0xA0)}
"""Windows-1252 letters (’ “ œ …) that some exports leave in files declared ISO-8859-1."""
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_C1 = re.compile(r"[\x80-\x9f]")
_DOUBLE_ENCODED = re.compile(
    "[ÂÃ][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    "\u2013-\u203a\u20ac\u2122]"
)


def clean(value: str) -> str:
    """Make a value fit for one line of text: control characters become single spaces."""
    if _C1.search(value):
        value = value.translate(_C1_CONTROLS)
    if _CONTROLS.search(value):
        value = _CONTROLS.sub(" ", value)
    return value.strip()


def is_double_encoded(text: str) -> bool:
    """« Ã© » in decoded text: UTF-8 bytes were read as Latin-1 somewhere before us."""
    return ("Ã" in text or "Â" in text) and _DOUBLE_ENCODED.search(text) is not None


def read_back(text: str) -> str:
    """« LÃ©a » → « Léa » where the whole text reads back as UTF-8; « JOÃO » is right as it is."""
    if text.isascii() or not is_double_encoded(text):
        return text
    try:
        return b"".join(
            letter.encode("latin-1" if letter < "\u0100" else "cp1252") for letter in text
        ).decode("utf-8")
    except UnicodeError:
        return text
