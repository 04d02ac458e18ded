"""Which spellings the product holds for the same."""

from __future__ import annotations

import unicodedata

import pytest

from ent.text.folding import fold


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("DUPONT", "dupont"),
        ("  de   La Tour ", "de la tour"),
        ("O’Brien", "o brien"),
        ("O'Brien", "o brien"),
        ("N'Guyen-Étienne", "n guyen etienne"),
        ("Œuvrard Lætitia", "oeuvrard laetitia"),
        ("Çağrı Größe", "cagri grosse"),
        ("", ""),
        ('%_\\"', ""),
    ],
)
def test_a_name_folds_to_plain_words(typed: str, folded: str) -> None:
    assert fold(typed) == folded


def test_composed_and_decomposed_spellings_are_the_same() -> None:
    name = "Éléonore Brûlé"
    assert fold(unicodedata.normalize("NFD", name)) == fold(unicodedata.normalize("NFC", name))


def test_a_cyrillic_look_alike_is_not_the_latin_name() -> None:
    assert fold("аdmin") != fold("admin")
