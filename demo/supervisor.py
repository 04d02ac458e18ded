"""A small supervisor: starts processes, starts again those that die, stops them all."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from demo.processes import module_of

_GRACE_SECONDS = 25
_OURS = (
    b"ent.processes",
    b"demo.processes",
    b"ent.wsgi",
    b"ent.celery",
    b"demo.academy",
    b"demo.stand_in",
    b"demo.pronote",
    b"demo.fobs",
)
PAUSE_AFTER_A_DEATH_SECONDS = 2.0


@dataclass
class _Child:
    process: subprocess.Popen[bytes]
    started_at: float


@dataclass(kw_only=True)
class Supervisor:
    """Processes of the demonstration (`demo.processes`), one log file each in `log_dir`."""

    log_dir: Path
    _children: dict[str, _Child] = field(default_factory=dict)
    _environments: dict[str, dict[str, str]] = field(default_factory=dict)
    _stopping: bool = False

    @property
    def is_stopping(self) -> bool:
        """Whether somebody asked to stop."""
        return self._stopping

    def ask_to_stop(self) -> None:
        """Make `watch` return; safe in a signal handler."""
        self._stopping = True

    def start(self, name: str, environment: dict[str, str] | None = None) -> None:
        """Start one process, in a session of its own: Ctrl-C reaches us alone, and we stop it.

        *environment* is what it is told besides ours, also when it is started again.
        """
        more = self._environments.setdefault(name, environment or {})
        self.log_dir.mkdir(parents=True, exist_ok=True)
        with (self.log_dir / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module_of(name), name],
                cwd=Path(__file__).resolve().parent.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **more},
                start_new_session=True,
            )
        self._pid_file(name).write_text(str(process.pid), encoding="ascii")
        self._children[name] = _Child(process, time.monotonic())

    def end_leftovers(self, names: tuple[str, ...], *, by_force: bool = False) -> None:
        """End the processes of a run whose supervisor was killed: they would go on in its back."""
        for pid in self.leftovers(names):
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL if by_force else signal.SIGTERM)

    def leftovers(self, names: tuple[str, ...]) -> list[int]:
        """Return the processes of such a run that still live.

        Only a process that still is one of ours counts: a pid may have been given again.
        """
        found = []
        for name in names:
            try:
                pid = int(self._pid_file(name).read_text(encoding="ascii"))
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
            except (OSError, ValueError):
                continue
            if any(mark in command for mark in _OURS):
                found.append(pid)
        return found

    def _pid_file(self, name: str) -> Path:
        return self.log_dir / f"{name}.pid"

    def restart_the_dead(self) -> None:
        """Start again each process that ended by itself, not more often than every two seconds."""
        for name, child in list(self._children.items()):
            if child.process.poll() is None or self._stopping:
                continue
            if time.monotonic() - child.started_at >= PAUSE_AFTER_A_DEATH_SECONDS:
                sys.stdout.write(f"{name} s’est arrêté : il est relancé (voir {name}.log)\n")
                self.start(name)

    def watch(self) -> None:
        """Keep the processes running until somebody asks to stop."""
        while not self._stopping:
            self.restart_the_dead()
            time.sleep(0.3)

    def stop(self) -> None:
        """Ask every process to end, then end those that do not; their own children follow."""
        self._stopping = True
        for child in self._children.values():
            if child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + _GRACE_SECONDS
        for child in self._children.values():
            try:
                child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()
        for name in self._children:
            self._pid_file(name).unlink(missing_ok=True)
        self._children.clear()
