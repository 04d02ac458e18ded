"""The light writing of editors, and the face of a school without a logo."""

from __future__ import annotations

import pytest

from portal.school_pages.faces import face_of, monogram_of
from portal.texts.markup import to_html


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
