"""An uploaded picture is decoded and written anew: only its pixels are kept."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.PngImagePlugin import PngInfo

from portal.school_pages.pictures import MAX_BYTES, RefusedPictureError, read_picture
from tests.kit.pictures import encoded_picture

PNG, JPEG, WEBP = (encoded_picture(name) for name in ("PNG", "JPEG", "WEBP"))
SECRET = b"rue des Lilas"


def _exif(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[Base.ImageDescription] = SECRET.decode()
    exif[Base.Orientation] = orientation
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitudeRef] = "N"
    return exif


def _with_secrets(image_format: str) -> bytes:
    """A picture that says where it was taken, in each place that its format has for that."""
    if image_format == "PNG":
        text = PngInfo()
        text.add_text("Comment", SECRET.decode())
        return encoded_picture("PNG", pnginfo=text, exif=_exif(), icc_profile=SECRET)
    options: dict[str, Any] = {"comment": SECRET} if image_format == "JPEG" else {"xmp": SECRET}
    return encoded_picture(image_format, exif=_exif(), icc_profile=SECRET, **options)


@pytest.mark.parametrize(
    ("data", "content_type"),
    [(PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp")],
)
def test_a_picture_is_known_by_its_bytes(data: bytes, content_type: str) -> None:
    """Three raster formats, recognised whatever the name of the upload."""
    picture = read_picture(data)
    assert (picture.content_type, picture.width, picture.height) == (content_type, 64, 32)
    assert Image.open(io.BytesIO(picture.data)).size == (64, 32)


@pytest.mark.parametrize("data", [PNG, encoded_picture("PNG", mode="P", transparency=0)])
def test_the_pixels_of_a_png_are_the_same(data: bytes) -> None:
    """Colours and transparency are the picture."""
    sent, kept = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(read_picture(data).data))
    assert sent.convert("RGBA").tobytes() == kept.convert("RGBA").tobytes()


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "WEBP"])
def test_what_a_picture_says_beside_its_pixels_is_dropped(image_format: str) -> None:
    """EXIF with a place, XMP, comment, colour profile."""
    sent = _with_secrets(image_format)
    assert SECRET in sent
    kept = read_picture(sent).data
    assert SECRET not in kept
    image = Image.open(io.BytesIO(kept))
    assert not image.getexif()
    assert not {"exif", "xmp", "icc_profile", "comment"} & image.info.keys()


def test_a_picture_stands_as_its_camera_said() -> None:
    """The turn is in the EXIF, which goes: the pixels are turned instead."""
    picture = read_picture(encoded_picture("JPEG", exif=_exif(orientation=6)))
    assert (picture.width, picture.height) == (32, 64)


@pytest.mark.parametrize("data", [PNG, JPEG, WEBP])
@pytest.mark.parametrize(
    "tail", [b"<script>alert(1)</script>", b"PK\x03\x04 an archive", b"%PDF-1.7"]
)
def test_of_a_file_that_is_also_something_else_the_picture_is_kept(
    data: bytes, tail: bytes
) -> None:
    """A page, an archive or a document behind the picture."""
    assert tail not in read_picture(data + tail).data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"GIF89a",
        b"<script>alert(1)</script>" + PNG,
        PNG[:20],
        PNG[:16] + b"\x00\x01\x00\x00" + PNG[20:],
        PNG[:-30],
        JPEG[:8],
        JPEG[:-300],
        WEBP[:40],
        PNG + b"\x00" * MAX_BYTES,
    ],
)
def test_what_is_not_a_picture_is_refused_with_a_reason(data: bytes) -> None:
    """SVG, damaged, truncated and huge ones."""
    with pytest.raises(RefusedPictureError, match="image"):
        read_picture(data)


@pytest.mark.parametrize("side", [2_001, 12_000])
def test_a_picture_of_many_pixels_is_refused_before_it_is_decoded(side: int) -> None:
    """Its few bytes would fill the memory."""
    stream = io.BytesIO()
    Image.new("1", (side, side)).save(stream, format="PNG")
    with pytest.raises(RefusedPictureError, match="2 000 pixels"):
        read_picture(stream.getvalue())
