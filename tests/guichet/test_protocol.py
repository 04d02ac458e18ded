"""The whole protocol suite of `sso` in a second realm: a guichet's own process, without `accounts`.

It runs on the tables of every room, as a guichet in production does, and loads its own only.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.database import ensure_template

ROOT = Path(__file__).resolve().parents[2]
#: Fixtures of rooms that this process does not load.
_WITHOUT = ("tests.cast", "tests.kit.academy")


FILES = sorted(ROOT.glob("tests/sso/protocol/test_*.py"))


@pytest.mark.slow  # a second run of a suite of three hundred tests
@pytest.mark.timeout(900)
@pytest.mark.django_db
@pytest.mark.parametrize("half", [0, 1])
def test_the_protocol_suite_passes_in_a_guichet(half: int) -> None:
    """In two halves, which two processes of the suite run side by side."""
    command = [sys.executable, "-m", "pytest", "-q", "--ds=tests.guichet.realm_settings"]
    for name in _WITHOUT:
        command += ["-p", f"no:{name}"]
    inherited = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    done = subprocess.run(
        [*command, *map(str, FILES[half::2])],
        cwd=ROOT,
        env={**inherited, "PREAU_TEST_TEMPLATE": ensure_template()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
