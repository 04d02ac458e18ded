"""The SQL of imports: its comments, its vocabulary, the map of its tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from accounts.provisioning.statements import ACCOUNTS_SQL
from directory.enums import GroupKind, MembershipRole, Profile
from directory.imports.layouts.aaf.second import functions, words
from directory.imports.sql.loader import SQL, read_statements
from scripts import staging_map

FILES = [file.path for file in staging_map.files()]
_QUOTED = re.compile(r"'([^']*)'")
_SEQUENCE = re.compile(r"nextval\('\w+'\)")


def bare_words(text: str) -> list[str]:
    """Quoted literals that are one word: a value of some vocabulary, or the name of something."""
    code = re.sub(r"^--.*$", "", _SEQUENCE.sub("", text), flags=re.MULTILINE)
    return [word for word in _QUOTED.findall(code) if re.fullmatch(r"[A-Za-z][\w-]+", word)]


def test_a_bare_word_is_found() -> None:
    assert bare_words("SELECT 1 WHERE kind = 'classe' AND x = 'Un texte.'\n-- 'mot'") == ["classe"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_vocabulary_comes_from_the_enums(path: Path) -> None:
    assert bare_words(path.read_text(encoding="utf-8")) == []


def test_comments_and_map_say_what_the_statements_do() -> None:
    """`python -m scripts.staging_map --write` corrects them."""
    assert staging_map.problems() == []


def test_every_statement_can_be_filled() -> None:
    for folder in (SQL, ACCOUNTS_SQL):
        for path in folder.path.glob("*.sql"):
            for one in read_statements(path.read_text(encoding="utf-8")):
                folder.steps(path.stem, schema="staging_1")
                if one.kind == "query":
                    filled = folder.query(path.stem, one.name, schema="staging_1")
                    assert "staging." not in filled
                    assert not re.search(r"\{\w+", filled)


def test_a_title_stands_for_the_statements_that_follow_and_its_options_for_the_next_one() -> None:
    text = "-- Head.\n\n-- step: Un; counter: n\nSELECT 1;\n\nSELECT 2;\n-- query: q\nSELECT 3;\n"
    found = [(one.kind, one.name, one.options, one.text) for one in read_statements(text)]
    assert found == [
        ("step", "Un", ("counter: n",), "SELECT 1"),
        ("step", "Un", (), "SELECT 2"),
        ("query", "q", (), "SELECT 3"),
    ]


def test_the_readers_spell_the_vocabularies_as_the_enums_do() -> None:
    assert {words.CLASS, words.GROUP} == set(GroupKind.values)
    assert {words.PUPIL, words.TEACHER, words.MAIN_TEACHER} == set(MembershipRole.values)
    assert {words.PUPIL, words.CONTACT, words.TEACHER, words.HEAD} <= set(Profile.values)
    of_codes = {functions.profile_of(code) for code in ("ENS", "DIR", "EDU", "DOC", "INS", "-")}
    assert of_codes <= set(Profile.values)
