"""Whole numbers of a request: plain figures within bounds, or nothing."""

from __future__ import annotations

import pytest

from ent.text.numbers import LARGEST, read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("0042", 42),
        (str(LARGEST), LARGEST),
        (str(LARGEST + 1), None),
        ("9" * 5000, None),
        ("", None),
        ("-1", None),
        ("+1", None),
        (" 1", None),
        ("1_0", None),
        ("²", None),
        ("٣", None),
        ("1.0", None),
    ],
)
def test_a_number_is_read_or_there_is_none(text: str, number: int | None) -> None:
    assert read_number(text) == number


def test_it_may_be_bounded() -> None:
    assert (read_number("5", most=5), read_number("6", most=5)) == (5, None)
