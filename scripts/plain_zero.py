"""Give our fonts a plain zero, and keep the slashed one for codes.

`python -m scripts.plain_zero` rewrites the fonts of screens (`static/fonts`) and of paper
(`credentials/slips/fonts`) in place; a font that has been through it is left alone. Atkinson
Hyperlegible Next slashes every zero, which helps in a login and hurts in « 30 septembre 2026 ».
The zero that is shown becomes plain: its counter is that of the O, fitted to the zero's own. The
slashed one stays under the feature that exists for it: `font-variant-numeric: slashed-zero` in CSS,
`slashed-zero: true` in Typst. The fonts' licence (OFL, no reserved name) allows it.
"""

from __future__ import annotations

import sys
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables import otTables
from fontTools.ttLib.tables._g_l_y_f import GlyphCoordinates
from fontTools.ttLib.tables.TupleVariation import TupleVariation
from fontTools.varLib.iup import iup_delta
from fontTools.varLib.models import VariationModel, supportScalar

_ROOT: Final = Path(__file__).resolve().parent.parent
FONTS: Final = (
    _ROOT / "static/fonts/atkinson-next-latin.woff2",
    _ROOT / "credentials/slips/fonts/AtkinsonHyperlegibleNext-Regular.ttf",
    _ROOT / "credentials/slips/fonts/AtkinsonHyperlegibleNext-Bold.ttf",
)
#: The zero among words, and the one of columns, which is drawn from it.
_SLASHED: Final = {"zero": "zero.slash", "zero.tf": "zero.tf.slash"}
_FEATURE: Final = "zero"
Points = list[tuple[float, float]]


def main() -> int:
    """Rewrite every font that has no plain zero yet."""
    for path in FONTS:
        with TTFont(path, recalcTimestamp=False) as font:
            if "zero.slash" not in font.getGlyphOrder():
                give_plain_zero(font)
                font.save(path)
                sys.stdout.write(f"{path.name}\n")
    return 0


def give_plain_zero(font: TTFont) -> None:
    """Draw the zero without its slash, and move the slashed one behind the feature."""
    places = _places(font)
    drawn = [_plain_contours(font, place) for place in places]
    widths = [_phantoms(font, place) for place in places]
    for plain, slashed in _SLASHED.items():
        _copy_glyph(font, plain, slashed)
    for component in font["glyf"]["zero.tf.slash"].components:
        component.glyphName = "zero.slash"
    _draw(font, drawn[0], _plain_flags(font))
    if "gvar" in font:
        font["gvar"].variations["zero"] = _variations(
            places,
            [
                [*outline, *counter, *width]
                for (outline, counter), width in zip(drawn, widths, strict=True)
            ],
        )
        # Widths without this table come from the outlines' own variations.
        del font["HVAR"]
    _add_feature(font)


def _places(font: TTFont) -> list[float]:
    """Where the zero was drawn along the axis of weights, normalised: the default comes first."""
    if "gvar" not in font:
        return [0.0]
    return [0.0, *sorted({one.axes["wght"][1] for one in font["gvar"].variations["zero"]})]


def _variations(places: list[float], masters: list[Points]) -> list[TupleVariation]:
    """What the points move by, from the same outline drawn at each place."""
    model = VariationModel([{"wght": place} if place else {} for place in places])
    moved = model.getDeltas([GlyphCoordinates(master) for master in masters])
    return [
        TupleVariation(support, [(round(x), round(y)) for x, y in deltas])
        for support, deltas in list(zip(model.supports, moved, strict=True))[1:]
    ]


def _points(font: TTFont, name: str, place: float) -> tuple[Points, list[int]]:
    """Return the points of a glyph at this place, with the four that carry its width; the ends."""
    # The library has no public way to the points with their widths.
    read = font["glyf"]._getCoordinatesAndControls  # noqa: SLF001
    coordinates, control = read(name, font["hmtx"].metrics)
    ends = list(control.endPts)
    moved = [(float(x), float(y)) for x, y in coordinates]
    for one in font["gvar"].variations[name] if place else []:
        scalar = supportScalar({"wght": place}, one.axes)
        deltas = iup_delta(one.coordinates, coordinates, ends)
        moved = [
            (x + scalar * dx, y + scalar * dy)
            for (x, y), (dx, dy) in zip(moved, deltas, strict=True)
        ]
    return moved, ends


def _phantoms(font: TTFont, place: float) -> Points:
    return _points(font, "zero", place)[0][-4:]


def _contours(font: TTFont, name: str, place: float) -> list[Points]:
    points, ends = _points(font, name, place)
    starts = [0, *(end + 1 for end in ends[:-1])]
    return [points[start : end + 1] for start, end in zip(starts, ends, strict=True)]


def _plain_contours(font: TTFont, place: float) -> list[Points]:
    """The zero's outline with one counter: the O's, stretched over the zero's two halves."""
    outline, *halves = _contours(font, "zero", place)
    left, bottom, right, top = _box([point for half in halves for point in half])
    counter = _contours(font, "O", place)[1]
    o_left, o_bottom, o_right, o_top = _box(counter)
    fitted = [
        (
            left + (x - o_left) * (right - left) / (o_right - o_left),
            bottom + (y - o_bottom) * (top - bottom) / (o_top - o_bottom),
        )
        for x, y in counter
    ]
    return [[(round(x), round(y)) for x, y in contour] for contour in (outline, fitted)]


def _plain_flags(font: TTFont) -> list[list[int]]:
    """Which points are on the curve: of the zero's outline, and of the O's counter."""
    of_zero, of_o = font["glyf"]["zero"], font["glyf"]["O"]
    first = of_zero.endPtsOfContours[0]
    start, end = of_o.endPtsOfContours[0] + 1, of_o.endPtsOfContours[1]
    return [list(of_zero.flags[: first + 1]), list(of_o.flags[start : end + 1])]


def _box(points: Points) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _copy_glyph(font: TTFont, name: str, copy: str) -> None:
    font["glyf"][copy] = deepcopy(font["glyf"][name])
    font.setGlyphOrder(font["glyf"].glyphOrder)
    font["hmtx"][copy] = font["hmtx"][name]
    if "gvar" in font:
        font["gvar"].variations[copy] = deepcopy(font["gvar"].variations[name])
    classes = font["GDEF"].table.GlyphClassDef.classDefs if "GDEF" in font else {}
    if name in classes:
        classes[copy] = classes[name]


def _draw(font: TTFont, contours: list[Points], flags: list[list[int]]) -> None:
    glyph = TTGlyphPen(None).glyph()
    glyph.numberOfContours = len(contours)
    glyph.endPtsOfContours = [len(contours[0]) - 1, len(contours[0]) + len(contours[1]) - 1]
    glyph.coordinates = GlyphCoordinates([point for contour in contours for point in contour])
    glyph.flags = bytearray(flag for of_contour in flags for flag in of_contour)
    glyph.program = deepcopy(font["glyf"]["zero"].program)
    glyph.recalcBounds(font["glyf"])
    font["glyf"]["zero"] = glyph


def _add_feature(font: TTFont) -> None:
    table: Any = font["GSUB"].table
    lookup = otTables.Lookup()
    lookup.LookupType, lookup.LookupFlag = 1, 0
    change = otTables.SingleSubst()
    change.mapping = dict(_SLASHED)
    lookup.SubTable, lookup.SubTableCount = [change], 1
    table.LookupList.Lookup.append(lookup)
    record = otTables.FeatureRecord()
    record.FeatureTag = _FEATURE
    record.Feature = otTables.Feature()
    record.Feature.FeatureParams = None
    record.Feature.LookupListIndex = [len(table.LookupList.Lookup) - 1]
    table.FeatureList.FeatureRecord.append(record)
    index = len(table.FeatureList.FeatureRecord) - 1
    for script in table.ScriptList.ScriptRecord:
        languages = [one.LangSys for one in script.Script.LangSysRecord]
        for language in (script.Script.DefaultLangSys, *languages):
            if language is not None:
                language.FeatureIndex.append(index)


if __name__ == "__main__":
    sys.exit(main())
