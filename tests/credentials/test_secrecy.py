"""What a stolen dump and a caching proxy learn of codes and files: nothing."""

from __future__ import annotations

import base64
import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import ActivationCode
from credentials.codes import issuing as code_services
from credentials.enums import FileOrigin
from credentials.files.services import request_files
from credentials.models import CredentialFile
from directory.models import Person
from tests.cast import make_cast, mark_verified
from tests.conftest import require
from tests.credentials.test_files import content, make_pending, run_waiting_jobs
from tests.kit.dumps import dump_database, forms_of
from tests.kit.server import LiveProcess, LiveSite

CANARY = "zzqxkvwj"
_DESK = "/annuaire/administration/fichiers-des-identifiants/"


@pytest.mark.django_db(transaction=True)
def test_a_dump_and_every_file_of_the_server_hold_no_code(
    monkeypatch: pytest.MonkeyPatch, client_of: Callable[[Person | None], Client]
) -> None:
    """T-F1: 1,000 canary codes, issued, printed, handed over; then everything is searched."""
    cast = make_cast()

    def canaries(count: int) -> Iterator[str]:
        digits = "abcdefghjkmnpqrs"
        for number in range(count):
            yield CANARY + "".join(digits[(number >> shift) & 15] for shift in (12, 8, 4, 0))

    monkeypatch.setattr(code_services, "generate_codes", canaries)
    accounts = make_pending(cast.school_a, 1)
    people = [Person(profile="eleve", family_name="N", sort_key=f"n {n}") for n in range(999)]
    Person.objects.bulk_create(people)
    account_model = type(accounts[0])
    account_model.objects.bulk_create(
        account_model(person=person, login=f"canari.{number}", state="non-active")
        for number, person in enumerate(people)
    )
    affiliation_model = type(cast.pupil.affiliations.get())
    affiliation_model.objects.bulk_create(
        affiliation_model(person=person, school=cast.school_a, profile="eleve") for person in people
    )
    (file,) = request_files(
        schools=[cast.school_a], since=None, origin=FileOrigin.REISSUE, actor=cast.manager_a
    )
    run_waiting_jobs()
    file.refresh_from_db()
    assert ActivationCode.objects.count() == 1_000
    assert content(file).count(b"zzqx-kvwj-") == 1_000
    client = client_of(cast.manager_a)
    client.post(reverse("credentials:download", args=[file.uuid, "csv"]))
    run_waiting_jobs()
    secret = next(value.value for name, value in client.cookies.items() if "preau_file" in name)

    needles = [*forms_of(CANARY), *forms_of("zzqx-kvwj"), *forms_of(secret)]
    needles.append(base64.urlsafe_b64decode(secret + "==").hex().encode())
    dump = dump_database()
    assert b"accounts_activationcode" in dump
    assert [needle for needle in needles if needle in dump] == []
    scanned = 0
    for path in Path(settings.VAR_DIR).rglob("*"):
        if path.is_file() and "postgres" not in path.parts:
            data = path.read_bytes()
            scanned += 1
            assert [needle for needle in needles if needle in data] == [], path
    assert scanned


def test_the_search_of_the_dump_would_find_a_code_in_any_form() -> None:
    """The test above can fail: each form of a code is found where it lies."""
    for shift in range(3):
        text = b"x" * shift + f"{CANARY}abcd".encode()
        for stored in (text, text.hex().encode(), base64.b64encode(text)):
            assert any(form in stored for form in forms_of(CANARY)), stored


# --- a proxy that caches -----------------------------------------------------------------------


@pytest.fixture
def caching_proxy(live_site: LiveSite, tmp_path: Path) -> Iterator[int]:
    """nginx before the site, caching whatever it may under the bare address; gives its port."""
    program = shutil.which("nginx") or (
        "/usr/sbin/nginx" if Path("/usr/sbin/nginx").exists() else None
    )
    require(program is not None, "nginx")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    places = "".join(
        f"{name}_temp_path {tmp_path}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (tmp_path / "nginx.conf").write_text(
        f"{user} pid {tmp_path}/pid; error_log {tmp_path}/error.log; daemon off;"
        f" events {{}} http {{ access_log off; {places}"
        f" proxy_cache_path {tmp_path}/cache keys_zone=all:1m;"
        f" server {{ listen 127.0.0.1:{port}; location / {{"
        f" proxy_pass {live_site.url}; proxy_set_header Host $http_host;"
        ' proxy_cache all; proxy_cache_key "$request_uri"; proxy_cache_valid any 10m;'
        " proxy_cache_methods GET HEAD; add_header X-Cache $upstream_cache_status always; } } }"
    )
    process = subprocess.Popen(
        [str(program), "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=10)


class Browser:
    """The least browser: cookies, no redirects, the proxy as its only way."""

    def __init__(self, port: int, session: str = "") -> None:
        self._port = port
        self.cookies = {settings.SESSION_COOKIE_NAME: session} if session else {}

    def ask(
        self, method: str, path: str, *, data: dict[str, str] | None = None, **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """Send one request and keep its cookies."""
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = urlencode(data) if data is not None else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        http_connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        http_connection.request(method, path, body=body, headers=headers)
        answer = http_connection.getresponse()
        read = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        http_connection.close()
        return answer, read


def session_of(person: Person) -> str:
    """An open session of a person."""
    client = Client()
    client.force_login(person.account)
    mark_verified(client)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def test_a_caching_proxy_gives_the_file_to_nobody_else(
    live_site: LiveSite, live_worker: LiveProcess, caching_proxy: int, tmp_path: Path
) -> None:
    """T-F12: nginx that caches by address alone, between the manager, a colleague and a visitor."""
    cast = make_cast()
    make_pending(cast.school_a)
    (file,) = request_files(
        schools=[cast.school_a],
        since=None,
        origin=FileOrigin.REGENERATION,
        actor=cast.manager_a,
    )
    run_waiting_jobs()
    assert CredentialFile.objects.get(pk=file.pk).is_ready
    manager = Browser(caching_proxy, session_of(cast.manager_a))
    others = [Browser(caching_proxy), Browser(caching_proxy, session_of(cast.head))]
    _, page = manager.ask("GET", _DESK)
    token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    form = {"csrfmiddlewaretoken": token[1].decode()}
    asked, _ = manager.ask("POST", f"{_DESK}{file.uuid}/telecharger/csv/", data=form)
    waiting = asked.headers["Location"]
    deadline = time.monotonic() + 90
    address = ""
    while not address and time.monotonic() < deadline:
        answer, _ = manager.ask("GET", waiting)
        address = str(answer.headers.get("Refresh", "")).partition("url=")[2]
        time.sleep(0.2)
    assert address, f"no hand-over by {datetime.now(UTC)}"

    found, body = manager.ask("GET", address)
    assert found.status == 200
    assert body.startswith(b"\xef\xbb\xbfrne;uid")
    for other in others:
        for method in ("GET", "HEAD"):
            refused, leaked = other.ask(method, address, Range="bytes=0-50")
            assert refused.status in {302, 404}
            assert b"rne;uid" not in leaked
        refused, _ = other.ask("GET", waiting)
        assert refused.status in {302, 404}
    again, body = manager.ask("GET", address)
    assert (again.status, again.headers["X-Cache"]) == (200, "MISS")
    kept = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert not [path for path in kept if b"rne;uid" in path.read_bytes()]
