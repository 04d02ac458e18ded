"""A guichet's own processes, and browsers of a few lines that post to it all at once."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from ent.processes import GUICHET, GUICHET_BEAT, GUICHET_WORKER
from tests.guichet import kit
from tests.kit.ports import free_port
from tests.kit.server import LiveProcess, start_process, stop_process, wait_until_it_answers

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True, kw_only=True)
class LiveGuichet:
    """The running guichet; `url` has no final slash."""

    url: str
    server: LiveProcess

    def url_for(self, path: str) -> str:
        """Return the full address of a path that starts with a slash."""
        return f"{self.url}{path}"


@contextmanager
def running_guichet() -> Iterator[LiveGuichet]:
    """Run four processes on this process's database, as `python -m ent.processes guichet`."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    live = start_process(
        GUICHET,
        BIND=f"127.0.0.1:{port}",
        GUICHET_AUTHORITY=kit.AUTHORITY,
        GUICHET_BASE_URL=url,
        WEB_PROCESSES="4",
        SIGN_IN_PLACES="32",
        SIGN_IN_WAITING="32",
    )
    try:
        wait_until_it_answers(url, live)
        yield LiveGuichet(url=url, server=live)
    finally:
        stop_process(live)


@contextmanager
def running_worker(site: LiveGuichet) -> Iterator[LiveProcess]:
    """Run the guichet's worker, and the beat that wakes it."""
    told = {"GUICHET_AUTHORITY": kit.AUTHORITY, "GUICHET_BASE_URL": site.url}
    worker = start_process(GUICHET_WORKER, WORKER_PROCESSES="1", **told)
    beat = start_process(GUICHET_BEAT, **told)
    try:
        yield worker
    finally:
        stop_process(beat)
        stop_process(worker)


def post_at_once(site: LiveGuichet, uid: str, passcode: str, *, count: int) -> list[int]:
    """Post the passcode from so many browsers at the same moment; return the statuses."""
    barrier = threading.Barrier(count)
    statuses: list[int] = []

    def post() -> None:
        with requests.Session() as browser:
            page = browser.get(f"{site.url}/entrer/", timeout=60)
            found = _TOKEN.search(page.text)
            typed = {
                "csrfmiddlewaretoken": found[1] if found else "",
                "username": uid,
                "methode": "cle-otp",
                "passcode": passcode,
            }
            barrier.wait(timeout=60)
            answer = browser.post(
                f"{site.url}/entrer/", data=typed, allow_redirects=False, timeout=60
            )
            statuses.append(answer.status_code)

    threads = [threading.Thread(target=post) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses
