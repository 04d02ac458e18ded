"""Ends what a killed supervisor leaves behind: `python -m demo.guard LOG_FOLDER LOCK_FILE`.

A supervisor that is killed ends nobody: its processes and its database would go on for ever. This
process does nothing but hold the other end of a pipe. When the supervisor ends by itself it says so
and this process goes away; when the pipe closes without a word the supervisor was killed, and this
process ends what it had started. A demonstration that was started meanwhile ends them itself: it
holds the lock.

Loads no Django. Somebody who kills this process, too, is helped by the next start.
"""

import fcntl
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from demo.database import stop_database
from demo.processes import DEMO_NAMES
from demo.supervisor import Supervisor

_ALL_IS_WELL = b"ended"
_GRACE_SECONDS = 15.0


class Guard:
    """The supervisor's end of the pipe."""

    def __init__(self, *, log_dir: Path, lock: Path) -> None:
        log_dir.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "demo.guard", str(log_dir), str(lock)],
            cwd=Path(__file__).resolve().parent.parent,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    def dismiss(self) -> None:
        """Say that everything was ended in order."""
        assert self._process.stdin is not None  # noqa: S101
        try:
            self._process.stdin.write(_ALL_IS_WELL)
            self._process.stdin.close()
        except BrokenPipeError:
            pass
        self._process.wait()


def end_everything(log_dir: Path, names: Sequence[str]) -> None:
    """End the processes whose numbers stand in the folder: by asking first, then by force."""
    supervisor = Supervisor(log_dir=log_dir)
    supervisor.end_leftovers(tuple(names))
    deadline = time.monotonic() + _GRACE_SECONDS
    while supervisor.leftovers(tuple(names)) and time.monotonic() < deadline:
        time.sleep(0.1)
    supervisor.end_leftovers(tuple(names), by_force=True)


def main() -> None:
    """Wait for the supervisor's end; act when it was not an orderly one."""
    log_dir, lock = Path(sys.argv[1]), Path(sys.argv[2])
    if sys.stdin.buffer.read() == _ALL_IS_WELL:
        return
    with lock.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        end_everything(log_dir, DEMO_NAMES)
        stop_database()


if __name__ == "__main__":
    main()
