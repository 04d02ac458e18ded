"""The web process as in production: its settings and static files, behind a proxy that ends TLS."""

import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from ent.processes import WEB
from tests.kit.ports import free_port
from tests.kit.server import LiveProcess, start_process, stop_process

pytestmark = pytest.mark.slow

_ROOT = Path(__file__).resolve().parent.parent.parent
_HOST = "ent.example"


def _database_url() -> str:
    database = connection.settings_dict
    user = quote(str(database["USER"] or "preau"))
    name, host = quote(str(database["NAME"])), str(database["HOST"])
    port = f"&port={database['PORT']}" if database["PORT"] else ""
    return f"postgresql://{user}@/{name}?host={host}{port}"


@pytest.fixture(scope="module")
def production(django_db_setup: None, django_db_blocker: object) -> Iterator[int]:
    """The port of a web process with production settings, on this process's database."""
    with tempfile.TemporaryDirectory(prefix="preau-production-") as folder:
        port = free_port()
        environment = {
            "DJANGO_SETTINGS_MODULE": "ent.settings.production",
            "SECRET_KEY": "tests-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOP",
            "ALLOWED_HOSTS": _HOST,
            "PUBLIC_BASE_URL": f"https://{_HOST}",
            "DATABASE_URL": _database_url(),
            "PREAU_VAR": folder,
            "PREAU_KEYS": str(settings.KEYS_DIR),
            "BIND": f"127.0.0.1:{port}",
        }
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"],
            cwd=_ROOT,
            env={**os.environ, **environment},
            check=True,
        )
        live = start_process(WEB, **environment)
        try:
            _wait(port, live)
            yield port
        finally:
            stop_process(live)


def _wait(port: int, live: LiveProcess) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and live.process.poll() is None:
        try:
            if _get(port, "/sante/").status == 200:
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the web process did not start:\n{live.read_log()[-3000:]}")


def _get(
    port: int, path: str, *, host: str = _HOST, scheme: str = "https"
) -> http.client.HTTPResponse:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        link.request("GET", path, headers={"Host": host, "X-Forwarded-Proto": scheme})
        response = link.getresponse()
        response.read()
    finally:
        link.close()
    return response


@pytest.mark.parametrize("path", ["/", "/connexion/", "/rien-de-tel/"])
def test_every_page_carries_the_headers_of_production(production: int, path: str) -> None:
    """T-B8."""
    headers = _get(production, path).headers
    assert "max-age=63072000" in headers["Strict-Transport-Security"]
    assert "includeSubDomains" in headers["Strict-Transport-Security"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Referrer-Policy"]


def test_every_cookie_is_bound_to_the_host_and_to_https(production: int) -> None:
    """T-B8: `__Host-`, Secure, HttpOnly, SameSite."""
    seen = 0
    for path in ("/", "/connexion/"):
        for line in _get(production, path).headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                seen += 1
                assert name.startswith("__Host-"), name
                assert morsel["secure"]
                assert morsel["httponly"]
                assert morsel["samesite"] == "Lax"
                assert not morsel["domain"]
                assert morsel["path"] == "/"
    assert seen


def test_plain_http_is_sent_to_https(production: int) -> None:
    """Except the probe of the container."""
    response = _get(production, "/connexion/", scheme="http")
    assert response.status == 301
    assert response.headers["Location"] == f"https://{_HOST}/connexion/"
    assert _get(production, "/sante/", scheme="http").status == 200


def test_a_poisoned_host_is_refused(production: int) -> None:
    """T-B9: 400, whatever the page."""
    for path in ("/", "/connexion/", "/sante/"):
        assert _get(production, path, host="pirate.example").status == 400


def test_the_probe_of_the_container_passes(production: int) -> None:
    """The compose file runs it."""
    environment = {"BIND": f"0.0.0.0:{production}", "ALLOWED_HOSTS": f".{_HOST}"}
    done = subprocess.run(
        [sys.executable, "-m", "ent.deployment.probe"],
        cwd=_ROOT,
        env={**os.environ, **environment},
        check=False,
    )
    assert done.returncode == 0
