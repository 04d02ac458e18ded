"""How French pages say whose something is."""

from __future__ import annotations

import pytest

from ent.pages.french import of_name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Anatole Petit", "d’Anatole Petit"),
        ("Océane", "d’Océane"),
        ("Élise", "d’Élise"),
        ("ARISTIDE", "d’ARISTIDE"),
        ("Hélène", "d’Hélène"),
        ("Hamza", "de Hamza"),
        ("Yves", "d’Yves"),
        ("Yasmine", "de Yasmine"),
        ("Manon", "de Manon"),
        ("Œuvré", "d’Œuvré"),
        ("", "de "),
    ],
)
def test_a_name_is_elided_where_it_begins_with_a_vowel(name: str, words: str) -> None:
    assert of_name(name) == words
