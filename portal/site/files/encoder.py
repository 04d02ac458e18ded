"""Run as a process of its own: a picture comes in, our own copy of its pixels goes out.

It imports nothing of the product. Limits of memory and processor time are set before a byte is
read, so that a picture made to exhaust a machine exhausts this process only. The answer is one line
of JSON, then the bytes.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from typing import Any, Final

from PIL import Image, ImageCms, ImageOps

MEMORY_BYTES: Final = 1_500_000_000
PROCESSOR_SECONDS: Final = 20
MOST_PIXELS: Final = 40_000_000
SHOWN_PIXELS: Final = 1_280
_QUALITY: Final = 80
_FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _encode(data: bytes) -> tuple[dict[str, Any], bytes]:
    Image.MAX_IMAGE_PIXELS = None  # the size is judged here, before any pixel is decoded
    try:
        image = Image.open(io.BytesIO(data), formats=_FORMATS)
    except Exception:  # whatever a decoder says of what is no picture
        return {"refused": "none"}, b""
    if image.width * image.height > MOST_PIXELS:
        return {"refused": "large"}, b""
    is_animated = getattr(image, "is_animated", False)
    try:
        if image.format == "JPEG":
            image.draft("RGB", (2 * SHOWN_PIXELS, 2 * SHOWN_PIXELS))
        image.load()
        copy = _srgb(ImageOps.exif_transpose(image))
        copy.thumbnail((SHOWN_PIXELS, SHOWN_PIXELS))
        written = io.BytesIO()
        if copy.mode == "RGBA":
            copy.save(written, "PNG", optimize=True)
        else:
            copy.save(written, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    except Exception:  # a cut or crafted file fails in many ways
        return {"refused": "damaged"}, b""
    head = {
        "content_type": "image/png" if copy.mode == "RGBA" else "image/jpeg",
        "width": copy.width,
        "height": copy.height,
        "is_animated": is_animated,
    }
    return head, written.getvalue()


def _srgb(image: Image.Image) -> Image.Image:
    """The pixels in the colours of every screen, without profile or metadata."""
    has_transparency = "A" in image.getbands() or "transparency" in image.info
    profile = image.info.get("icc_profile")
    mode = "RGBA" if has_transparency else "RGB"
    if profile and not has_transparency and image.mode in {"RGB", "CMYK"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            image = ImageCms.profileToProfile(image, source, target, outputMode="RGB") or image
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that cannot be read changes no colour
    copy = image.convert(mode)
    copy.info = {}
    return copy


def main() -> None:
    """Read standard input, write standard output."""
    _limit()
    head, data = _encode(sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + data)


if __name__ == "__main__":
    main()
