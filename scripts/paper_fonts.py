"""The fonts that slips fall back to, cut from Debian's `fonts-noto-core`.

`python -m scripts.paper_fonts` makes them again in `credentials/slips/fonts`, with the
lists of the letters that all of them can draw (`letters.txt`) and that the fonts of the slips can
draw alone (`own-letters.txt`): ranges of code points in hexadecimal. Kept: Latin
of every language, Greek, Cyrillic, Arabic and Hebrew, with what these scripts share (digits, signs,
marks). All shaping rules stay: Arabic does not read without them. Hinting goes: it serves screens.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Final

from fontTools import subset, unicodedata
from fontTools.ttLib import TTFont

SOURCE: Final = Path("/usr/share/fonts/truetype/noto")
TARGET: Final = Path(__file__).resolve().parent.parent / "credentials" / "slips" / "fonts"
FAMILIES: Final = ("NotoSans", "NotoSansArabic", "NotoSansHebrew")
WEIGHTS: Final = ("Regular", "Bold")
#: The fonts of the slips themselves, which are not cut here.
OWN_FAMILY: Final = "AtkinsonHyperlegibleNext"
#: ISO 15924; Zyyy and Zinh are what scripts share.
SCRIPTS: Final = frozenset({"Latn", "Grek", "Cyrl", "Arab", "Hebr", "Zyyy", "Zinh"})
#: Categories without a picture of their own: controls, formats, private use, unassigned.
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})


def main() -> int:
    """Cut every font and write the list of letters."""
    if not SOURCE.is_dir():
        sys.stderr.write("Install Debian's fonts-noto-core first.\n")
        return 1
    for family in FAMILIES:
        for weight in WEIGHTS:
            _cut(SOURCE / f"{family}-{weight}.ttf", TARGET / f"{family}-{weight}.ttf")
    _write_letters("letters.txt", drawn_letters(TARGET, (OWN_FAMILY, *FAMILIES)))
    _write_letters("own-letters.txt", drawn_letters(TARGET, (OWN_FAMILY,)))
    return 0


def drawn_letters(folder: Path, families: Iterable[str]) -> set[int]:
    """Return the visible code points that one of these families has in both weights."""
    drawn: set[int] = set()
    for family in families:
        regular, bold = (_code_points(folder / f"{family}-{weight}.ttf") for weight in WEIGHTS)
        drawn |= regular & bold
    return {code for code in drawn if unicodedata.category(chr(code)) not in _INVISIBLE}


def ranges(codes: Iterable[int]) -> list[tuple[int, int]]:
    """Return the code points as ranges, both ends included."""
    ordered = sorted(codes)
    ends = [left for left, right in pairwise(ordered) if right != left + 1]
    starts = [right for left, right in pairwise(ordered) if right != left + 1]
    return list(zip([ordered[0], *starts], [*ends, ordered[-1]], strict=True))


def _write_letters(name: str, codes: Iterable[int]) -> None:
    lines = [f"{first:04X}-{last:04X}\n" for first, last in ranges(codes)]
    (TARGET / name).write_text("".join(lines), encoding="ascii")


def _code_points(path: Path) -> set[int]:
    with TTFont(path) as font:
        return set(font.getBestCmap())


def _cut(source: Path, target: Path) -> None:
    options = subset.Options()
    options.layout_features = ["*"]
    options.hinting = False
    options.name_IDs = ["*"]
    options.notdef_outline = True
    # The same fonts give the same bytes.
    options.recalc_timestamp = False
    kept = [code for code in _code_points(source) if unicodedata.script(chr(code)) in SCRIPTS]
    with subset.load_font(str(source), options) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=kept)
        cutter.subset(font)
        subset.save_font(font, str(target), options)


if __name__ == "__main__":
    sys.exit(main())
