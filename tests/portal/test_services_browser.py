"""« Services tiers », the tiles and the refusal in a real browser, at both widths."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from directory.models import Person
from sso.models import ReleasedAttribute, Service, ServiceAudience, ServiceGrant, ServiceUsage
from tests.cast import Cast
from tests.kit.browser import assert_accessible, give_session
from tests.kit.server import LiveSite
from tests.sso.kit import make_service

pytestmark = pytest.mark.browser
ClientOf = Callable[[Person | None], Client]


def write_services(cast: Cast) -> Service:
    """A school's service in use, and two others."""
    service = make_service(
        "https://textes.example.fr/", code="textes", name="Cahier de textes", icon="book",
        description="Le travail à faire, cours par cours", school=cast.school_a,
        home_url="https://textes.example.fr/", is_for_all=False,
    )  # fmt: skip
    ServiceAudience.objects.create(service=service, profile="eleve", school=cast.school_a)
    ServiceAudience.objects.create(
        service=service, profile="tuteur", school=cast.school_a, group=cast.class_a
    )
    ServiceGrant.objects.create(service=service, person=cast.teacher, granted_by=cast.manager_a)
    ReleasedAttribute.objects.create(service=service, name="nom", source="nom")
    today = timezone.localdate()
    ServiceUsage.objects.bulk_create(
        ServiceUsage(
            service=service, day=today - timedelta(days=days), profile=profile,
            visits=(days * 37 + 11) % 90,
        )
        for days in range(1, 60)
        for profile in ("eleve", "tuteur")
        if (today - timedelta(days=days)).weekday() < 5
    )  # fmt: skip
    make_service(
        "https://media.example.fr/", code="media", name="Médiathèque", icon="school",
        description="Emprunter, réserver", home_url="https://media.example.fr/",
    )  # fmt: skip
    make_service(
        "https://salle.example.fr/", code="salle", name="Salle des professeurs", is_for_all=False,
        is_open=False, school=cast.school_a,
    )  # fmt: skip
    return service


def test_the_desk_is_accessible_at_both_widths(
    live_site: LiveSite, browser_page: Page, cast: Cast, client_of: ClientOf
) -> None:
    service = write_services(cast)
    give_session(browser_page.context, live_site, client_of(cast.manager_a))
    tabs = (
        "service",
        "opening",
        "addresses",
        "population",
        "users",
        "contract",
        "preview",
        "usage",
    )
    for path in (
        "/gestion/services/",
        "/gestion/services/?q=rien+de+tel",
        "/gestion/services/ajouter/",
        "/gestion/services/ajouter/pronote/",
        *(reverse(f"services:{tab}", args=[service.uuid]) for tab in [*tabs, "usage"]),
        reverse("services:user-add", args=[service.uuid]) + "?q=professeure",
        reverse("services:user-give", args=[service.uuid, cast.editor.uuid]),
        reverse("services:user-withdraw", args=[service.uuid, service.grants.get().uuid]),
        reverse("services:preview-person", args=[service.uuid, cast.pupil.uuid]),
        reverse("services:delete", args=[service.uuid]),
    ):
        browser_page.goto(path)
        assert_accessible(browser_page)


def test_a_service_is_registered_without_a_mouse(
    live_site: LiveSite, browser_page: Page, cast: Cast, client_of: ClientOf
) -> None:
    give_session(browser_page.context, live_site, client_of(cast.manager_a))
    browser_page.goto("/gestion/services/ajouter/moodle/")
    host = browser_page.get_by_label("Nom d’hôte")
    host.fill("cours.example.fr/moodle")
    host.press("Enter")
    browser_page.get_by_role("link", name="Nom d’hôte").wait_for()
    host.fill("cours.example.fr")  # the summary may take the focus after this:
    host.press("Enter")  # so the key goes to the field
    browser_page.get_by_label("Élève").focus()
    browser_page.keyboard.press("Space")
    browser_page.keyboard.press("Enter")
    browser_page.get_by_text("dès maintenant").wait_for()
    assert_accessible(browser_page)


def test_tiles_and_the_refusal_are_accessible(
    live_site: LiveSite, browser_page: Page, cast: Cast, client_of: ClientOf
) -> None:
    write_services(cast)
    give_session(browser_page.context, live_site, client_of(cast.parent))
    browser_page.goto("/accueil/")
    tile = browser_page.get_by_role("link", name="Cahier de textes")
    assert tile.get_attribute("href") == "https://textes.example.fr/"
    assert_accessible(browser_page)
    browser_page.goto("/cas/login?service=https%3A%2F%2Fsalle.example.fr%2F")
    browser_page.get_by_role("heading", name="accès impossible").wait_for()
    assert_accessible(browser_page)
