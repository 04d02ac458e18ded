"""The light writing of news and texts: paragraphs, « ## » titles, « - » lists, bare addresses.

Everything is escaped first, so that nothing an editor types can become markup of a page (T-I2);
only what this module writes itself is HTML.
"""

from __future__ import annotations

import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_BLANK_LINES = re.compile(r"\n\s*\n")
_ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)»]")
_EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b", re.ASCII)


def to_html(text: str, *, heading_level: int = 2) -> SafeString:
    """Return *text* as HTML; titles start at *heading_level*."""
    blocks = _BLANK_LINES.split(text.replace("\r\n", "\n").strip())
    return mark_safe(  # noqa: S308  # every line goes through _line, which escapes it
        "\n".join(_block(block.strip(), heading_level) for block in blocks if block.strip())
    )


def _block(block: str, level: int) -> str:
    lines = block.splitlines()
    if lines[0].startswith("## "):
        title = f"<h{level}>{_line(lines[0][3:])}</h{level}>"
        rest = "\n".join(lines[1:]).strip()
        return f"{title}\n{_block(rest, level)}" if rest else title
    if all(line.lstrip().startswith("- ") for line in lines):
        items = "".join(f"<li>{_line(line.lstrip()[2:])}</li>" for line in lines)
        return f"<ul>{items}</ul>"
    return "<p>" + "<br>".join(_line(line) for line in lines) + "</p>"


def _line(line: str) -> str:
    parts: list[str] = []
    at = 0
    for match in _ADDRESS.finditer(line):
        parts.append(_mails(line[at : match.start()]))
        address = escape(match[0])
        parts.append(f'<a href="{address}" rel="noopener noreferrer">{address}</a>')
        at = match.end()
    parts.append(_mails(line[at:]))
    return "".join(parts)


def _mails(text: str) -> str:
    parts: list[str] = []
    at = 0
    for match in _EMAIL.finditer(text):
        parts.append(escape(text[at : match.start()]))
        parts.append(f'<a href="mailto:{escape(match[0])}">{escape(match[0])}</a>')
        at = match.end()
    parts.append(escape(text[at:]))
    return "".join(parts)
