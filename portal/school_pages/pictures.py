"""Uploaded pictures: decoded by Pillow and written anew, so that only pixels are kept.

What was hidden in or behind the picture (camera data, a place, comments, a page, a program) does
not reach the copy that we serve. PNG, JPEG and WebP are accepted, by what the bytes are and not by
what the upload says; an SVG is a program and is refused.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Final

from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.ExifTags import Base as ExifTag

MAX_BYTES: Final = 150_000
MAX_SIDE_PIXELS: Final = 2_000
_FORMATS: Final = ("PNG", "JPEG", "WEBP")
#: A copy may weigh more than what was sent, since another encoder made that.
_MAX_COPY_BYTES: Final = 2 * MAX_BYTES
_JPEG_QUALITY: Final = 90
_TOO_HEAVY: Final = "L’image dépasse 150 ko : réduisez-la avant de l’envoyer."
_TOO_WIDE: Final = "L’image mesure plus de 2 000 pixels de côté."
_NO_PICTURE: Final = "Ce fichier n’est pas une image PNG, JPEG ou WebP."
_DAMAGED: Final = "L’image est abîmée ou incomplète."


class RefusedPictureError(ValueError):
    """The file is not a picture that we serve; the message is for the person who sent it."""


@dataclass(frozen=True)
class Picture:
    """A picture that we encoded ourselves."""

    content_type: str
    width: int
    height: int
    data: bytes


def read_picture(data: bytes) -> Picture:
    """Return our own copy of the picture, or say in French why it is refused."""
    if len(data) > MAX_BYTES:
        raise RefusedPictureError(_TOO_HEAVY)
    image = _open(data)
    image_format = "JPEG" if image.format == "MPO" else str(image.format)
    try:
        image.load()
        copy, options = _without_metadata(image, image_format)
        encoded = io.BytesIO()
        copy.save(encoded, format=image_format, **options)
    except (OSError, SyntaxError, ValueError) as error:
        raise RefusedPictureError(_DAMAGED) from error
    if encoded.tell() > _MAX_COPY_BYTES:
        raise RefusedPictureError(_TOO_HEAVY)
    return Picture(f"image/{image_format.lower()}", copy.width, copy.height, encoded.getvalue())


def _open(data: bytes) -> Image.Image:
    """Read the header only: the size is checked before any pixel is decoded."""
    try:
        image = Image.open(io.BytesIO(data), formats=_FORMATS)
    except UnidentifiedImageError as error:
        raise RefusedPictureError(_NO_PICTURE) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise RefusedPictureError(_TOO_WIDE) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise RefusedPictureError(_DAMAGED) from error
    if max(image.size) > MAX_SIDE_PIXELS:
        raise RefusedPictureError(_TOO_WIDE)
    return image


def _without_metadata(image: Image.Image, image_format: str) -> tuple[Image.Image, dict[str, Any]]:
    """Return the picture, turned as its camera said, and how to encode it.

    Pillow writes a profile and a comment of ``info`` back by itself; transparency is part of the
    picture.
    """
    is_turned = image.getexif().get(ExifTag.Orientation, 1) != 1
    copy = ImageOps.exif_transpose(image) if is_turned else image
    if copy.mode == "CMYK":
        copy = copy.convert("RGB")
    copy.info = {key: value for key, value in image.info.items() if key == "transparency"}
    if image_format == "PNG":
        return copy, {"optimize": True}
    if image_format == "WEBP":
        return copy, {"method": 6}
    # An untouched JPEG keeps its own tables of quantization.
    is_untouched = copy is image and image.format == "JPEG"
    return copy, {"quality": "keep" if is_untouched else _JPEG_QUALITY}
