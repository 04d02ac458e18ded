"""The site under test as its users meet it: a web server and a worker in processes of their own.

They work on this test process's clone of the database. A browser test therefore commits what it
makes (`live_site` asks for `transactional_db`), and the clone is made anew after it.
"""

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from ent.processes import BEAT, WEB, WORKER
from tests.kit import canaries
from tests.kit.mail import MailSink
from tests.kit.ports import free_port

_START_SECONDS = 60
_REPOSITORY = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, kw_only=True)
class LiveProcess:
    """A process under test and the file that holds its output."""

    process: subprocess.Popen[bytes]
    log: Path

    def read_log(self) -> str:
        """Return what it has written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@dataclass(frozen=True, kw_only=True)
class LiveSite:
    """The running site; `url` has no final slash."""

    url: str
    server: LiveProcess

    def url_for(self, path: str) -> str:
        """Return the full address of a path that starts with a slash."""
        return f"{self.url}{path}"


def _folder() -> Path:
    folder = Path(settings.VAR_DIR) / "live" / str(os.getpid())
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def start_process(name: str, **settings_of_process: str) -> LiveProcess:
    """Start a process of the product on this test process's database."""
    log = _folder() / f"{name}.log"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "ent.settings.test",
        "PREAU_TEST_DATABASE": connection.settings_dict["NAME"],
        "PREAU_TEST_BROKER": str(_folder() / "broker"),
        "PREAU_JOURNAL_ANCHOR": str(_folder() / "journal-anchor.json"),
        "PREAU_ERASURE_LIST": str(_folder() / "erasures.txt"),
        "LOG_LEVEL": "DEBUG",
        "PYTHONUNBUFFERED": "1",
        "WEB_PROCESSES": "9",  # as on two cores, however many this machine has
        **settings_of_process,
    }
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "ent.processes", name],
            cwd=_REPOSITORY,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    return LiveProcess(process=process, log=log)


def stop_process(live: LiveProcess) -> None:
    """End it, by force when it does not listen."""
    live.process.terminate()
    try:
        live.process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        live.process.kill()
        live.process.wait()


def wait_until_it_answers(url: str, live: LiveProcess) -> None:
    """Return when the server answers, whatever it answers; fail with its log when it never does."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if live.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/sante/pages/", timeout=5):
                return
        except urllib.error.HTTPError as error:
            error.close()
            return  # it answers; what it answers is for the tests to judge
        except OSError:
            time.sleep(0.1)
    stop_process(live)
    pytest.fail(f"the live server did not start:\n{live.read_log()[-4000:]}")


@pytest.fixture(scope="session")
def _live_server(django_db_setup: None) -> Iterator[tuple[str, LiveProcess]]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    live = start_process(WEB, BIND=f"127.0.0.1:{port}", PUBLIC_BASE_URL=url)
    try:
        wait_until_it_answers(url, live)
        yield url, live
    finally:
        stop_process(live)
        shutil.rmtree(_folder(), ignore_errors=True)


@pytest.fixture(scope="module")
def _live_worker(
    _live_server: tuple[str, LiveProcess], _mail_sink: MailSink
) -> Iterator[LiveProcess]:
    """A worker, and the beat that wakes the sweeper: a wake-up may be lost here as anywhere.

    Its mails go to `mail_sink`, over SMTP, and lead to the live site. It ends with the module: it
    would do what other tests on this database leave to workers of their own.
    """
    live = start_process(
        WORKER,
        WORKER_PROCESSES="1",
        PUBLIC_BASE_URL=_live_server[0],
        PREAU_TEST_SMTP_PORT=str(_mail_sink.port),
    )
    beat = start_process(BEAT)
    try:
        yield live
    finally:
        stop_process(beat)
        stop_process(live)


def fail_on_leaks(live: LiveProcess, already_read: int) -> None:
    """Fail when what the process wrote since then holds a value that the test watches."""
    leaks = canaries.find_in_text(live.read_log()[already_read:])
    if leaks:
        pytest.fail(f"{live.log.name}: " + "; ".join(leaks))


@pytest.fixture
def live_site(transactional_db: None, _live_server: tuple[str, LiveProcess]) -> Iterator[LiveSite]:
    """The web server on this test's database; its log must hold none of the test's canaries."""
    url, server = _live_server
    already_read = len(server.read_log())
    yield LiveSite(url=url, server=server)
    fail_on_leaks(server, already_read)


@pytest.fixture
def live_worker(live_site: LiveSite, _live_worker: LiveProcess) -> Iterator[LiveProcess]:
    """The worker beside `live_site`; same rule for its log."""
    already_read = len(_live_worker.read_log())
    yield _live_worker
    fail_on_leaks(_live_worker, already_read)
