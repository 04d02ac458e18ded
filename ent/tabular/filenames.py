"""Names of downloaded files: made of data, so nothing in them may be believed.

A name of a school may hold quotes, `../`, a line break or a mark that reverses the reading order;
Django's `content_disposition_header` quotes, but refuses a line break with an exception and lets a
path or a reversed extension through.
"""

import re
import unicodedata

from django.utils.http import content_disposition_header

_LONGEST = 120
_UNSAFE = re.compile(r'[/\\:*?"<>|;%=\x00-\x1f\x7f-\x9f\u2028\u2029]+')
_WINDOWS_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)")


def safe_file_name(name: str, *, fallback: str = "fichier") -> str:
    """Return a name that is one plain component on every system, its extension kept.

    Invisible characters (direction marks among them) go; separators, quotes, controls and what
    Windows refuses become a hyphen; no leading or trailing dot or space; at most 120 characters.
    """
    text = unicodedata.normalize("NFC", name)
    text = "".join(char for char in text if unicodedata.category(char) not in {"Cf", "Co", "Cs"})
    text = " ".join(_UNSAFE.sub("-", text).split()).strip(". -")
    stem, dot, extension = text.rpartition(".")
    if dot and len(extension) <= 8:
        text = stem[: _LONGEST - len(extension) - 1].rstrip(". ") + dot + extension
    else:
        text = text[:_LONGEST].rstrip(". ")
    if not text:
        return fallback
    return "_" + text if _WINDOWS_DEVICES.match(text) else text


def content_disposition(name: str) -> str:
    """Return the header's value that makes a browser save the file under a safe name."""
    value = content_disposition_header(as_attachment=True, filename=safe_file_name(name))
    return value or "attachment"
