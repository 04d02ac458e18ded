"""Processes that begin at the same moment: each says « ready », waits for « go », then answers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from bench.stage import ROOT, environment


def run_together(module: str, arguments: Sequence[Sequence[str]]) -> list[str]:
    """Run ``python -m module`` once for each of *arguments*; return what each answered."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", module, *given],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for given in arguments
    ]
    for worker in workers:
        if worker.stdout is None or worker.stdout.readline() != "ready\n":
            raise RuntimeError(f"a process of {module} did not start")
    for worker in workers:
        if worker.stdin is not None:
            worker.stdin.write("go\n")
            worker.stdin.flush()
    answers = [worker.communicate()[0] for worker in workers]
    if any(worker.returncode for worker in workers):
        raise RuntimeError(f"a process of {module} failed")
    return answers
