"""The browser kit on the plainest page of all."""

import pytest
from playwright.sync_api import Page

from tests.kit.browser import assert_accessible

pytestmark = pytest.mark.browser


def test_an_error_page_is_accessible_at_both_widths(browser_page: Page) -> None:
    """An unknown address, in a real browser, with axe."""
    answer = browser_page.goto("/rien-de-tel/")
    assert answer is not None
    assert answer.status == 404
    assert browser_page.get_by_role("heading", level=1).inner_text() == "Page introuvable"
    assert_accessible(browser_page)
