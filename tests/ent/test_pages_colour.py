"""Whatever colour a school chooses, everybody can read its pages."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from ent.pages.colour import (
    DARK_GROUNDS,
    DARK_INK,
    LIGHT_GROUNDS,
    LIGHT_INK,
    TEXT_CONTRAST,
    contrast,
    palette_for,
    parse_hex,
)

_STEPS = ("00", "33", "66", "80", "99", "cc", "ff")
CUBE = ["".join(parts) for parts in itertools.product(_STEPS, repeat=3)]


def test_the_contrast_is_that_of_the_norm() -> None:
    """Black on white is 21, a colour on itself 1, #767676 on white the known 4.54."""
    assert contrast("000000", "ffffff") == pytest.approx(21)
    assert contrast("336699", "336699") == pytest.approx(1)
    assert contrast("767676", "ffffff") == pytest.approx(4.54, abs=0.01)


def _pairs(colour: str) -> Iterator[tuple[str, str]]:
    """Return what a page of that colour sets on what, in both schemes."""
    palette = palette_for(colour)
    yield palette.on_accent, palette.accent
    for ground in (*LIGHT_GROUNDS, palette.accent_soft):
        yield palette.accent_ink, ground
    for ground in (*DARK_GROUNDS, palette.dark_accent_soft):
        yield palette.dark_accent_ink, ground
    yield LIGHT_INK, palette.accent_soft
    yield DARK_INK, palette.dark_accent_soft


def test_every_colour_gives_readable_pairs() -> None:
    """Fill with its text, text tone on every ground and tint, ink on the tint: 4.5 at least."""
    for colour in CUBE:
        assert palette_for(colour).accent == colour
        for ink, ground in _pairs(colour):
            assert contrast(ink, ground) >= TEXT_CONTRAST, (colour, ink, ground)


@pytest.mark.parametrize(
    "text", ["", "#fff", "red", "#12345g", "#123456;", "#123456\n", "url(x)", "#1234567"]
)
def test_what_is_no_colour_never_reaches_a_style_sheet(text: str) -> None:
    """Only six hexadecimal digits pass."""
    assert parse_hex(text) is None
    with pytest.raises(ValueError, match="not a colour"):
        palette_for(text)
