"""The check that finds what nothing uses (`scripts.unused`), on small texts."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from scripts import unused

MODULE = '''
"""A docstring names nothing: "sheet.html"."""

def render(kind):
    """Nor this one."""
    return get_template(f"components/{kind}.html"), "directory/sheet.html"
'''


def test_strings_are_read_with_their_lines_and_docstrings_are_not() -> None:
    assert set(unused.strings_with_lines(ast.parse(MODULE))) == {
        (6, f"components/{unused.GAP}.html"),
        (6, "directory/sheet.html"),
    }


def test_the_words_of_a_template_are_those_of_its_tags() -> None:
    text = "<p class=quiet>{{ row.has_school|calm }}</p>{% if mailing %}a word{% endif %}"
    assert unused.words_of_template(text) == {
        *("row", "has_school", "calm"),
        *("if", "mailing", "endif"),
    }


def test_a_file_that_nothing_names_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A template, a component, a style sheet, a statement; their named neighbours are not."""
    monkeypatch.setattr(unused, "ROOT", tmp_path)
    (tmp_path / "static" / "css").mkdir(parents=True)
    (tmp_path / "ent" / "sql").mkdir(parents=True)
    for name in (
        "static/css/base.css",
        "static/css/old.css",
        "ent/sql/count.sql",
        "ent/sql/old.sql",
    ):
        (tmp_path / name).touch()
    templates = {
        "directory/sheet.html": "{% static 'css/base.css' %}{% include 'directory/_row.html' %}",
        "directory/_row.html": "",
        "directory/old.html": "",
        "components/button.html": "",
        "components/old.html": "",
    }
    strings = {"directory/sheet.html", f"components/{unused.GAP}.html", "button", "count"}
    assert [line.split(":")[0] for line in unused.unused_files(strings, templates)] == [
        "templates/directory/old.html",
        "templates/components/old.html",
        "static/css/old.css",
        "ent/sql/old.sql",
    ]


def test_code_that_nothing_calls_is_told_unless_a_string_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unused, "ROOT", tmp_path)
    (tmp_path / "ent").mkdir()
    (tmp_path / "ent" / "views.py").write_text(
        "LIMIT = 3\n\ndef used(): ...\n\ndef old(): ...\n\ndef named(): ...\n\nused()\n"
    )
    assert list(unused.unused_code({"named"})) == [
        "ent/views.py:1: unused variable LIMIT",
        "ent/views.py:5: unused function old",
    ]
