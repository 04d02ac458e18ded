"""A child's card is the way to the child: it switches, and says what is theirs (R-B8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from directory.models import Person, School
from sso.catalogue import registry
from sso.models import Service, ServiceAudience
from tests import factories as make
from tests.cast import Cast
from tests.kit.trees import tree_of
from tests.sso.kit import make_service

ClientOf = Callable[[Person | None], Client]


def card_of(browser: Client, name: str) -> Any:
    """The block of the child of that name."""
    tree = tree_of(browser.get("/accueil/").content)
    return tree.xpath(f"//li[contains(@class, 'child')][.//*[contains(text(), '{name}')]]")[0]


def press(browser: Client, card: Any) -> str:
    """Press the card; return the page that follows."""
    form = card.xpath(".//form")[0]
    posted = {box.get("name"): box.get("value") for box in form.xpath(".//input")}
    return browser.post(form.get("action"), posted, follow=True).content.decode()


def open_to(code: str, **audience: object) -> Service:
    """A service with an entry, open to one population."""
    address = f"https://{code}.example.fr/"
    service = make_service(address, code=code, is_for_all=False, home_url=address)
    ServiceAudience.objects.create(service=service, **audience)
    registry.forget()
    return service


def test_the_card_leads_to_the_childs_school(cast: Cast, client_of: ClientOf) -> None:
    browser = client_of(cast.parent)
    page = press(browser, card_of(browser, "Basile Martin"))
    assert f"Parent, {cast.school_b.name}" in page
    assert "Vous êtes maintenant sur l’espace de Basile Martin" in page
    assert "Espace affiché" in card_of(browser, "Basile Martin").text_content()
    assert not card_of(browser, "Basile Martin").xpath(".//form")
    assert card_of(browser, "Anna Martin").xpath(".//form")


def test_two_children_of_one_school_are_two_spaces(cast: Cast, client_of: ClientOf) -> None:
    second = make.make_person(school=cast.school_a, given_name="Zoé", family_name="Martin")
    make.make_child_of(guardian=cast.parent, pupil=second)
    browser = client_of(cast.parent)
    assert "Espace affiché" in card_of(browser, "Anna Martin").text_content()
    press(browser, card_of(browser, "Zoé Martin"))
    assert "Espace affiché" in card_of(browser, "Zoé Martin").text_content()
    assert "Espace affiché" not in card_of(browser, "Anna Martin").text_content()


def test_a_block_holds_class_school_services_and_contact_of_that_child_only(
    cast: Cast, client_of: ClientOf
) -> None:
    School.objects.filter(pk=cast.school_a.pk).update(phone="03 83 00 00 01")
    School.objects.filter(pk=cast.school_b.pk).update(email="ce@b.example")
    open_to("pronote-a", school=cast.school_a, profile="tuteur")
    open_to("classe-b", group=cast.class_b)
    open_to("general", profile="tuteur")
    browser = client_of(cast.parent)
    first, second = card_of(browser, "Anna Martin"), card_of(browser, "Basile Martin")
    links = {
        name: {a.get("href") for a in card.iter("a")}
        for name, card in (("anna", first), ("basile", second))
    }
    assert links["anna"] == {
        f"/etablissements/{cast.school_a.slug}/",
        "https://pronote-a.example.fr/",
        "tel:0383000001",
    }
    assert links["basile"] == {
        f"/etablissements/{cast.school_b.slug}/",
        "https://classe-b.example.fr/",
        "mailto:ce@b.example",
    }
    assert "4E3" in first.text_content()
    assert "2NDE 1" in second.text_content()


def test_each_service_stands_once(cast: Cast, client_of: ClientOf) -> None:
    """A child's are in their block, the others under « Mes services »."""
    open_to("pronote-a", school=cast.school_a, profile="tuteur")
    open_to("general", profile="tuteur")
    page = client_of(cast.parent).get("/accueil/").content.decode()
    assert page.count('href="https://pronote-a.example.fr/"') == 1
    assert page.count('href="https://general.example.fr/"') == 1
    tree = tree_of(page)
    general = tree.xpath("//section[@aria-labelledby='services']//a/@href")
    assert "https://general.example.fr/" in general
    assert "https://pronote-a.example.fr/" not in general


def test_somebody_elses_child_changes_nothing(cast: Cast, client_of: ClientOf) -> None:
    """R-J3: nor a child one does not legally answer for, nor a pupil asking for a classmate."""
    make.make_child_of(guardian=cast.parent, pupil=cast.pupil_b, is_legal=False)
    for who, wanted in (
        (cast.parent, cast.far_pupil.uuid),
        (cast.parent, cast.pupil_b.uuid),
        (cast.pupil, cast.pupil_b.uuid),
        (cast.parent, "x" * 400),
    ):
        browser = client_of(who)
        page = browser.post("/accueil/etablissement/", {"enfant": wanted}, follow=True)
        assert "Vous êtes maintenant" not in page.content.decode()
        assert cast.school_a.name in page.content.decode()


def test_a_refused_service_names_the_school_that_one_is_in(cast: Cast, client_of: ClientOf) -> None:
    """And says whom to call there; the one that is chosen, not the main one."""
    School.objects.filter(pk=cast.school_b.pk).update(phone="03 83 22 22 22")
    open_to("eleves", profile="eleve")
    browser = client_of(cast.parent)
    page = browser.get("/cas/login", {"service": "https://eleves.example.fr/"})
    assert page.status_code == 403
    assert f"parent, sur l’espace «\xa0{cast.school_a.name}\xa0»" in _plain(page.content)
    press(browser, card_of(browser, "Basile Martin"))
    page = browser.get("/cas/login", {"service": "https://eleves.example.fr/"})
    assert f"parent, sur l’espace «\xa0{cast.school_b.name}\xa0»" in _plain(page.content)
    assert "03 83 22 22 22" in page.content.decode()


def _plain(content: bytes) -> str:
    text = tree_of(content).text_content()
    return " ".join(text.split(" ")).replace("\n  ", " ")
