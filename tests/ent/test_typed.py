"""What is typed or pasted where no space belongs."""

from __future__ import annotations

import pytest

from ent.text.typed import looks_like_address, without_gaps


def test_spaces_and_invisible_characters_are_taken_off() -> None:
    assert without_gaps(" 123\u00a0456\u200b\ufeff\n") == "123456"
    assert without_gaps("lea.martin") == "lea.martin"


@pytest.mark.parametrize(
    ("typed", "is_address"),
    [
        ("lea@example.org", True),
        (" lea@example.org\u200b", True),
        ("lea@example", False),
        ("lea.martin", False),
        ("@example.org", False),
        ("lea@", False),
        ("lea@.", False),
    ],
)
def test_an_address_is_told_by_its_form(typed: str, is_address: bool) -> None:
    assert looks_like_address(typed) is is_address
