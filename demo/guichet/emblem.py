"""The academy's logo: the cross of Lorraine on a disc, drawn here so that no image is kept."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw

_SIDE = 192
_TIMES = 4


def emblem(colour: str) -> bytes:
    """Return the logo as a PNG; drawn four times as large, so that its edges are smooth."""
    large = _SIDE * _TIMES
    image = Image.new("RGBA", (large, large), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((0, 0, large - 1, large - 1), fill=colour)
    for left, top, right, bottom in (
        (45, 16, 55, 86),  # the upright, in hundredths
        (33, 30, 67, 39),
        (26, 48, 74, 57),
    ):
        box = tuple(round(one * large / 100) for one in (left, top, right, bottom))
        draw.rectangle(box, fill="#ffffff")
    small = image.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    kept = BytesIO()
    small.save(kept, "PNG", optimize=True)
    return kept.getvalue()
