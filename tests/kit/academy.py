"""Two academic portals that are not ours (django-cas-server), in their own environment."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.processes import ACADEMY_PYTHON
from tests.kit.ports import free_port

_REPOSITORY = Path(__file__).resolve().parent.parent.parent
_START_SECONDS = 90
ACADEMIC_PASSWORD = "mot de passe de l'académie"


@dataclass(frozen=True, kw_only=True)
class Academies:
    """Their addresses, and the file of their people, read at each sign-in."""

    folder: Path
    urls: dict[str, str]

    def enrol(self, academy: str, login: str, **attributes: str) -> None:
        """Let somebody sign in at one academy, with `ACADEMIC_PASSWORD`."""
        path = self.folder / "people.json"
        people = json.loads(path.read_text("utf-8")) if path.exists() else {}
        person = {"password": ACADEMIC_PASSWORD, "attributes": attributes}
        people.setdefault(academy, {})[login] = person
        path.write_text(json.dumps(people), encoding="utf-8")


@pytest.fixture(scope="session")
def academies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Academies]:
    """Nancy-Metz and Reims, each with its own people, sessions and port."""
    from tests.conftest import require

    require(ACADEMY_PYTHON.exists(), "the academic portal (scripts/environment.sh academy)")
    folder = tmp_path_factory.mktemp("academies")
    ports = {code: free_port() for code in ("nancy-metz", "reims")}
    log = folder / "academies.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [
                str(ACADEMY_PYTHON),
                "-m",
                "demo.academy",
                *(f"{code}:{port}" for code, port in ports.items()),
            ],
            cwd=_REPOSITORY,
            env={**os.environ, "ACADEMY_FOLDER": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    urls = {code: f"http://127.0.0.1:{port}/cas/" for code, port in ports.items()}
    try:
        for url in urls.values():
            _wait_for(url, process, log)
        yield Academies(folder=folder, urls=urls)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}login", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the academic portal did not start:\n{log.read_text()[-3000:]}")
