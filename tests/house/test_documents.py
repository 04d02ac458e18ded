"""What the documents name exists: files, folders and names of modules in backticks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scripts.walls import LEVELS, ROOT

_TOP = "|".join((*LEVELS, "bench", "docs", "scripts", "templates", "tests"))
_PATH = re.compile(rf"`((?:{_TOP})/[\w./-]*?(?:\.\w+|/))`")
# Of three words or more: two are a model (`directory.Delivery`), a task or a kind of job.
_DOTTED = re.compile(rf"`((?:{'|'.join(LEVELS)})(?:\.\w+){{2,}})(?:\(.*?\))?`")
#: Files that a recipe has its reader write.
_OUTSIDE = ("docs/", "bench/", "tests/", "templates/", "scripts/")
MADE_UP = {"templates/directory/subjects.html"}


#: « `returns/views.py` », « `signs.py` », « `slips/` »: the reader knows the room from the line.
_SHORT = re.compile(r"`([a-z][\w-]*(?:/[\w.-]+)*(?:\.(?:py|sql|typ)|/))`")


def missing_short_names(text: str, known: set[str]) -> Iterator[tuple[int, str]]:
    """Return the short paths of a text which end no path of *known*, with their lines."""
    for number, line in enumerate(text.splitlines(), 1):
        for name in _SHORT.findall(line):
            if not any(path.endswith(f"/{name}") for path in known):
                yield number, name


def missing_names(text: str) -> Iterator[tuple[int, str]]:
    """Return the paths and dotted names of a text that lead nowhere, with their lines."""
    for number, line in enumerate(text.splitlines(), 1):
        paths = (path for path in _PATH.findall(line) if not (ROOT / path).exists())
        dotted = (name for name in _DOTTED.findall(line) if not is_there(name))
        yield from ((number, name) for name in (*paths, *dotted) if name not in MADE_UP)


def is_there(dotted: str) -> bool:
    """Does a module or folder of that name exist, and does its text hold the last word?"""
    parts = dotted.split(".")
    for length in range(len(parts), 1, -1):
        base = ROOT.joinpath(*parts[:length])
        module = base.with_suffix(".py")
        if module.exists() or base.is_dir():
            text = module.read_text("utf-8") if module.exists() else ""
            return length == len(parts) or re.search(rf"\b{parts[length]}\b", text) is not None
    return False


def test_the_documents_name_what_exists() -> None:
    """Architecture, glossary, recipes, decisions, formats and operations."""
    told = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in sorted((ROOT / "docs").rglob("*.md"))
        for line, name in missing_names(path.read_text(encoding="utf-8"))
    ]
    assert not told, "\n".join(told)


def test_the_newcomers_guide_names_what_exists_in_its_rooms_too() -> None:
    known = {
        f"/{path.relative_to(ROOT)}{'/' if path.is_dir() else ''}"
        for room in (*LEVELS, "templates")
        for path in (ROOT / room, *(ROOT / room).rglob("*"))
    }
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    told = [name for name in missing_short_names(text, known) if not name[1].startswith(_OUTSIDE)]
    assert not told
    assert list(missing_short_names("`jobs/running.py`\n`round_trip/views.py`", known)) == [
        (2, "round_trip/views.py")
    ]


def test_a_name_that_leads_nowhere_is_told() -> None:
    """The reader, on a small text."""
    text = "`ent/urls.py`\n`ent/nowhere.py` and `ent.jobs.nothing`\n`ent.jobs.services.enqueue`"
    assert list(missing_names(text)) == [(2, "ent/nowhere.py"), (2, "ent.jobs.nothing")]
