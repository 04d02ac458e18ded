"""The supervisor of the demonstration."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo import __main__ as demo
from demo import supervisor
from demo.supervisor import Supervisor

_IMMORTAL = "import time\nwhile True: time.sleep(0.1)  # ent.celery"


@pytest.fixture
def fake_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand for the real processes: they only wait."""
    start = subprocess.Popen

    def start_fake(arguments: list[str], **options: object) -> object:
        assert arguments[1:3] == ["-m", "ent.processes"]
        return start([sys.executable, "-c", _IMMORTAL], **options)  # type: ignore[call-overload]

    monkeypatch.setattr("demo.supervisor.subprocess.Popen", start_fake)
    monkeypatch.setattr(supervisor, "PAUSE_AFTER_A_DEATH_SECONDS", 0.0)


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


_SUPERVISE = """
import sys, time
from pathlib import Path
from demo.guard import Guard
from demo.supervisor import Supervisor
folder = Path(sys.argv[1])
lock = (folder / "lock").open("w")
watched = Supervisor(log_dir=folder / "log")
guard = Guard(log_dir=watched.log_dir, lock=folder / "lock")
watched.start("beat")
print("started", flush=True)
sys.stdin.read(1)
watched.stop()
guard.dismiss()
print("stopped", flush=True)
"""


@pytest.fixture
def supervisor_process(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A supervisor in a process of its own, with a real process and a guard."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SUPERVISE, str(tmp_path)],
        cwd=Path(demo.__file__).resolve().parent.parent,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "ent.settings.test",
            "PREAU_VAR": str(tmp_path),
            "PREAU_TEST_VAR": str(tmp_path),
            "PREAU_TEST_BROKER": str(tmp_path / "broker"),
            "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    yield process
    process.kill()
    process.communicate()
    Supervisor(log_dir=tmp_path / "log").end_leftovers(("beat",), by_force=True)


def test_what_a_supervisor_started_ends_with_it_when_it_is_killed(
    supervisor_process: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    """Web, worker, portals and database had stayed."""
    left = int((tmp_path / "log" / "beat.pid").read_text())
    _wait_until(lambda: b"celery" in Path(f"/proc/{left}/cmdline").read_bytes())
    supervisor_process.kill()
    supervisor_process.wait()
    _wait_until(lambda: not _is_alive(left))


def test_a_supervisor_that_ends_in_order_sends_its_guard_away(
    supervisor_process: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    assert supervisor_process.stdin is not None and supervisor_process.stdout is not None
    supervisor_process.stdin.write("x")
    supervisor_process.stdin.flush()
    assert supervisor_process.stdout.readline() == "stopped\n"
    assert supervisor_process.wait(timeout=20) == 0
    assert not list((tmp_path / "log").glob("*.pid"))


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
    with demo.lock_or_leave(), pytest.raises(SystemExit, match="tourne déjà"):
        demo.lock_or_leave()


def test_a_taken_port_gives_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demonstration says where it is; it does not fail because port 8000 is used."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        assert demo.choose_port() > port


def test_a_first_start_makes_keys_tables_static_files_and_schools_in_that_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step left out would say "ready" on tables that are not there."""
    ran: list[str] = []

    def run(arguments: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        ran.append(arguments[2])
        return subprocess.CompletedProcess(arguments, 0)

    monkeypatch.setenv("PREAU_VAR", str(tmp_path))
    monkeypatch.setenv("DEMO_GUICHET_PORT", "8101")
    monkeypatch.setattr("demo.__main__.subprocess.run", run)
    demo.prepare()
    assert ran == [
        *("check_database", "create_keys", "migrate", "collectstatic", "prepare_demo"),
        "demo.guichet",
    ]
