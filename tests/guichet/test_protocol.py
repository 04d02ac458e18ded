"""The whole protocol suite of `sso` in a guichet's own process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Fixtures of rooms that this process does not load.
_WITHOUT = ("tests.cast", "tests.kit.academy")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_protocol_suite_passes_in_a_guichet() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "--ds=tests.guichet.realm_settings"]
    for name in _WITHOUT:
        command += ["-p", f"no:{name}"]
    inherited = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    done = subprocess.run(
        [*command, "tests/sso/protocol"],
        cwd=ROOT,
        env=inherited,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
