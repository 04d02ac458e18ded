"""Lists cut into pages of twenty, and counted no further than is worth it."""

from __future__ import annotations

import re
from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

from directory.search import COUNT_CAP

PAGE_SIZE = 20


class CappedPage(Page[Any]):
    """A page that knows whether there are more results than were counted."""

    paginator: CappedPaginator


class CappedPaginator(Paginator[Any]):
    """Counts up to the cap: beyond, « plus de 1 000 » and no page after the last counted one.

    Counting a hundred thousand matches costs more than finding the first twenty, and nobody
    turns five thousand pages: they refine.
    """

    cap = COUNT_CAP

    def __init__(self, found: QuerySet[Any] | list[Any], *, counted: int | None = None) -> None:
        super().__init__(found, PAGE_SIZE)
        self._found = found
        if counted is not None:
            self.counted = counted

    @cached_property
    def counted(self) -> int:
        """How many there are, up to one more than the cap."""
        if isinstance(self._found, list):
            return len(self._found)
        return self._found.order_by()[: self.cap + 1].count()

    @property
    def count(self) -> int:
        """How many results there are pages for."""
        return min(self.counted, self.cap)

    def _get_page(self, *args: Any, **kwargs: Any) -> CappedPage:
        """Django's hook for a page of our own."""
        return CappedPage(*args, **kwargs)

    @property
    def is_capped(self) -> bool:
        """Are there more results than were counted?"""
        return self.counted > self.cap


def page_of(
    found: QuerySet[Any] | list[Any], number: object, *, counted: int | None = None
) -> CappedPage:
    """Return a page of *found*; a number that makes no sense gives the nearest page.

    *counted* is their number, when it is known already.
    """
    wanted = str(number or "1")
    is_before = re.fullmatch(r"-\d+|0+", wanted) is not None
    page = CappedPaginator(found, counted=counted).get_page("1" if is_before else wanted)
    return cast("CappedPage", page)
