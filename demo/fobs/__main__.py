"""Show the fobs: `python -m demo.fobs PORT FOLDER GUICHET_ADDRESS`, on the loopback address.

FOLDER holds `fobs.json`, and `words.json` which says whose each one was at the first start.
"""

from __future__ import annotations

import json
import math
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from demo.fobs.kept import STEP_SECONDS, read_fobs
from demo.fobs.pages import page_of

_NOBODY = "En stock, à attribuer"


class Drawer(ThreadingHTTPServer):
    """The server, with its folder and where the guichet is."""

    daemon_threads = True

    def __init__(self, port: int, folder: Path, guichet: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.folder = folder
        self.guichet = guichet

    def page(self, now: float) -> str:
        """Read the drawer again: the first start may still be filling it."""
        try:
            fobs = read_fobs(self.folder / "fobs.json")
            words = json.loads((self.folder / "words.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            fobs, words = [], {}
        shown = [(fob, str(words.get(fob.serial, _NOBODY))) for fob in fobs]
        return page_of(shown, guichet=self.guichet, now=now)


class Handler(BaseHTTPRequestHandler):
    """One page, whatever is asked."""

    server: Drawer

    def do_GET(self) -> None:
        """Show every fob; the browser asks again when the codes change."""
        now = time.time()
        body = self.server.page(now).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Refresh", str(math.ceil(STEP_SECONDS - now % STEP_SECONDS)))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    Drawer(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]).serve_forever()
