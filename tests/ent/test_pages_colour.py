"""Whatever colour a school chooses, everybody can read its pages."""

from __future__ import annotations

import itertools

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


@pytest.mark.parametrize("colour", CUBE)
def test_every_colour_gives_readable_pairs(colour: str) -> None:
    """Fill with its text, text tone on every ground and tint, ink on the tint: 4.5 at least."""
    palette = palette_for(colour)
    assert palette.accent == colour
    assert contrast(palette.on_accent, palette.accent) >= TEXT_CONTRAST
    for ground in (*LIGHT_GROUNDS, palette.accent_soft):
        assert contrast(palette.accent_ink, ground) >= TEXT_CONTRAST
    for ground in (*DARK_GROUNDS, palette.dark_accent_soft):
        assert contrast(palette.dark_accent_ink, ground) >= TEXT_CONTRAST
    assert contrast(LIGHT_INK, palette.accent_soft) >= TEXT_CONTRAST
    assert contrast(DARK_INK, palette.dark_accent_soft) >= TEXT_CONTRAST


@pytest.mark.parametrize(
    "text", ["", "#fff", "red", "#12345g", "#123456;", "#123456\n", "url(x)", "#1234567"]
)
def test_what_is_no_colour_never_reaches_a_style_sheet(text: str) -> None:
    """Only six hexadecimal digits pass."""
    assert parse_hex(text) is None
    with pytest.raises(ValueError, match="not a colour"):
        palette_for(text)
