"""The tables of an import's SQL: what each file reads, makes and changes, and the map of all.

`python -m scripts.staging_map` names the files whose first comment is wrong and says whether the
map is current; `--write` corrects both. A test runs the same check.
"""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from directory.imports.tables import staging_tables

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDERS: Final = (
    "directory/imports/sql", "accounts/provisioning/sql", "credentials/files/sql",
)  # fmt: skip
MAP: Final = ROOT / "docs" / "formats" / "staging.md"
_STAGED: Final = {
    "in_person": "pupils, guardians and staff: one row for each object",
    "in_affiliation": "schools in which they are, with profile, function and post",
    "in_membership": "classes and groups in which they are",
    "in_teaching": "subjects that staff teach to a class or group",
    "in_link": "responsible persons that pupils name, link and level as delivered",
    "in_structure": "structures: one row for each object",
    "in_group": "classes and groups that structures describe",
    "in_subject": "subjects of the nomenclature",
    "in_mef": "formations (MEF) of the nomenclature",
    "in_kept": "what an object of a delta does not name, and leaves as it is",
    "in_delete": "objects that a delta deletes",
    "in_anomaly": "anomalies; the comparison adds its own",
    "seen": "all objects of files that were scanned and not parsed",
}
"""What the tables that readers fill hold (`directory/imports/tables.py`)."""
_BY_CODE: Final = {
    "kept_person": "persons to whom new rows refer and whom the run does not create",
}
"""Made in `directory/imports/application/references.py`, from what the rooms declare."""

_TABLE = r"(staging\.\w+|(?:directory|accounts|credentials)_\w+)(?![\w(])"
_MADE = re.compile(rf"CREATE UNLOGGED TABLE (?:IF NOT EXISTS )?{_TABLE}")
_CHANGED = re.compile(rf"(?:INSERT INTO|UPDATE|DELETE FROM) {_TABLE}")
_RENAMED = re.compile(r"ALTER TABLE staging\.\w+ RENAME TO (\w+)")
_READ = re.compile(rf"(?:FROM|JOIN|USING|,)\s+{_TABLE}")
_DELETED = re.compile(rf"DELETE FROM {_TABLE}")  # noqa: S608 - an expression
_COMMENT = re.compile(r"^--.*$", re.MULTILINE)
_MAKES_LINE = re.compile(r"^-- makes +(\w+): (.+)$", re.MULTILINE)
_WIDTH = 100
_RULE = "|---|---|---|---|"


@dataclass(slots=True)
class SqlFile:
    """One file, and the tables of its statements."""

    path: Path
    made: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """Where it stands in the project."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def head(self) -> str:
        """The first comment."""
        return self.path.read_text(encoding="utf-8").partition("\n\n-- ")[0]

    @property
    def described(self) -> dict[str, str]:
        """The tables that the comment says the file makes, and what each holds."""
        return dict(_MAKES_LINE.findall(self.head))


def files() -> list[SqlFile]:
    """Every file of SQL of the imports."""
    return [
        _tables_of(SqlFile(path))
        for folder in FOLDERS
        for path in sorted((ROOT / folder).glob("*.sql"))
    ]


def _tables_of(file: SqlFile) -> SqlFile:
    text = _COMMENT.sub("", file.path.read_text(encoding="utf-8"))
    file.made = set(_short(_MADE.findall(text))) | set(_RENAMED.findall(text))
    file.changed = set(_short(_CHANGED.findall(text))) - file.made
    file.read = set(_short(_READ.findall(_DELETED.sub("", text)))) - file.made
    return file


def _short(names: list[str]) -> Iterator[str]:
    return (name.removeprefix("staging.") for name in names)


def head_of(file: SqlFile) -> str:
    """The first comment as it should be: prose and descriptions stay, the lists are found."""
    lines = file.head.splitlines()
    prose = [line for line in lines if not re.match(r"-- (makes|reads|changes|   )", line)]
    while prose and prose[-1] == "--":
        prose.pop()
    described = file.described
    lists = [f"-- makes   {name}: {described.get(name, '?')}" for name in sorted(file.made)]
    for word, names in (("reads", file.read), ("changes", file.changed)):
        if names:
            lists += textwrap.wrap(
                ", ".join(sorted(names)), _WIDTH, break_long_words=False,
                initial_indent=f"-- {word:<8}", subsequent_indent="--         ",
            )  # fmt: skip
    return "\n".join([*prose, "--", *lists])


def problems() -> list[str]:
    """What is wrong, a line each."""
    found = []
    for file in files():
        if "?" in (file.described.get(name, "?") for name in file.made):
            found.append(f"{file.name}: a table that it makes is not described")
        if file.head != head_of(file):
            found.append(f"{file.name}: its first comment lists other tables than its statements")
    if not MAP.exists() or MAP.read_text(encoding="utf-8") != drawn_map():
        found.append(f"{MAP.relative_to(ROOT)} is not current")
    return found


def drawn_map() -> str:
    """The map of the staging tables, as `docs/` holds it."""
    lines = [
        "# Staging tables of an import",
        "",
        "Written by `python -m scripts.staging_map --write` from the first comments of the SQL",
        "files and from `directory/imports/tables.py`; a test keeps it current. Each run makes",
        "them in a schema of its own (`staging_<authority>_<delivery>`), unlogged, or as temporary",
        "tables where the delivery is small, and drops them at its end.",
        "",
        "## Filled by the readers",
        "",
        "| table | holds | columns | read by |",
        _RULE,
    ]
    all_files = files()
    for table, columns in sorted(staging_tables().items()):
        names = ", ".join(column.split()[0] for column in columns)
        readers = _readers(all_files, table)
        lines.append(f"| `{table}` | {_STAGED[table]} | {names} | {readers} |")
    lines += ["", "## Made by statements", "", "| table | holds | made by | read by |", _RULE]
    made: dict[str, tuple[str, str]] = {
        name: (text, "`application/references.py`") for name, text in _BY_CODE.items()
    }
    for file in all_files:
        for name, text in file.described.items():
            by = f"`{file.path.name}`"
            known = made.get(name)
            made[name] = (known[0], f"{known[1]}, {by}") if known else (text, by)
    for table, (text, by) in sorted(made.items()):
        lines.append(f"| `{table}` | {text} | {by} | {_readers(all_files, table)} |")
    return "\n".join(lines) + "\n"


def _readers(all_files: list[SqlFile], table: str) -> str:
    return ", ".join(f"`{file.path.name}`" for file in all_files if table in file.read) or "–"


def write() -> None:
    """Correct the comments and the map."""
    for file in files():
        text = file.path.read_text(encoding="utf-8")
        file.path.write_text(text.replace(file.head, head_of(file), 1), encoding="utf-8")
    MAP.write_text(drawn_map(), encoding="utf-8")


def main() -> int:
    """Print what is wrong; exit with 1 when there is something."""
    parser = argparse.ArgumentParser(prog="python -m scripts.staging_map")
    parser.add_argument("--write", action="store_true", help="correct the comments and the map")
    if parser.parse_args().write:
        write()
    found = problems()
    sys.stdout.write("".join(f"{line}\n" for line in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
