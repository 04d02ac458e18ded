"""The strict kit: what it watches fails the test that did it, without being asked (rule 15)."""

import logging
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from tests.kit import canaries
from tests.kit.network import forbid_network
from tests.kit.outages import forget_outages
from tests.kit.pages import is_html, page_faults

pytest_plugins = [
    "tests.kit.database",
    "tests.kit.mail",
    "tests.kit.server",
    "tests.kit.browser",
    "tests.kit.academy",
    "tests.kit.postfix",
    "tests.kit.slapd",
    "tests.kit.roles",
    "tests.cast",
]

_REPOSITORY = Path(__file__).resolve().parent.parent
_LAST_WORDS = 4000
"""Characters."""


def require(present: bool, what: str) -> None:
    """Skip the test when a part is missing; on the integration machine fail instead."""
    if present:
        return
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"CI=true and {what} is missing")
    pytest.skip(f"{what} is missing")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Beside a failure, the last words of the processes that it ran on."""
    from tests.kit.server import LiveProcess

    report = yield
    if report.failed:
        for name, value in getattr(item, "funcargs", {}).items():
            process = getattr(value, "server", value)
            if isinstance(process, LiveProcess):
                report.sections.append((f"log of {name}", process.read_log()[-_LAST_WORDS:]))
    return report


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of sample deliveries that lives beside the repository."""
    folder = Path(os.environ.get("PREAU_SHARED_DATA", _REPOSITORY.parent / "shared" / "data"))
    require(folder.is_dir(), "the folder of sample deliveries (../shared/data)")
    return folder


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the test on this machine."""
    forbid_network(monkeypatch)


@pytest.fixture(autouse=True)
def own_journal_anchor(settings: Settings) -> Iterator[None]:
    """Each test begins with an empty journal, so no test compares it with another one's end."""
    path = settings.VAR_DIR / "anchors" / f"{uuid4()}.json"
    settings.JOURNAL_ANCHOR = path
    settings.ERASURE_LIST = path.with_suffix(".erasures")
    yield
    path.unlink(missing_ok=True)
    settings.ERASURE_LIST.unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def no_leak_in_logs(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test when a log record, at any level, holds a value that `canaries` watches."""
    canaries.forget_all()
    handler = canaries.CanaryHandler()
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    leaks = handler.find_leaks()
    if leaks and request.node.get_closest_marker("leaks_allowed") is None:
        pytest.fail("\n".join(leaks))


@pytest.fixture(autouse=True)
def strict_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail the test when a page that it asked for breaks a rule of the house."""
    request_page = Client.request

    def checked_request(self: Client, **environ: Any) -> Any:
        response = request_page(self, **environ)
        if is_html(response):
            own = not environ.get("PATH_INFO", "").startswith("/operateurs/")
            faults = page_faults(response.content.decode(response.charset), own=own)
            if faults:
                pytest.fail(f"{environ.get('PATH_INFO')}: " + "; ".join(faults))
        return response

    monkeypatch.setattr(Client, "request", checked_request)


@pytest.fixture(autouse=True)
def nothing_away() -> None:
    """No test meets what another one found away."""
    forget_outages()


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """No test reads what another one cached."""
    from sso.catalogue import registry

    cache.clear()
    registry.forget()
