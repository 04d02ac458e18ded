"""A long list, a hundred lines at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

_LINES: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some lines of a list, and the addresses of the pages beside."""

    lines: Sequence[Any]
    first: int
    total: int
    before: str
    after: str

    @property
    def last(self) -> int:
        """The number of the last line shown."""
        return self.first + len(self.lines) - 1


def page_of(lines: Sequence[Any], query: Mapping[str, str], **filters: str) -> Page:
    """Return the page that a query asks for; links keep the filters."""
    pages = max(1, -(-len(lines) // _LINES))
    asked = query.get("page", "1")
    number = min(max(int(asked) if asked.isdecimal() else 1, 1), pages)
    kept = {name: value for name, value in filters.items() if value}

    def link(other: int) -> str:
        return "?" + urlencode({**kept, "page": other}) if 1 <= other <= pages else ""

    start = (number - 1) * _LINES
    return Page(
        lines=lines[start : start + _LINES],
        first=start + 1,
        total=len(lines),
        before=link(number - 1),
        after=link(number + 1),
    )
