"""Browser journeys: Debian's Chromium, two widths, and what every visited page must hold to.

Synchronous Playwright keeps an event loop in this thread, which makes Django refuse the ORM; the
site under test runs in other processes, so the refusal has no object and is lifted here.
"""

import os
import shutil
from collections.abc import Iterator
from time import monotonic

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    TimeoutError,
    expect,
    sync_playwright,
)

from tests.kit.server import LiveSite

WIDTHS = {"wide": (1280, 900), "narrow": (360, 780)}
# Milliseconds that an action or an expectation waits: the machine of the CI is a slow one.
_PATIENCE = 15_000
_AXE_OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
}


def find_chromium() -> str | None:
    """Return the path of the Chromium of the system, None when there is none."""
    return (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, once for the session: nothing is downloaded."""
    from tests.conftest import require

    path = find_chromium()
    require(path is not None, "Chromium")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield launched
        launched.close()


def watch_page(page: Page, faults: list[str], *sites: str) -> None:
    """Note script errors, refused content, and requests to anything but these sites."""

    def on_console(message: ConsoleMessage) -> None:
        # The browser reports each answer of 400 and more; those are for the test to judge.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            faults.append(f"console: {message.text}")

    def on_request(request: Request) -> None:
        if not request.url.startswith((*sites, "data:", "blob:", "about:")):
            faults.append(f"request to another host: {request.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    page.on("request", on_request)


@pytest.fixture(params=list(WIDTHS))
def browser_page(
    request: pytest.FixtureRequest, live_site: LiveSite, browser: Browser
) -> Iterator[Page]:
    """A page of the live site, once at 1280 and once at 360 pixels.

    Script errors, refused content (CSP), and requests to another host fail the test.
    """
    width, height = WIDTHS[request.param]
    context = browser.new_context(
        base_url=live_site.url,
        viewport={"width": width, "height": height},
        locale="fr-FR",
        timezone_id="Europe/Paris",
        reduced_motion="reduce",
    )
    context.set_default_timeout(_PATIENCE)
    page = context.new_page()
    faults: list[str] = []
    watch_page(page, faults, live_site.url)
    yield page
    context.close()
    if faults:
        pytest.fail("; ".join(faults))


def give_session(context: BrowserContext, site: LiveSite, client: Client) -> None:
    """Give the browser the session of a test client: signing in has its own journeys."""
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site.url}])


def reload_until(page: Page, wanted: Locator, *, seconds: float = 60) -> None:
    """Reload *page* until *wanted* is visible: another process writes it, and no page says when.

    The end of a download, a job's report and a mail are written by the server or the worker a
    moment after what the browser has seen; a busy machine makes that moment long.
    """
    deadline = monotonic() + seconds
    while monotonic() < deadline:
        try:
            wanted.wait_for(state="visible", timeout=1_000)
        except TimeoutError:
            page.reload()
        else:
            return
    pytest.fail(f"{page.url} never showed {wanted}")


def assert_accessible(page: Page) -> None:
    """Fail when axe finds a violation, or when the page scrolls sideways at its width.

    A click returns as soon as the next page's headers are there; axe needs its document.
    """
    page.wait_for_load_state()
    results = Axe().run(page, options=_AXE_OPTIONS)
    if results.violations_count:
        pytest.fail(f"{page.url}\n{results.generate_report()}")
    assert_fits(page)


def assert_fits(page: Page) -> None:
    """Fail when the page scrolls sideways at its width."""
    overflow = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    if overflow > 0:
        pytest.fail(f"{page.url} is {overflow} px wider than the window")
