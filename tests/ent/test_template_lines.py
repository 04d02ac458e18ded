"""A template is read by people: its lines are short enough to be."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST_LINE = 160


def test_no_line_of_a_template_is_longer_than_160_characters() -> None:
    """Rendered white space between elements does not matter: break there."""
    long_lines = [
        f"{template.relative_to(ROOT)}:{number}"
        for folder in ("templates", "demo")
        for template in sorted((ROOT / folder).rglob("*.html"))
        for number, line in enumerate(template.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LONGEST_LINE
    ]
    assert long_lines == []
