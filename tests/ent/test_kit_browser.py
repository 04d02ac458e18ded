"""What the browser tests lean on: a page is judged whole, and a bad one fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser

from tests.kit.browser import assert_accessible

pytestmark = pytest.mark.browser

_PAGE = (
    "<!doctype html><html lang=fr><title>Essai</title><main><h1>Essai</h1>"
    "<form method=post action=/><button>Envoyer</button></form>{}</main>"
)


class _Slow(BaseHTTPRequestHandler):
    """Answers a form with headers at once, and with its page only when `released` is set."""

    released = threading.Event()

    def do_GET(self) -> None:
        self._answer(_PAGE.format(""))

    def do_POST(self) -> None:
        self._answer("")
        self.released.wait(10)
        self.wfile.write(_PAGE.format("<img src='data:,'>").encode())

    def _answer(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def slow_site() -> Iterator[str]:
    _Slow.released.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_page_whose_body_is_late_is_waited_for_and_judged(
    browser: Browser, slow_site: str
) -> None:
    page = browser.new_page()
    page.goto(slow_site)
    assert_accessible(page)
    page.get_by_role("button").click()
    threading.Timer(0.3, _Slow.released.set).start()
    with pytest.raises(pytest.fail.Exception, match="image-alt"):
        assert_accessible(page)
    page.close()
