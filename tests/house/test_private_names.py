"""Tests see the product from outside: no test names a private name of a module."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from scripts.walls import LEVELS, ROOT

#: The modules whose private names are nobody else's; the interpreter's own are not among them.
OURS = (*LEVELS, "bench", "scripts", "tests")

PLANTED = """
from ent.web.health import _broker_state, health
from demo import supervisor
import portal.hosts.middleware
from tests.kit import ports

supervisor._pause()
portal.hosts.middleware._find()
self._mine()
monkeypatch.setattr(supervisor, "_PAUSE" if quick else "LIMIT", 0)
monkeypatch.setattr("demo.supervisor._LIMIT", 0)
monkeypatch.setitem(supervisor.known, "_word", 0)
row._asdict()
"""


def private_names(text: str) -> Iterator[tuple[int, str]]:
    """Return the private names of modules that a test imports, reads or replaces."""
    tree = ast.parse(text)
    modules: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            if (node.module or "").split(".")[0] in OURS:
                modules.update(alias.asname or alias.name for alias in node.names)
            yield from ((node.lineno, alias.name) for alias in node.names if is_private(alias.name))
        elif isinstance(node, ast.Import):
            ours = [alias for alias in node.names if alias.name.split(".")[0] in OURS]
            modules.update(alias.asname or alias.name.split(".")[0] for alias in ours)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            if first_name(node.value) in modules:
                yield node.lineno, node.attr
        elif isinstance(node, ast.Call) and last_name(node.func) in ("setattr", "patch", "object"):
            yield from ((node.lineno, name) for name in replaced_names(node, modules))


def replaced_names(call: ast.Call, modules: set[str]) -> Iterator[str]:
    """Return the private names that `setattr` or `patch` replaces in a module of ours."""
    match call.args:
        case [ast.Constant(value=str(path)), *_] if path.split(".")[0] in OURS:
            names = [path.rpartition(".")[2]]
        case [module, name, *_] if first_name(module) in modules:
            constants = (node for node in ast.walk(name) if isinstance(node, ast.Constant))
            names = [str(constant.value) for constant in constants]
        case _:
            names = []
    yield from (name for name in names if is_private(name))


def first_name(node: ast.expr) -> str:
    """Return `a` of `a.b.c`."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def last_name(node: ast.expr) -> str:
    """Return `c` of `a.b.c`."""
    return node.attr if isinstance(node, ast.Attribute) else first_name(node)


def is_private(name: str) -> bool:
    """Does the name begin with one underscore? Django documents two of that form."""
    documented = ("_meta", "_default_manager")
    return name.startswith("_") and not name.startswith("__") and name not in documented


def test_no_test_names_a_private_name_of_a_module() -> None:
    """Neither imported, read nor replaced."""
    told = [
        f"{path.relative_to(ROOT)}:{line}: names the private {name}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for line, name in private_names(path.read_text(encoding="utf-8"))
    ]
    assert not told, "\n".join(told)


def test_a_planted_private_name_is_told() -> None:
    """The reader, on a small text: what is a module's counts, what is an object's own does not."""
    assert sorted(private_names(PLANTED)) == [
        (2, "_broker_state"),
        (7, "_pause"),
        (8, "_find"),
        (10, "_PAUSE"),
        (11, "_LIMIT"),
    ]
