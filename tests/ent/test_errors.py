"""What a visitor sees when something goes wrong: what happened and what to do, in French."""

import logging
import re

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404
from django.test import Client, RequestFactory
from playwright.sync_api import Page

from ent.web import errors
from tests.kit.browser import assert_accessible
from tests.kit.pages import page_faults


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, client: Client) -> Client:
    """A client whose visits to /sante/ fail the way a test says."""
    client.raise_request_exception = False
    return client


def _fail_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail() -> str:
        raise error

    monkeypatch.setattr("ent.web.health.database_state", fail)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (SuspiciousOperation("x"), 400, "Demande non comprise"),
        (PermissionDenied("x"), 403, "Accès refusé"),
        (Http404("x"), 404, "Page introuvable"),
        (ZeroDivisionError("x"), 500, "Erreur du service"),
        (OperationalError("x"), 503, "Service indisponible"),
    ],
)
def test_every_failure_has_its_french_page(
    broken: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, title: str
) -> None:
    """Never a traceback, never Django's own English page."""
    _fail_with(monkeypatch, error)
    response = broken.get("/sante/")
    text = response.content.decode()
    assert response.status_code == status
    assert f"<h1>{title}</h1>" in text
    assert "Traceback" not in text
    assert type(error).__name__ not in text


def test_the_address_of_a_button_typed_by_hand_has_words() -> None:
    response = Client().get("/deconnexion/")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert "Cette adresse ne s’ouvre pas ainsi" in response.content.decode()
    assert "rien n’a été fait" in response.content.decode()
    assert not Client().head("/deconnexion/").content


@pytest.mark.parametrize("status", [429, 503])
def test_who_asks_too_much_is_told_when_to_come_back(status: int) -> None:
    """Retry-After is for programs, the sentence for people."""
    answer = errors.too_many_requests if status == 429 else errors.unavailable
    response = answer(RequestFactory().get("/"), retry_after_seconds=7)
    assert response.status_code == status
    assert response.headers["Retry-After"] == "7"
    assert page_faults(response.content.decode()) == []


@pytest.mark.django_db
def test_an_error_has_a_reference_that_stands_in_the_log(
    broken: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """T-L2: no 500 without reference."""
    _fail_with(monkeypatch, ZeroDivisionError("x"))
    with caplog.at_level(logging.ERROR, logger="ent.web.errors"):
        text = broken.get("/sante/").content.decode()
    reference = re.search(r"<strong>([0-9A-F]{8})</strong>", text)
    assert reference is not None
    assert reference.group(1) in caplog.text


@pytest.mark.django_db
def test_an_error_still_answers_when_its_own_page_fails(
    broken: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing static file or a broken template must not leave a blank page."""
    _fail_with(monkeypatch, ZeroDivisionError("x"))

    def no_template(*args: object, **kwargs: object) -> None:
        raise OSError("the template is gone")

    monkeypatch.setattr("ent.web.errors.render", no_template)
    response = broken.get("/sante/")
    assert response.status_code == 500
    assert "Recommencez dans un instant" in response.content.decode()


@pytest.mark.django_db
def test_a_poisoned_host_is_refused(client: Client) -> None:
    """T-B9: 400, and the page names no address that the visitor gave."""
    response = client.get("/", headers={"host": "pirate.example"})
    assert response.status_code == 400
    assert "pirate" not in response.content.decode()


@pytest.mark.browser
def test_an_error_page_is_accessible_at_both_widths(browser_page: Page) -> None:
    """An unknown address, in a real browser, with axe."""
    answer = browser_page.goto("/rien-de-tel/")
    assert answer is not None
    assert answer.status == 404
    assert browser_page.get_by_role("heading", level=1).inner_text() == "Page introuvable"
    assert_accessible(browser_page)
