"""The one way in which lists are cut into pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

PAGE_SIZE = 20
#: Lists that may hold a whole academy count up to here, then say « plus de 1 000 ».
COUNT_CAP = 1_000


class CappedPage(Page[Any]):
    """A page that knows whether there are more rows than were counted."""

    paginator: CappedPaginator


class CappedPaginator(Paginator[Any]):
    """Counts up to *cap*: beyond, « plus de 1 000 » and no page after the last counted row.

    Counting a hundred thousand rows costs more than finding the first twenty, and nobody turns
    five thousand pages: they refine. ``None`` counts all rows.
    """

    def __init__(
        self,
        found: QuerySet[Any] | Sequence[Any],
        *,
        size: int,
        cap: int | None,
        counted: int | None = None,
    ) -> None:
        super().__init__(found, size)
        self._found = found
        self._cap = cap
        if counted is not None:
            self.counted = counted

    @cached_property
    def counted(self) -> int:
        """How many rows there are, up to one more than the cap."""
        if not isinstance(self._found, QuerySet):
            return len(self._found)
        rows = self._found.order_by()
        return rows.count() if self._cap is None else rows[: self._cap + 1].count()

    @property
    def count(self) -> int:
        """How many rows there are pages for."""
        return self.counted if self._cap is None else min(self.counted, self._cap)

    @property
    def is_capped(self) -> bool:
        """Are there more rows than were counted?"""
        return self._cap is not None and self.counted > self._cap

    def _get_page(self, *args: Any, **kwargs: Any) -> CappedPage:
        """Django's hook for a page of our own."""
        return CappedPage(*args, **kwargs)


def paginate(
    found: QuerySet[Any] | Sequence[Any],
    number: object,
    *,
    size: int = PAGE_SIZE,
    cap: int | None = COUNT_CAP,
    counted: int | None = None,
) -> CappedPage:
    """Return a page of *found*; a number that makes no sense gives the nearest page.

    *cap* is ``None`` where all rows must be reached: the list is then counted whole. *counted* is
    their number, when it is known already.
    """
    wanted = str(number or "1")
    is_before = re.fullmatch(r"-\d+|0+", wanted) is not None
    paginator = CappedPaginator(found, size=size, cap=cap, counted=counted)
    return cast("CappedPage", paginator.get_page("1" if is_before else wanted))
