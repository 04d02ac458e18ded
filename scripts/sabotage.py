"""Puts faults into a copy of the product, one at a time, and says whether a test notices.

`python -m scripts.sabotage [name…]` (or `make sabotage`) reads `tests/sabotage/*.toml`, copies the
files of the checkout to a scratch folder, sees that the named tests pass there, then runs them with
each fault. A fault that no test notices has SURVIVED, and the command fails; so does one whose text
no longer stands exactly once in its file.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
FAULTS: Final = ROOT / "tests" / "sabotage"
#: Seconds that the tests of one fault may take.
_LONGEST: Final = 600
_PASSED, _FAILED = 0, 1
_CAUGHT: Final = "caught"
_LAST_LINES: Final = 15


class FaultUnfit(Exception):
    """The fault is about text that its file does not hold exactly once, or names no such file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One change that breaks a promise, and the tests that must fail with it."""

    room: str
    name: str
    breaks: str
    """The promise, in one sentence."""
    file: str
    text: str
    replacement: str
    tests: tuple[str, ...]

    def applied_to(self, source: str) -> str:
        """Return the source of the file with the fault in it."""
        count = source.count(self.text)
        if count != 1:
            raise FaultUnfit(f"{self.file} holds its text {count} times")
        return source.replace(self.text, self.replacement)


def read_faults(folder: Path = FAULTS) -> list[Fault]:
    """Return the faults of every file of the folder, in its order."""
    faults = []
    for path in sorted(folder.glob("*.toml")):
        for one in tomllib.loads(path.read_text(encoding="utf-8"))["fault"]:
            tests = tuple(one.pop("tests"))
            faults.append(Fault(room=path.stem, tests=tests, **one))
    return faults


def unfit_faults(faults: Iterable[Fault], root: Path = ROOT) -> list[str]:
    """Return a line for each fault that no longer fits the files below *root*."""
    lines = []
    for fault in faults:
        try:
            fault.applied_to((root / fault.file).read_text(encoding="utf-8"))
        except (FaultUnfit, FileNotFoundError) as error:
            lines.append(f"{fault.name}: the fault no longer fits: {error}")
        lines += [
            f"{fault.name}: there is no {test}" for test in fault.tests if not _exists(test, root)
        ]
    return lines


def _exists(test: str, root: Path) -> bool:
    """Is there the file or folder of a node id, with the classes and functions that it names?"""
    path, *names = test.partition("[")[0].split("::")
    if not names:
        return (root / path).exists()
    if not (root / path).is_file():
        return False
    source = (root / path).read_text(encoding="utf-8")
    return all(re.search(rf"^ *(def|class) {name}\b", source, re.MULTILINE) for name in names)


def copy_checkout(scratch: Path) -> None:
    """Copy the files that git knows, or would add, and link the environments."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        source = ROOT / name
        if source.is_file() and not source.is_symlink():
            target = scratch / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    for name in (".venv", ".venv-academy"):
        if (ROOT / name).exists() and not (scratch / name).exists():
            (scratch / name).symlink_to((ROOT / name).resolve())


def run_tests(scratch: Path, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run the tests in the copy, up to the first failure."""
    shared = os.environ.get("PREAU_SHARED_DATA", str(ROOT.parent / "shared" / "data"))
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-x", "-q", *tests],
        cwd=scratch,
        env={**os.environ, "PREAU_SHARED_DATA": shared, "PREAU_VAR": str(scratch / "var")},
        capture_output=True,
        text=True,
        timeout=_LONGEST,
        check=False,
    )


def verdict_of(fault: Fault, scratch: Path) -> str:
    """Run the fault's tests with it, and put the file back."""
    path = scratch / fault.file
    try:
        path.write_text(fault.applied_to(path.read_text(encoding="utf-8")), encoding="utf-8")
        done = run_tests(scratch, fault.tests)
    except subprocess.TimeoutExpired:
        return f"NOT SEEN: its tests took more than {_LONGEST} s"
    finally:
        shutil.copy2(ROOT / fault.file, path)
    if done.returncode == _FAILED:
        return f"{_CAUGHT} by {_failed_test(done)}"
    if done.returncode == _PASSED:
        return "SURVIVED"
    return f"NOT SEEN: pytest could not run (status {done.returncode})\n{_end_of(done)}"


def _failed_test(done: subprocess.CompletedProcess[str]) -> str:
    named = re.findall(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return named[0] if named else "a test without name"


def _end_of(done: subprocess.CompletedProcess[str]) -> str:
    return "\n".join((done.stdout + done.stderr).splitlines()[-_LAST_LINES:])


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _failure_without_fault(faults: Sequence[Fault], scratch: Path) -> str:
    for tests in dict.fromkeys(fault.tests for fault in faults):
        done = run_tests(scratch, tests)
        if done.returncode != _PASSED:
            return f"These tests must pass before a fault is put in.\n{_end_of(done)}"
    return ""


def sabotage(faults: Sequence[Fault], *, is_clean: bool = False) -> int:
    """Try each fault; return the exit status. *is_clean*: the tests are known to pass without."""
    with tempfile.TemporaryDirectory(prefix="preau-sabotage-") as folder:
        scratch = Path(folder)
        copy_checkout(scratch)
        try:
            if not is_clean and (failure := _failure_without_fault(faults, scratch)):
                _say(failure)
                return 1
            missed = 0
            for fault in faults:
                verdict = verdict_of(fault, scratch)
                missed += not verdict.startswith(_CAUGHT)
                _say(f"{fault.room}: {fault.name}: {verdict}")
        finally:
            subprocess.run(
                [sys.executable, "manage.py", "stop_database", "--tests"],
                cwd=scratch, env={**os.environ, "PREAU_VAR": str(scratch / "var")},
                capture_output=True, check=False,
            )  # fmt: skip
    _say(f"{len(faults) - missed} of {len(faults)} faults were caught.")
    return 1 if missed else 0


def main() -> int:
    """Choose the faults and try them."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the copy and its server end, too
    parser = argparse.ArgumentParser(description="Do the tests notice a fault?")
    parser.add_argument("names", nargs="*", help="faults or rooms to try; all without")
    parser.add_argument("--fit", action="store_true", help="only see whether every fault fits")
    parser.add_argument("--clean", action="store_true", help="the tests are known to pass")
    options = parser.parse_args()
    faults = [
        fault
        for fault in read_faults()
        if not options.names or {fault.name, fault.room} & set(options.names)
    ]
    if unfit := unfit_faults(faults):
        _say("\n".join(unfit))
        return 1
    if not faults:
        _say("No fault of that name.")
        return 1
    return 0 if options.fit else sabotage(faults, is_clean=options.clean)


if __name__ == "__main__":
    sys.exit(main())
