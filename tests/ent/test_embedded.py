"""The private PostgreSQL: one server for many processes, whatever happened to the last run."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ent.embedded.cluster import Cluster, EmbeddedServerError

pytestmark = pytest.mark.slow

_ROOT = Path(__file__).resolve().parent.parent.parent
_ASK = (
    "import sys; from pathlib import Path; from ent.embedded.cluster import Cluster;"
    "cluster = Cluster(home=Path(sys.argv[1]), durable=False);"
    "cluster.ensure_running(); cluster.ensure_database('shared');"
    "print((cluster.data / 'postmaster.pid').read_text().splitlines()[0])"
)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for a server; not pytest's, whose parents only their owner may enter."""
    folder = Path(tempfile.mkdtemp(prefix="preau-test-"))
    yield folder
    Cluster(home=folder, durable=False).stop()
    shutil.rmtree(folder)


def _postmaster(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().splitlines()[0])


def test_several_processes_that_start_together_share_one_server(home: Path) -> None:
    """A lock lets one of them start it; none fails."""
    asking = [
        subprocess.Popen(
            [sys.executable, "-c", _ASK, str(home)],
            cwd=_ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    answers = [process.communicate(timeout=120) for process in asking]
    assert [process.returncode for process in asking] == [0] * 4, answers
    assert len({out.strip() for out, _ in answers}) == 1


def test_a_server_that_was_killed_is_started_again_with_its_data(home: Path) -> None:
    """A stale pid file and a stale socket are no obstacle."""
    cluster = Cluster(home=home, durable=False)
    cluster.ensure_running()
    with cluster.connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        connection.execute("CHECKPOINT")
    first = _postmaster(cluster)
    os.kill(first, signal.SIGQUIT)  # PostgreSQL's "immediate" end: as after a crash
    while Path(f"/proc/{first}").exists() and "\nState:\tZ" not in _status(first):
        pass
    cluster.ensure_running()
    assert _postmaster(cluster) != first
    with cluster.connect() as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_server_that_lost_its_socket_is_started_again_with_its_data(home: Path) -> None:
    """The checkout was deleted and made again while it ran: nothing reaches it any more."""
    cluster = Cluster(home=home, durable=False)
    socket_dir = cluster.ensure_running()
    with cluster.connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    first = _postmaster(cluster)
    next(socket_dir.glob(".s.PGSQL.*[0-9]")).unlink()
    cluster.ensure_running()
    assert _postmaster(cluster) != first
    with cluster.connect() as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def _status(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return "\nState:\tZ"


def test_a_first_start_that_was_cut_short_is_made_again(home: Path) -> None:
    """A half-made data folder holds nothing worth keeping."""
    (home / "data").mkdir()
    (home / "data" / "PG_VERSION").write_text("18\n")
    cluster = Cluster(home=home, durable=False)
    cluster.ensure_running()
    with cluster.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_checkout_with_a_long_path_gets_a_short_socket(home: Path) -> None:
    """A socket's path holds about a hundred characters."""
    deep = home / ("établissement-" * 6) / ("académie-" * 6)
    cluster = Cluster(home=deep, durable=False)
    assert not cluster.socket_dir.is_relative_to(deep)
    try:
        cluster.ensure_running()
        with cluster.connect() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        cluster.stop()
        shutil.rmtree(cluster.socket_dir, ignore_errors=True)


def test_the_socket_is_private_and_no_port_is_open(home: Path) -> None:
    """The server trusts local users: only its own user and root may reach it."""
    cluster = Cluster(home=home, durable=False)
    folder = cluster.ensure_running()
    assert folder.stat().st_mode & 0o077 == 0
    with cluster.connect() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_a_folder_of_another_version_is_refused_with_the_next_step(home: Path) -> None:
    """Never a half-readable database, never a silent new one."""
    (home / "data").mkdir()
    (home / "data" / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedServerError, match="move that folder away"):
        Cluster(home=home).ensure_running()
