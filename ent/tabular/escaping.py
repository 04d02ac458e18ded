"""Texts that a spreadsheet would run as formulas, made harmless in a way that can be undone.

Quoting does not help: LibreOffice 7.4 runs a quoted `=1+1` while it imports a CSV, and turns `+1`
or `-1` into numbers. The only thing that works everywhere is to change the text (OWASP, "CSV
Injection"): an apostrophe is put before it. The XLSX holds the same changed texts as the CSV: its
cells run nothing, but the CSV that an office makes of it would.

The rule, for whoever reads our files by program:

- *escape*: a value which, after any number of apostrophes and then of blank or invisible
  characters, begins with `=`, `+`, `-`, `@` or one of their look-alikes, or which (after its
  apostrophes) begins with a tab, a carriage return, a line feed or another control character,
  receives one apostrophe in front;
- *un-escape*: a value that matches the same description and begins with an apostrophe loses one.

So `=1+1` is written `'=1+1`, `'=1+1` is written `''=1+1`, and a name like `'t Hooft` is untouched.
"""

import re

# Full-width and small forms and the typographic minus are turned into their ASCII twins by some
# input methods and spreadsheets.
_TRIGGERS = r"=+\-@＝＋－＠﹦﹢﹣﹫−"
_CONTROLS = r"\x00-\x1e\x7f-\x9f"  # not \x1f, which separates: it counts as invisible
_INVISIBLE = r"\s\u00ad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
_DESCRIPTION = rf"'*(?:[{_CONTROLS}]|[{_INVISIBLE}]*[{_TRIGGERS}])"
_DANGEROUS = re.compile(_DESCRIPTION)
_ESCAPED = re.compile("'" + _DESCRIPTION)

#: Stands before each value when many are looked at together; inside a value it only costs time.
VALUE_MARK = "\x1f"
_DANGEROUS_AFTER_MARK = re.compile(VALUE_MARK + _DESCRIPTION)


def escape_formula(text: str) -> str:
    """Return a text that no spreadsheet runs; `unescape_formula` gives the original back."""
    return "'" + text if _DANGEROUS.match(text) else text


def unescape_formula(text: str) -> str:
    """Return what `escape_formula` was given."""
    return text[1:] if _ESCAPED.match(text) else text


def needs_escape(marked_values: str) -> bool:
    """Tell whether one of many values, each preceded by `VALUE_MARK`, has to be escaped.

    It may answer True too often, never too seldom.
    """
    return _DANGEROUS_AFTER_MARK.search(marked_values) is not None
