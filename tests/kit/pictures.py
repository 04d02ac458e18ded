"""Small pictures of the three formats that the portal accepts, made by Pillow."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image


def encoded_picture(image_format: str, *, mode: str = "RGB", **options: Any) -> bytes:
    """Return a picture of 64 × 32 pixels, as a browser would send it."""
    image = Image.new(mode, (64, 32))
    for x in range(64):
        image.putpixel((x, x % 32), (4 * x, 255 - x, x) if mode == "RGB" else x)
    stream = io.BytesIO()
    image.save(stream, format=image_format, **options)
    return stream.getvalue()
