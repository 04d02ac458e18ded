"""The one way in which lists are cut into pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ent.pages.pagination import COUNT_CAP, PAGE_SIZE, paginate

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("number", "shown"),
    [(None, 1), ("", 1), ("2", 2), ("-3", 1), ("0", 1), ("abc", 1), ("99999", 3), ("1.5", 1)],
)
def test_a_number_without_sense_gives_the_nearest_page(number: object, shown: int) -> None:
    """An address typed or kept never fails."""
    assert paginate(range(2 * PAGE_SIZE + 1), number).number == shown


def test_a_long_list_is_counted_up_to_the_cap() -> None:
    """Beyond it the page says that there are more, and no page is offered that shows them."""
    page = paginate(range(COUNT_CAP + 5), "9999")
    assert (page.paginator.count, page.paginator.is_capped) == (COUNT_CAP, True)
    assert list(page)[-1] == COUNT_CAP - 1


def test_a_list_of_exactly_the_cap_holds_no_more() -> None:
    """« plus de 1 000 » is said from the next row on."""
    assert not paginate(range(COUNT_CAP), 1).paginator.is_capped


def test_a_list_whose_every_row_is_to_be_reached_is_counted_whole() -> None:
    """The recipients of a mailing, the anomalies of a delivery."""
    page = paginate(range(COUNT_CAP + 5), "9999", size=50, cap=None)
    assert (page.paginator.count, page.paginator.is_capped) == (COUNT_CAP + 5, False)
    assert list(page)[-1] == COUNT_CAP + 4


def test_no_list_has_a_paginator_of_its_own() -> None:
    """One pagination: whoever imports Django's goes around it."""
    rooms = [path.parent for path in ROOT.glob("*/apps.py")]
    own = [
        path.relative_to(ROOT).as_posix()
        for room in rooms
        for path in room.rglob("*.py")
        if re.search(r"paginator import .*\bPaginator\b", path.read_text(encoding="utf-8"))
    ]
    assert own == ["ent/pages/pagination.py"]
