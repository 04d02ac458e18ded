"""The supervisor of the demonstration."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ent import demo, supervisor
from ent.supervisor import Supervisor

_IMMORTAL = "import time\nwhile True: time.sleep(0.1)  # ent.celery"


@pytest.fixture
def fake_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand for the real processes: they only wait."""
    start = subprocess.Popen

    def start_fake(arguments: list[str], **options: object) -> object:
        assert arguments[1:3] == ["-m", "ent.processes"]
        return start([sys.executable, "-c", _IMMORTAL], **options)  # type: ignore[call-overload]

    monkeypatch.setattr("ent.supervisor.subprocess.Popen", start_fake)
    monkeypatch.setattr(supervisor, "_PAUSE_AFTER_A_DEATH_SECONDS", 0.0)


@pytest.fixture
def watched(tmp_path: Path, fake_processes: None) -> Iterator[Supervisor]:
    """A supervisor that leaves nothing behind."""
    made = Supervisor(log_dir=tmp_path / "log")
    yield made
    made.stop()


def _pid(watched: Supervisor, name: str) -> int:
    return int((watched.log_dir / f"{name}.pid").read_text())


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _is_alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_a_process_that_dies_is_started_again(watched: Supervisor) -> None:
    """A worker killed in the middle of an import comes back and the sweeper finds its job."""
    watched.start("worker")
    first = _pid(watched, "worker")
    os.kill(first, signal.SIGKILL)
    _wait_until(lambda: not _is_alive(first))
    watched.restart_the_dead()
    assert _pid(watched, "worker") != first
    assert _is_alive(_pid(watched, "worker"))


def test_stopping_ends_every_process(watched: Supervisor) -> None:
    """None is left, none is started again."""
    for name in ("web", "worker", "beat"):
        watched.start(name)
    pids = [_pid(watched, name) for name in ("web", "worker", "beat")]
    watched.stop()
    watched.restart_the_dead()
    assert not any(_is_alive(pid) for pid in pids)
    assert not list(watched.log_dir.glob("*.pid"))


def test_what_a_killed_run_left_is_ended_first(watched: Supervisor) -> None:
    """Otherwise two workers would run, one of them on old code."""
    watched.start("worker")
    left = _pid(watched, "worker")
    # Right after `exec` the kernel may not show the new command line yet.
    _wait_until(lambda: b"ent.celery" in Path(f"/proc/{left}/cmdline").read_bytes())
    Supervisor(log_dir=watched.log_dir).end_leftovers(("web", "worker"))
    _wait_until(lambda: not _is_alive(left))


def test_a_foreign_process_with_the_same_number_is_left_alone(tmp_path: Path) -> None:
    """A pid may have been given again to somebody else's program."""
    foreign = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        (tmp_path / "web.pid").write_text(str(foreign.pid))
        Supervisor(log_dir=tmp_path).end_leftovers(("web",))
        time.sleep(0.2)
        assert foreign.poll() is None
    finally:
        foreign.kill()
        foreign.wait()


def test_a_second_demonstration_in_the_same_checkout_leaves_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Two would share ports, folders and a database."""
    monkeypatch.setenv("PREAU_VAR", str(tmp_path))
    with demo._lock_or_leave(), pytest.raises(SystemExit, match="tourne déjà"):
        demo._lock_or_leave()


def test_a_taken_port_gives_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demonstration says where it is; it does not fail because port 8000 is used."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        assert demo._choose_port() > port


def test_a_first_start_makes_keys_tables_static_files_and_schools_in_that_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step left out would say "ready" on tables that are not there."""
    ran: list[str] = []

    def run(arguments: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        ran.append(arguments[2])
        return subprocess.CompletedProcess(arguments, 0)

    monkeypatch.setenv("PREAU_VAR", str(tmp_path))
    monkeypatch.setattr("ent.demo.subprocess.run", run)
    demo.prepare()
    assert ran == ["create_keys", "migrate", "collectstatic", "prepare_demo"]
