"""A face for a school without a logo: a monogram, a colour and a quiet pattern from its UAI.

The pattern is made of the lines of a playground (court arcs, hopscotch squares): each of its tiles
is one of a few shapes, chosen and turned by a digest of the UAI, so that a school always has the
same face and two schools rarely do.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from ent.pages.colour import palette_for
from ent.text.folding import fold

# Calm, distinct and dark enough to carry white words; a school may choose any other colour.
COLOURS = (
    "#0d6b5e", "#1f5f8b", "#7a3e6d", "#a2412b", "#3d5a1f", "#4b4a9b", "#8a5a12", "#126a78",
    "#8c2f4b", "#2f5d50", "#5a4632", "#36507d",
)  # fmt: skip
COLUMNS, ROWS, SIDE = 12, 4, 60
_SMALL_WORDS = {
    *("de", "du", "des", "d", "la", "le", "les", "l"),
    *("et", "en", "a", "au", "aux", "sur"),
}
_KINDS = {
    *("college", "lycee", "ecole", "cite", "scolaire", "enseignement", "section", "metiers"),
    *("polyvalent", "polyvalente", "general", "generale", "technologique", "professionnel"),
    *("professionnelle", "agricole", "elementaire", "maternelle", "primaire", "public"),
    *("publique", "prive", "privee", "ets", "clg", "lyc", "lgt", "lpo", "lp", "erea"),
    *("legta", "legtpa", "eplefpa"),
}


@dataclass(frozen=True)
class Shape:
    """One tile of the pattern: where it stands, which path, turned by how much."""

    transform: str
    path: str
    is_filled: bool


@dataclass(frozen=True)
class Face:
    """What a template needs to draw a school."""

    monogram: str
    colour: str
    on_colour: str
    shapes: tuple[Shape, ...]
    view_box: str


_PATHS = (
    (f"M0 {SIDE}A{SIDE} {SIDE} 0 0 1 {SIDE} 0", False),
    (f"M0 {SIDE // 2}H{SIDE}M{SIDE // 2} 0V{SIDE}", False),
    (f"M{SIDE} {SIDE}H0A{SIDE} {SIDE} 0 0 1 {SIDE} 0z", True),
    (f"M0 0H{SIDE}V{SIDE}H0z", False),
    (f"M{SIDE // 2} 0A{SIDE // 2} {SIDE // 2} 0 0 1 {SIDE // 2} {SIDE}", False),
    (f"M{SIDE // 2 - 11} {SIDE // 2}a11 11 0 1 0 22 0a11 11 0 1 0-22 0", True),
    (f"M0 0L{SIDE} {SIDE}", False),
)


def face_of(*, uai: str, name: str, colour: str = "") -> Face:
    """Derive the face of the school *uai*; *colour* when the school chose one."""
    digest = hashlib.sha256(uai.encode()).digest() * 2
    chosen = colour or COLOURS[digest[0] % len(COLOURS)]
    return Face(
        monogram=monogram_of(name),
        colour=chosen,
        on_colour=f"#{palette_for(chosen).on_accent}",
        shapes=tuple(_shapes(digest)),
        view_box=f"0 0 {COLUMNS * SIDE} {ROWS * SIDE}",
    )


def monogram_of(name: str) -> str:
    """One or two letters of what names the school: « Collège Aristide-Briand » gives « AB »."""
    words = re.findall(r"[^\W\d_]+", name)
    telling = [word for word in words if fold(word) not in _SMALL_WORDS | _KINDS] or words
    return "".join(word[0] for word in telling[:2]).upper() or "É"


def _shapes(digest: bytes) -> list[Shape]:
    shapes = []
    for cell in range(COLUMNS * ROWS):
        number = digest[(cell * 7 + 3) % 64] ^ digest[cell % 64]
        if number % 5 == 0:
            continue  # air
        path, is_filled = _PATHS[number % len(_PATHS)]
        x, y = cell % COLUMNS * SIDE, cell // COLUMNS * SIDE
        turn = number // 8 % 4 * 90
        half = SIDE // 2
        shapes.append(Shape(f"translate({x} {y}) rotate({turn} {half} {half})", path, is_filled))
    return shapes
