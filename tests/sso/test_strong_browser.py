"""A service that requires the academy's key, a teacher, and the academic door (R-C6, issue 4)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import Account, Door
from sso.enums import RequiredStrength
from sso.models import Ticket
from tests.accounts.test_academic_browser import MAIL, door, identify, open_context, teacher
from tests.accounts.test_first_sign_in_browser import look
from tests.kit.academy import Academies
from tests.kit.browser import WIDTHS, watch_page
from tests.kit.server import LiveSite
from tests.sso.kit import make_service
from tests.sso.test_browser import running

pytestmark = [pytest.mark.browser, pytest.mark.slow]
__all__ = ["door", "teacher"]  # fixtures


@pytest.fixture(params=list(WIDTHS))
def page(request: pytest.FixtureRequest, live_site: LiveSite, browser: Browser) -> Iterator[Page]:
    """A page that may visit the academy and the service, both of this machine."""
    context = open_context(browser, live_site, request.param)
    opened = context.new_page()
    faults: list[str] = []
    watch_page(opened, faults, "http://127.0.0.1:")
    yield opened
    context.close()
    assert not faults


def give_the_key(page: Page) -> None:
    """Leave by the door that asks for the key, and identify oneself there anew."""
    expect(page.get_by_role("heading", name="La clé de sécurité est demandée")).to_be_visible()
    page.get_by_role("button", name="Continuer vers l’académie").click()
    page.wait_for_url("**/cas/login*renew=true&authn_method=cle-otp*")
    identify(page)


def test_a_strong_service_sends_a_teacher_back_to_the_academy_with_the_demand(
    page: Page, live_site: LiveSite, academies: Academies, door: Door, teacher: Account
) -> None:
    Door.objects.filter(pk=door.pk).update(key_method="cle-otp")
    with running(live_site.url_for("/cas")) as app:
        make_service(app.home, required_strength=RequiredStrength.KEY)
        page.goto(f"/connexion/{door.code}/")
        page.get_by_role("button", name="Continuer vers l’académie").click()
        identify(page)
        page.wait_for_url(live_site.url_for("/accueil/"))

        page.goto(app.home)  # a password was enough for the ENT, not for this service
        give_the_key(page)
        expect(page.get_by_text("n’a pas été utilisée")).to_be_visible()
        look(page, "cle-non-utilisee")
        assert not Ticket.objects.exists()
        assert not app.users

        academies.enrol("nancy-metz", "jdupont", mail=MAIL, authn_method="cle-otp")
        page.goto(app.home)
        give_the_key(page)
        expect(page.get_by_role("heading", name="Bonjour")).to_be_visible()
        assert page.url == app.home
