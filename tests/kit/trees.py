"""A page as a tree to ask by XPath."""

from __future__ import annotations

from typing import Any

from lxml import html


def tree_of(page: str | bytes) -> Any:
    """Parse a page. Untyped: what XPath answers is of as many types as there are questions."""
    return html.fromstring(page.decode() if isinstance(page, bytes) else page)
