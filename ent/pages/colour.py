"""Colours of a school: from one chosen colour, pairs that everybody can read.

A school chooses any colour; we never trust it to be readable. From it come a fill with its text, a
tone dark (or, in dark mode, light) enough to be text itself, and a tint. Contrast is WCAG 2's
(https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio): 4.5 for text, checked here and by the tests
over the whole colour cube.
"""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass

HEX_COLOUR = re.compile(r"\A#?([0-9a-fA-F]{6})\Z")
TEXT_CONTRAST = 4.5
# A little more than the norm asks: the tint of a status or a hover lies between text and ground.
SAFE_CONTRAST = 4.8

LIGHT_GROUNDS = ("f6f5f0", "fffefc", "eceae2")
DARK_GROUNDS = ("10161f", "19212d", "0b1017")
LIGHT_INK = "14213a"
DARK_INK = "eef0ea"
WHITE = "ffffff"

Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class Palette:
    """What ``/couleurs/<hex>.css`` writes: six hexadecimal digits each, without ``#``."""

    accent: str
    on_accent: str
    accent_ink: str
    accent_soft: str
    dark_accent_ink: str
    dark_accent_soft: str

    def as_css(self) -> str:
        """Custom properties for light and dark; nothing else can come out of here."""
        return (
            f":root{{--accent:#{self.accent};--on-accent:#{self.on_accent};"
            f"--accent-ink:#{self.accent_ink};--accent-soft:#{self.accent_soft}}}\n"
            "@media (prefers-color-scheme:dark){:root{"
            f"--accent:#{self.accent};--on-accent:#{self.on_accent};"
            f"--accent-ink:#{self.dark_accent_ink};--accent-soft:#{self.dark_accent_soft}}}}}\n"
        )


def parse_hex(text: str) -> str | None:
    """Return six lower-case hexadecimal digits, or ``None`` when *text* is no colour."""
    match = HEX_COLOUR.match(text)
    return match[1].lower() if match else None


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def palette_for(colour: str) -> Palette:
    """Derive the readable palette of *colour* (six hexadecimal digits).

    The fill keeps the chosen colour; its text is white or ink, whichever reads better (one of
    them always reaches 4.5). The text tones keep the hue and move the lightness until they read
    on every ground, tints included.
    """
    accent = parse_hex(colour)
    if accent is None:
        raise ValueError(f"not a colour: {colour!r}")
    on_accent = max((WHITE, LIGHT_INK), key=lambda ink: contrast(ink, accent))
    if contrast(on_accent, accent) < TEXT_CONTRAST:
        on_accent = max((WHITE, "000000"), key=lambda ink: contrast(ink, accent))
    soft = _mix(accent, LIGHT_GROUNDS[1], 0.14)
    dark_soft = _mix(accent, DARK_GROUNDS[1], 0.28)
    while contrast(DARK_INK, dark_soft) < 7:
        dark_soft = _mix(dark_soft, DARK_GROUNDS[2], 0.85)
    return Palette(
        accent=accent,
        on_accent=on_accent,
        accent_ink=_readable(accent, (*LIGHT_GROUNDS, soft), step=-0.01),
        accent_soft=soft,
        dark_accent_ink=_readable(accent, (*DARK_GROUNDS, dark_soft), step=0.01),
        dark_accent_soft=dark_soft,
    )


def _readable(colour: str, grounds: tuple[str, ...], *, step: float) -> str:
    """Move the lightness of *colour* by *step* until it reads on every one of *grounds*."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_rgb(colour))
    tone = colour
    while min(contrast(tone, ground) for ground in grounds) < SAFE_CONTRAST:
        lightness += step
        if not 0 <= lightness <= 1:
            return LIGHT_INK if step < 0 else DARK_INK
        tone = _hex(colorsys.hls_to_rgb(hue, lightness, saturation))
    return tone


def _mix(colour: str, ground: str, share: float) -> str:
    pairs = zip(_rgb(colour), _rgb(ground), strict=True)
    red, green, blue = (one * share + other * (1 - share) for one, other in pairs)
    return _hex((red, green, blue))


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def _hex(rgb: Rgb) -> str:
    return "".join(f"{round(min(max(part, 0.0), 1.0) * 255):02x}" for part in rgb)


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in _rgb(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
