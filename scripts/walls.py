"""The walls of the house: which room may name which, and no circle of files or of folders.

`python -m scripts.walls` prints every breach and fails when there is one; `make check` runs it.
Imports run one way, from the last room of `ROOMS` to the first (`docs/architecture.md`). The
contracts of import-linter in `pyproject.toml` read the imports of a running program; here those
under `TYPE_CHECKING` count too for the order of the rooms (not for circles), and circles of files
are found wherever the files lie. `tests/house/test_walls.py` reads what names a room in a string.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent

#: From the lowest room to the highest; rooms of one line do not know each other.
ROOMS: Final[tuple[tuple[str, ...], ...]] = (
    ("ent",),
    ("directory",),
    ("signin",),
    ("sso",),
    ("accounts", "guichet"),
    ("messaging",),
    ("credentials", "pronote_bridge"),
    ("portal",),
    ("demo",),
)
LEVELS: Final[Mapping[str, int]] = {
    room: level for level, rooms in enumerate(ROOMS) for room in rooms
}

Graph = dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one module imports: for real, and for its types only."""

    imported: set[str]
    typed: set[str]


def modules_of(rooms: Iterable[str], root: Path = ROOT) -> dict[str, Path]:
    """Return every module of the rooms by its dotted name; migrations are left out."""
    found = {}
    for room in rooms:
        for path in sorted((root / room).rglob("*.py")):
            parts = list(path.relative_to(root).with_suffix("").parts)
            if "migrations" in parts:
                continue
            if parts[-1] == "__init__":
                parts.pop()
            found[".".join(parts)] = path
    return found


def read_module(path: Path, known: Mapping[str, Path]) -> Reading:
    """Return the modules of ours that a file imports, wherever in the file it does."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    reading = Reading(set(), set())
    for node in ast.walk(tree):
        names = reading.typed if node in for_types else reading.imported
        names.update(_targets(node, known))
    return reading


def _targets(node: ast.AST, known: Mapping[str, Path]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in known)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        for alias in node.names:
            whole = f"{node.module}.{alias.name}"
            if whole in known:
                yield whole
            elif node.module in known:
                yield node.module


def circles_of(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Return the strongly connected parts of more than one node (Tarjan 1972), sorted."""
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    circles: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = lowest[node] = len(index)
        stack.append(node)
        for other in graph.get(node, ()):
            if other not in index:
                visit(other)
                lowest[node] = min(lowest[node], lowest[other])
            elif other in stack:
                lowest[node] = min(lowest[node], index[other])
        if lowest[node] == index[node]:
            part = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(part) > 1:
                circles.append(sorted(part))

    sys.setrecursionlimit(10_000)
    for node in sorted(graph):
        if node not in index:
            visit(node)
    return sorted(circles)


def folders_of(graph: Graph) -> dict[str, Graph]:
    """Return, for each folder of a room, which of its children imports which other."""
    folders: dict[str, Graph] = defaultdict(lambda: defaultdict(set))
    for module, others in graph.items():
        parts = module.split(".")
        for other in others:
            path = other.split(".")
            depth = 0
            while depth < min(len(parts), len(path)) and parts[depth] == path[depth]:
                depth += 1
            # Both lie in the folder of the first `depth` names, in two children of it.
            if 0 < depth < min(len(parts), len(path)):
                folders[".".join(parts[:depth])][parts[depth]].add(path[depth])
    return folders


def upward_arrows(readings: Mapping[str, Reading]) -> list[str]:
    """Return each import of a room that stands higher, or beside."""
    arrows = []
    for module, reading in sorted(readings.items()):
        room = module.split(".")[0]
        for other in sorted(reading.imported | reading.typed):
            there = other.split(".")[0]
            if there != room and LEVELS[there] >= LEVELS[room]:
                arrows.append(f"{module} → {other}")
    return arrows


def main() -> int:
    """Print what was read and every breach; 1 when there is one."""
    known = modules_of(LEVELS)
    readings = {name: read_module(path, known) for name, path in known.items()}
    graph: Graph = {name: reading.imported - {name} for name, reading in readings.items()}
    breaches = [f"upward: {arrow}" for arrow in upward_arrows(readings)]
    breaches += [f"circle of files: {' ↔ '.join(circle)}" for circle in circles_of(graph)]
    for folder, children in sorted(folders_of(graph).items()):
        breaches += [
            f"circle of folders in {folder}/: {' ↔ '.join(circle)}"
            for circle in circles_of(children)
        ]
    for breach in breaches:
        sys.stdout.write(f"{breach}\n")
    sys.stdout.write(f"walls: {len(known)} modules, {len(breaches)} breaches\n")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
