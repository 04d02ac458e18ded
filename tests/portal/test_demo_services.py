"""A pupil opens three services of others, and the sign-out of the ENT ends all three."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Thread

import pytest
from django.test import Client
from playwright.sync_api import Page

from demo.services import register_services
from demo.stand_in.__main__ import StandIn
from demo.stand_in.catalogue import PLAYED
from directory.models import Person
from sso.logout import notices as logout
from sso.models import LogoutNotice
from tests.accounts.signing import no_terms
from tests.cast import Cast
from tests.kit.browser import find_chromium, give_session
from tests.kit.server import LiveSite

pytestmark = pytest.mark.browser
ClientOf = Callable[[Person | None], Client]


@pytest.fixture
def stand_in(live_site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """The played services, registered at the port that they got."""
    server = StandIn(0, live_site.url)
    monkeypatch.setenv("DEMO_SERVICES_PORT", str(server.server_address[1]))
    register_services()
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_three_services_and_one_sign_out(
    live_site: LiveSite, stand_in: StandIn, cast: Cast, client_of: ClientOf, browser: object
) -> None:
    from playwright.sync_api import Browser

    assert isinstance(browser, Browser)
    assert find_chromium()
    no_terms()
    context = browser.new_context(base_url=live_site.url, locale="fr-FR")
    context.set_default_timeout(15_000)
    give_session(context, live_site, client_of(cast.pupil))
    home = context.new_page()
    home.goto("/accueil/")
    tabs: list[Page] = []
    for played in PLAYED[:3]:
        href = home.get_by_role("link", name=played.name).get_attribute("href")
        tab = context.new_page()
        tab.goto(str(href))
        tab.get_by_role("heading", name="Vous êtes connecté").wait_for()
        tabs.append(tab)
    assert "Manon" in tabs[0].content()
    assert "4E3" in tabs[0].content()
    assert "Manon" not in tabs[1].content()
    assert home.get_by_role("link", name="Salle des professeurs").count() == 0

    refused = context.new_page()
    refused.goto(stand_in.address_of(PLAYED[3]))
    refused.get_by_role("heading", name="accès impossible").wait_for()

    home.get_by_role("button", name="Se déconnecter").click()
    home.wait_for_url("**/deconnexion/**")
    logout.send_due()
    assert LogoutNotice.objects.filter(sent_at__isnull=False).count() == 3
    for tab in tabs:
        tab.reload()
        tab.wait_for_url("**/connexion/**")
    context.close()
