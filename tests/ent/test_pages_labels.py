"""Labels of the feeds' nomenclatures, as a reader expects them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ent.pages.labels import calm_label, function_words, is_level, subject_words

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


@pytest.mark.parametrize(
    ("delivered", "shown"),
    [
        ("EDUCATION MUSICALE", "Éducation musicale"),
        ("HISTOIRE-GEOGRAPHIE", "Histoire-géographie"),
        ("ANGLAIS LV1", "Anglais LV1"),
        ("LANGUES ET CULTURES DE L'ANTIQUITE LATIN", "Langues et cultures de l’antiquité latin"),
        ("AIDE A LA PERSONNE", "Aide à la personne"),
        ("GROUPE A", "Groupe A"),
        ("EPS", "EPS"),
        ("3EME", "3e"),
        ("4EME SECTION EUROPEENNE", "4e section européenne"),
        ("2NDE GENERALE", "2de générale"),
        ("TERM PRO", "Terminale pro"),
        ("308700", "308700"),
        ("Chorale du jeudi", "Chorale du jeudi"),
        ("", ""),
    ],
)
def test_a_label_in_capitals_is_written_with_its_accents(delivered: str, shown: str) -> None:
    """Acronyms, codes and what has a small letter stay."""
    assert calm_label(delivered) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            ("Direction", "DIRECTION", "DIRECTION ADJOINT CHEF D'ETABLISSEMENT"),
            "Direction, adjoint au chef d’établissement",
        ),
        (("Enseignant", "ENSEIGNEMENT", "EDUCATION MUSICALE"), "Enseignant, éducation musicale"),
        (
            ("Vie scolaire", "EDUCATION", "CONSEILLER PRINCIPAL D'EDUCATION"),
            "Vie scolaire, conseiller principal d’éducation",
        ),
        (("Personnel", "SANS OBJET", "-"), "Personnel"),
        (("Élève", "", ""), "Élève"),
    ],
)
def test_a_function_is_said_once(said: tuple[str, str, str], shown: str) -> None:
    """The profile, the function and the post of a feed repeat each other."""
    assert function_words(*said) == shown


def test_a_subject_without_a_name_says_so() -> None:
    """308700 is taught in every college and stands in no file of subjects."""
    assert subject_words("", "308700") == "matière sans nom (code\u00a0308700)"
    assert subject_words("CHANT CHORAL", "308700") == "chant choral"


def test_a_level_is_told_from_another_label() -> None:
    assert [is_level(label) for label in ("3EME", "TERM-G", "LATIN", "")] == [
        True,
        True,
        False,
        False,
    ]


_RAW = re.compile(
    r"""\{\{\s*[\w.]*(?:
        \.given_name | \.function_label | \.post_label | \.mef_label
      | group\.label | subject\.label
      | school\.name(?!\w) (?!\s*\|\s*calm) | school\.town (?!\s*\|\s*calm)
      | school\.street (?!\s*\|\s*calm)
    )\b[^}]*""",
    re.VERBOSE,
)
#: Groups of facets, the schools of the header, an academy's own agents: no rows of the directory.
_OTHERS = (
    'aria-label="{{ group.label }}"',
    "{% endif %}{{ school.name }}",
    "{{ agent.given_name }}",
)


def test_no_page_writes_the_words_of_a_feed_as_they_came() -> None:
    """Each goes through `ent.pages.names` or `ent.pages.labels`, by a property or a filter."""
    found = [
        f"{path.relative_to(TEMPLATES)}: {match[0]}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for line in path.read_text(encoding="utf-8").splitlines()
        for match in _RAW.finditer(line)
        if not any(other in line for other in _OTHERS)
    ]
    assert found == []
