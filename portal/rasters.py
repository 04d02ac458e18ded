"""Verification of uploaded pictures, without decoding them.

Only three raster formats are accepted, by what the bytes are and not by what the upload says: an
SVG is a program, and a file that is at once a picture and a page is refused by its first bytes and
by the size that its header states. They are served with ``nosniff`` and a content type of ours.
Formats: PNG (W3C REC-png), JPEG (ITU T.81, markers SOFn), WebP (RFC 9649).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

MAX_BYTES = 150_000
MAX_SIDE_PIXELS = 2_000
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class RefusedPictureError(ValueError):
    """The file is not a picture that we serve; the message is for the person who sent it."""


@dataclass(frozen=True)
class Raster:
    """A verified picture."""

    content_type: str
    width: int
    height: int
    data: bytes


def read_raster(data: bytes) -> Raster:
    """Return the verified picture, or say in French why it is refused."""
    if len(data) > MAX_BYTES:
        raise RefusedPictureError("L’image dépasse 150 ko : réduisez-la avant de l’envoyer.")
    try:
        content_type, width, height = _identify(data)
    except (struct.error, IndexError) as error:
        raise RefusedPictureError("L’image est abîmée ou incomplète.") from error
    if not (0 < width <= MAX_SIDE_PIXELS and 0 < height <= MAX_SIDE_PIXELS):
        raise RefusedPictureError("L’image mesure plus de 2 000 pixels de côté.")
    return Raster(content_type=content_type, width=width, height=height, data=data)


def _identify(data: bytes) -> tuple[str, int, int]:
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        if not data.endswith(b"IEND\xaeB`\x82"):
            raise RefusedPictureError("L’image PNG est abîmée ou suivie d’autre chose.")
        width, height = struct.unpack(">II", data[16:24])
        return "image/png", width, height
    if data.startswith(b"\xff\xd8\xff"):
        return ("image/jpeg", *_jpeg_size(data))
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ("image/webp", *_webp_size(data))
    raise RefusedPictureError("Ce fichier n’est pas une image PNG, JPEG ou WebP.")


def _jpeg_size(data: bytes) -> tuple[int, int]:
    if not data.rstrip(b"\x00").endswith(b"\xff\xd9"):
        raise RefusedPictureError("L’image JPEG est abîmée ou suivie d’autre chose.")
    at = 2
    while True:
        if data[at] != 0xFF:
            raise RefusedPictureError("L’image JPEG est abîmée.")
        marker = data[at + 1]
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        if marker == 0xDA or length < 2:
            raise RefusedPictureError("L’image JPEG est abîmée.")
        at += 2 + length


def _webp_size(data: bytes) -> tuple[int, int]:
    (stated,) = struct.unpack("<I", data[4:8])
    if stated + 8 not in (len(data), len(data) - 1):
        raise RefusedPictureError("L’image WebP est abîmée ou suivie d’autre chose.")
    kind = data[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        return width, height
    if kind == b"VP8L":
        (bits,) = struct.unpack("<I", data[21:25])
        return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    raise RefusedPictureError("L’image WebP est abîmée.")
