"""Tests and assertions of the suite, by folder and file, beside those of an earlier commit.

`python -m scripts.count_tests` counts the working tree; `python -m scripts.count_tests COMMIT` sets
the commit's numbers before it and names each test that is gone. A test that is tried with many
values counts once. Assertions are `assert` statements, `assert…()` calls and `pytest.raises`, in
whatever file of tests/.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Self

from scripts.walls import ROOT


@dataclass(slots=True)
class Count:
    """What one file holds."""

    tests: list[str] = field(default_factory=list)
    assertions: int = 0

    @classmethod
    def of(cls, text: str) -> Self:
        """Count the tests and assertions of a module."""
        count = cls()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                count.tests.append(node.name)
            elif isinstance(node, ast.Assert) or (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and (node.func.attr.startswith("assert") or node.func.attr == "raises")
            ):
                count.assertions += 1
        return count


def of_working_tree() -> dict[str, Count]:
    """Count what stands in tests/ now."""
    return {
        str(path.relative_to(ROOT / "tests")): Count.of(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "tests").rglob("*.py"))
    }


def of_commit(commit: str) -> dict[str, Count]:
    """Count what stood in tests/ then."""
    names = _git("ls-tree", "-r", "--name-only", commit, "tests").splitlines()
    return {
        name.removeprefix("tests/"): Count.of(_git("show", f"{commit}:{name}"))
        for name in names
        if name.endswith(".py")
    }


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, check=True, capture_output=True, encoding="utf-8"
    ).stdout


def by_folder(counts: Mapping[str, Count]) -> dict[str, Count]:
    """Add up the files of each folder, and everything under « total »."""
    sums: dict[str, Count] = {}
    for name, count in counts.items():
        for folder in (f"{PurePosixPath(name).parent}/", "total"):
            whole = sums.setdefault(folder, Count())
            whole.tests.extend(count.tests)
            whole.assertions += count.assertions
    return sums


def lines_of(before: Mapping[str, Count], after: Mapping[str, Count]) -> list[str]:
    """Return a line for each file or folder: tests and assertions, before and after."""
    lines = []
    for name in sorted({*before, *after}):
        old, new = before.get(name, Count()), after.get(name, Count())
        if new.tests or new.assertions or old.tests or old.assertions:
            numbers = [f"{len(new.tests):5}", f"{new.assertions:5}"]
            if before:
                numbers[:0] = [f"{len(old.tests):5}", f"{old.assertions:5}", "→"]
            lines.append(f"{name:<52}{' '.join(numbers)}")
    return lines


def main() -> None:
    """Print the counts, and the tests of the commit whose name is nowhere any more."""
    after = of_working_tree()
    before = of_commit(sys.argv[1]) if len(sys.argv) > 1 else {}
    lines = ["tests and assertions", *lines_of(before, after), ""]
    lines += lines_of(by_folder(before) if before else {}, by_folder(after))
    then = Counter(test for count in before.values() for test in count.tests)
    now = Counter(test for count in after.values() for test in count.tests)
    lines += [f"gone: {test}" for test in sorted((then - now).elements())]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
