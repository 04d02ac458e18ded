"""Stand-in services: small web servers that answer, refuse, or hang, and note what they hear."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from lxml import etree

_SAML = {"samlp": "urn:oasis:names:tc:SAML:2.0:protocol"}


@dataclass
class Heard:
    """What one service was told."""

    port: int = 0
    messages: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    """What to answer, in order; then 200."""
    location: str = ""
    release: threading.Event = field(default_factory=threading.Event)
    """A service that hangs answers when this is set."""
    hangs: bool = False
    seconds: float = 0
    """How long it takes to answer."""
    drips: bool = False
    """Answers one header a second, without end."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


@contextmanager
def service(heard: Heard | None = None, *, tls: ssl.SSLContext | None = None) -> Iterator[Heard]:
    """A running service, over TLS when it has a certificate."""
    told = heard or Heard()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            told.paths.append(self.path)
            if told.hangs:
                told.release.wait(60)
                return
            if told.drips:
                self._drip()
                return
            time.sleep(told.seconds)
            told.messages += parse_qs(body).get("logoutRequest", [])
            status = told.statuses.pop(0) if told.statuses else 200
            self.send_response(status)
            if told.location:
                self.send_header("Location", told.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815

        def _drip(self) -> None:
            with suppress(OSError):
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while not told.release.wait(0.5):
                    self.wfile.write(b"X-More: 1\r\n")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        # The handshake belongs to the thread of each connection, whose failure concerns nobody.
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    told.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        told.release.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def within(seconds: float, condition: object) -> bool:
    """Wait until the condition holds, for so long at most."""
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())


def index_of(message: str) -> str:
    """Return the session that a logout message names."""
    root = etree.fromstring(message.encode())
    assert root.tag == f"{{{_SAML['samlp']}}}LogoutRequest"
    return str(root.findtext("samlp:SessionIndex", namespaces=_SAML))


def dead_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
