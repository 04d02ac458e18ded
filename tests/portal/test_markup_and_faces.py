"""The light writing of editors, and the face of a school without a logo."""

from __future__ import annotations

import pytest

from portal.faces import face_of, monogram_of
from portal.markup import first_words, to_html
from portal.rasters import MAX_BYTES, RefusedPictureError, read_raster

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x40\x00\x00\x00\x20\x08\x06\x00\x00\x00"
    b"\x00\x00\x00\x00\x00\x00\x00\x00IEND\xaeB`\x82"
)
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x04\x00\x00\xff\xc0\x00\x0b\x08\x00\x10\x00\x20\x01\x01\x11\x00"
    b"\xff\xda\x00\x02\x00\xff\xd9"
)
WEBP = b"RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x3f\x00\x00\x1f\x00\x00"


def test_paragraphs_titles_lists_and_addresses_are_written() -> None:
    """The whole of the light writing."""
    text = "## Titre\n\nUn mot,\nun autre.\n\n- a\n- b\n\nVoir https://example.org/a?b=1&c=2."
    assert to_html(text) == (
        "<h2>Titre</h2>\n<p>Un mot,<br>un autre.</p>\n<ul><li>a</li><li>b</li></ul>\n"
        '<p>Voir <a href="https://example.org/a?b=1&amp;c=2" rel="noopener noreferrer">'
        "https://example.org/a?b=1&amp;c=2</a>.</p>"
    )


@pytest.mark.parametrize(
    "payload",
    [
        "<script>alert(1)</script>",
        "javascript:alert(1)",
        'https://example.org/" onmouseover="alert(1)',
        "https://example.org/<script>",
        "data:text/html,<script>",
        "a@b.fr<script>",
        '"><img src=x onerror=alert(1)>',
    ],
)
def test_nothing_typed_becomes_markup(payload: str) -> None:
    """T-I2."""
    for place in (payload, f"## {payload}", f"- {payload}"):
        html = to_html(place)
        assert "<script" not in html
        assert "<img" not in html
        assert 'href="javascript' not in html
        assert '" onmouseover' not in html


def test_the_first_words_are_cut_between_two_words() -> None:
    """A list shows a beginning, on one line."""
    assert first_words("## Titre\n\nun deux trois quatre", limit=14) == "Titre un deux…"


@pytest.mark.parametrize(
    ("name", "monogram"),
    [
        ("Collège Aristide-Briand", "AB"),
        ("Lycée polyvalent Émile Zola", "ÉZ"),
        ("École élémentaire du Vieux-Moulin", "VM"),
        ("Collège", "C"),
        ("123", "É"),
        ("LEGTPA DE COURCELLES-CHAUSSY", "CC"),
    ],
)
def test_the_monogram_is_made_of_what_names_the_school(name: str, monogram: str) -> None:
    """« Collège » and « de » name nobody."""
    assert monogram_of(name) == monogram


def test_a_school_keeps_its_face_and_others_have_another() -> None:
    """The pattern comes from the UAI alone."""
    one = face_of(uai="0540001A", name="Collège A")
    assert one == face_of(uai="0540001A", name="Collège A")
    faces = {face_of(uai=f"054{number:04d}A", name="Collège A").shapes for number in range(200)}
    assert len(faces) == 200


@pytest.mark.parametrize(
    ("data", "content_type", "size"),
    [(PNG, "image/png", (64, 32)), (JPEG, "image/jpeg", (32, 16)), (WEBP, "image/webp", (64, 32))],
)
def test_a_picture_is_known_by_its_bytes(
    data: bytes, content_type: str, size: tuple[int, int]
) -> None:
    """Three raster formats, recognised whatever the name of the upload."""
    raster = read_raster(data)
    assert (raster.content_type, (raster.width, raster.height)) == (content_type, size)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"GIF89a",
        PNG + b"<script>alert(1)</script>",
        PNG[:20],
        PNG[:16] + b"\x00\x01\x00\x00" + PNG[20:],
        JPEG + b"<html>",
        JPEG[:8],
        WEBP + b"0123",
        PNG + b"\x00" * MAX_BYTES,
    ],
)
def test_what_is_not_exactly_a_picture_is_refused_with_a_reason(data: bytes) -> None:
    """SVG, two-faced files, truncated and huge ones."""
    with pytest.raises(RefusedPictureError, match="image"):
        read_raster(data)
