"""« À faire » of the connected page, and « Administration » with what it counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.doors.base import breaker
from accounts.enums import DoorFault
from accounts.models import ActivationCode, Door, RefusedBinding
from directory.enums import DeliveryMode, DeliveryState
from directory.models import Person
from directory.models.deliveries import Delivery
from tests import factories as make
from tests.accounts.signing import make_pending
from tests.cast import Cast
from tests.kit.trees import tree_of
from tests.sso.kit import make_service

ClientOf = Callable[[Person | None], Client]


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Counts are kept a minute."""
    cache.clear()


def todo_of(browser: Client) -> list[tuple[str, str]]:
    """What waits: its words, without spaces at the ends, and where it leads."""
    tree = tree_of(browser.get("/accueil/").content)
    links = tree.xpath("//section[@aria-labelledby='a-faire']//a")
    return [(" ".join(a.text_content().split()), a.get("href")) for a in links]


def has_block(browser: Client) -> bool:
    """Is « À faire » on the page at all?"""
    return 'id="a-faire"' in browser.get("/accueil/").content.decode()


def wait_in(cast: Cast) -> None:
    """Two pupils of A and one of B whose codes nobody has; one whose code was handed over."""
    for number, school in enumerate((cast.school_a, cast.school_a, cast.school_b)):
        make_pending(school=school, login=f"attend.{number}", given_name=f"Attend{number}")
    make_pending(school=cast.school_a, login="remis", given_name="Remis")
    ActivationCode.objects.filter(account__login="remis").update(handed_over_at=timezone.now())


@pytest.mark.parametrize(
    ("who", "count"),
    [("head", 2), ("manager_a", 2), ("credentials_manager", 2), ("manager_b", 1)],
)
def test_heads_and_managers_read_how_many_of_their_school_wait(
    cast: Cast, client_of: ClientOf, who: str, count: int
) -> None:
    """School A never counts school B's (R-J3); what was handed over waits no more."""
    wait_in(cast)
    words = "compte attend" if count == 1 else "comptes attendent"
    (found,) = todo_of(client_of(getattr(cast, who)))
    assert found[0].startswith(f"{count} {words}")
    assert found[1].startswith("/annuaire/administration/")


def test_an_administrator_reads_everything_that_waits(cast: Cast, client_of: ClientOf) -> None:
    wait_in(cast)
    ActivationCode.objects.filter(account__login="remis").update(
        expires_at=timezone.now() - timedelta(days=1)
    )
    Delivery.objects.create(
        authority=cast.academy,
        mode=DeliveryMode.COMPLETE,
        state=DeliveryState.HELD,
        uploads=[{"name": "a.xml"}],
    )
    door = Door.objects.create(
        code="toul", label="de Toul", kind="cas", audiences=["enseignant"], authority=cast.academy
    )
    for _ in range(breaker.FAILURES):
        breaker.note_failure(door, DoorFault.HANG)
    RefusedBinding.objects.create(
        reference="ABC",
        door=door,
        subject="x",
        reason="personne",
        first_at=timezone.now(),
        last_at=timezone.now(),
    )
    make_service(is_for_all=False, code="vide")
    found = [words for words, _ in todo_of(client_of(cast.ent_administrator))]
    assert found == [
        "1 guichet ne répond pas",
        "1 livraison de l’annuaire attend votre confirmation",
        "1 demande de rattachement à traiter",
        "4 comptes attendent que leur identifiant soit remis",
        "1 service tiers n’est encore ouvert à personne",
    ]


def test_nothing_that_waits_is_said_and_others_have_no_block(
    cast: Cast, client_of: ClientOf
) -> None:
    head = client_of(cast.head)
    assert todo_of(head) == []
    assert "Rien n’attend pour le moment" in head.get("/accueil/").content.decode()
    for who in ("pupil", "parent", "teacher", "guest", "editor"):
        assert not has_block(client_of(getattr(cast, who))), who


@pytest.mark.parametrize("who", ["head", "manager_a", "ent_administrator", "parent"])
def test_the_page_stays_within_twelve_statements(cast: Cast, client_of: ClientOf, who: str) -> None:
    """6-performance, for who has most to do."""
    wait_in(cast)
    browser = client_of(getattr(cast, who))
    browser.get("/accueil/")
    with CaptureQueriesContext(connection) as captured:
        browser.get("/accueil/")
    assert len(captured) <= 12, [query["sql"][:200] for query in captured]


def groups_of(browser: Client) -> dict[str, dict[str, str]]:
    """« Administration »: group → entry → what it counts."""
    tree = tree_of(browser.get("/annuaire/administration/").content)
    return {
        section.find("h2").text_content(): {
            tile.xpath(".//*[@class='tile-title']")[0].text_content(): " ".join(
                "".join(tile.xpath(".//*[@class='tile-figure']/text()")).split()
            )
            for tile in section.xpath(".//a[@class='tile']")
        }
        for section in tree.xpath("//main//section")
    }


def test_administration_stands_in_the_menu_in_three_groups_with_live_figures(
    cast: Cast, client_of: ClientOf
) -> None:
    wait_in(cast)
    make_service(school=cast.school_a)
    browser = client_of(cast.ent_administrator)
    menu = tree_of(browser.get("/accueil/").content).xpath(
        "//nav[@aria-label='Menu principal']//a[contains(., 'Administration')]/@href"
    )
    assert menu == ["/annuaire/administration/"]
    groups = groups_of(browser)
    assert list(groups) == ["Comptes et identifiants", "Annuaire", "Gestion portail"]
    assert groups["Comptes et identifiants"]["Activation des comptes"] == "3 comptes à remettre"
    assert groups["Comptes et identifiants"]["Dépanner une classe"] == "3 classes"
    assert groups["Annuaire"]["Imports"] == "Aucun import"
    assert groups["Annuaire"]["Établissements"] == "3 établissements"
    assert groups["Gestion portail"]["Services tiers"] == "1 service"
    make.make_class(school=cast.school_c)
    assert groups_of(browser)["Comptes et identifiants"]["Dépanner une classe"] == "4 classes"


def test_a_schools_desk_counts_that_school_only(cast: Cast, client_of: ClientOf) -> None:
    """R-J3: figures go through the same walls as lists."""
    wait_in(cast)
    make_service(school=cast.school_a)
    groups = groups_of(client_of(cast.manager_b))
    assert groups["Comptes et identifiants"]["Activation des comptes"] == "1 compte à remettre"
    assert groups["Comptes et identifiants"]["Dépanner une classe"] == "1 classe"
    assert groups["Annuaire"]["Établissements"] == "1 établissement"
    assert groups["Gestion portail"]["Services tiers"] == "Aucun service"


def test_the_menu_marks_administration_on_the_pages_of_services(
    cast: Cast, client_of: ClientOf
) -> None:
    tree = tree_of(client_of(cast.head).get("/gestion/services/").content.decode())
    assert tree.xpath("//nav[@aria-label='Menu principal']//a[@aria-current]/text()")[
        0
    ].strip() == ("Administration")


def test_who_administers_nothing_has_no_such_entry(cast: Cast, client_of: ClientOf) -> None:
    for who in ("pupil", "parent", "teacher", "guest"):
        assert (
            "/annuaire/administration/"
            not in client_of(getattr(cast, who)).get("/accueil/").content.decode()
        )
