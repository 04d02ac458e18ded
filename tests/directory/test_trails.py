"""« Vous êtes ici » and « Retour » stand on every page below another."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from directory.models import Person
from tests.cast import Cast
from tests.kit.trees import tree_of
from tests.rights import RULES, Rule

ClientOf = Callable[[Person | None], Client]
#: Pages that are nobody's sub-page: where one arrives, signs in, or may only go forward.
TOPS = frozenset(
    {
        "portal:connected",
        "portal:home",
        "portal:school",
        "pages:styleguide",
        "accounts:mire",
        "accounts:signed_out",
        "accounts:changed_person",
        "sso:login",
        "sso:logout",
        "operator_login",
        # A forced step: nothing else opens before it is done.
        "accounts:choose_password",
        "accounts:accept_terms",
        "accounts:prove_second_factor",
        # Reached by a mail, or by somebody who cannot sign in.
        "credentials:forgotten-password",
        "credentials:password-asked",
        "credentials:forgotten-login",
        "credentials:login-asked",
        "credentials:password-link",
        "credentials:new-password",
        "messaging:confirm-address",
        "demo:mail",
    }
)


def pages_by_room() -> dict[str, list[str]]:
    """Names of the addresses that somebody signed in reads, by room."""
    rooms: dict[str, list[str]] = defaultdict(list)
    for name, rule in RULES.items():
        if isinstance(rule, Rule) and rule.GET and name not in TOPS and ":" in name:
            rooms[name.partition(":")[0]].append(name)
    return rooms


def fault_of(browser: Client, name: str, cast: Cast) -> str:
    """What is wrong with the trail of a page; "" when nothing is, or when it is no page."""
    rule = RULES[name]
    assert isinstance(rule, Rule)
    address = reverse(name, kwargs=dict(rule.at(cast))) + rule.query
    response = browser.get(address)
    is_page = response.status_code == 200 and "text/html" in response.headers["Content-Type"]
    if not is_page:  # a file, or an address that leads on: templates are read below
        return ""
    tree = tree_of(response.content)
    trails = tree.xpath("//nav[@aria-label='Fil d’Ariane'][contains(., 'Vous êtes ici')]")
    back = [
        link.get("href")
        for link in tree.xpath("//a[@class='back-link'][normalize-space() = 'Retour']")
    ]
    if len(trails) != 1 or len(back) != 1:
        return f"{len(trails)} trails, {len(back)} ways back"
    if back[0] != trails[0].xpath(".//a/@href")[-1]:
        return f"« Retour » leads to {back[0]}, which is not the page above"
    status = browser.get(urljoin(address, back[0])).status_code
    return "" if status == 200 and back[0] != address else f"« Retour »: {back[0]}, {status}"


@pytest.mark.parametrize("room", sorted(pages_by_room()))
def test_a_page_says_where_it_is_and_leads_back(room: str, cast: Cast, client_of: ClientOf) -> None:
    browsers = {
        who: client_of(getattr(cast, who))
        for who in ("ent_administrator", "head", "pupil", "teacher")
    }
    faults = {}
    for name in pages_by_room()[room]:
        rule = RULES[name]
        assert isinstance(rule, Rule)
        who = next(who for who in browsers if who in (rule.GET or ()))
        if fault := fault_of(browsers[who], name, cast):
            faults[name] = fault
    assert not faults


#: Templates of desks and of signed-in people that are below no other page.
TOP_TEMPLATES = frozenset(
    {
        "portal/connected.html",
        "operators/second_factor.html",
        # The first page of the helpdesk, as the connected page is the first of the portal.
        "guichet/assistance/desk.html",
        # Shown to whoever follows a mail's link, signed in or not.
        "messaging/confirm_address.html",
        "messaging/address_confirmed.html",
        "messaging/address_refused.html",
    }
)
_TRAILS = ("administration_trail", "portal_trail")
_EXTENDS = re.compile(r'{% extends "([^"]+)" %}')
_FRAMES = frozenset({"layout/desk.html", "layout/form_page.html", "layout/signed_in.html"})
#: Frames of pages where one signs in: nothing is above them.
_TOP_FRAMES = frozenset({"signin/page.html", "guichet/page.html"})


def test_no_template_of_a_page_below_another_forgets_its_trail() -> None:
    """Those that a test cannot open at once (a confirmation, codes shown once) are read."""
    root = Path(settings.BASE_DIR) / "templates"
    texts = {str(path.relative_to(root)): path.read_text() for path in root.rglob("*.html")}
    extended = {name: found[1] for name, text in texts.items() if (found := _EXTENDS.search(text))}
    frames = set(extended.values())

    def chain_of(name: str) -> list[str]:
        chain = [name]
        while chain[-1] in extended:
            chain.append(extended[chain[-1]])
        return chain

    without = {
        name
        for name in texts.keys() - frames
        for chain in [chain_of(name)]
        if _FRAMES & set(chain)
        and not _TOP_FRAMES & set(chain)
        and not any(
            f"{{% {tag} " in texts[one] for one in chain for tag in ("breadcrumb", *_TRAILS)
        )
    }
    assert without == TOP_TEMPLATES


def trail_of(browser: Client, address: str) -> list[str]:
    """The words of « Vous êtes ici »."""
    tree = tree_of(browser.get(address).content)
    return [
        " ".join(li.text_content().split())
        for li in tree.xpath("//nav[@aria-label='Fil d’Ariane']//li")
    ]


def test_third_party_services_stand_under_portal_management(
    cast: Cast, client_of: ClientOf
) -> None:
    """R-G2: « Gestion portail > Services tiers > Modifier un service »."""
    browser = client_of(cast.head)
    rule = RULES["services:service"]
    assert isinstance(rule, Rule)
    address = reverse("services:service", kwargs=dict(rule.at(cast)))
    assert trail_of(browser, "/gestion/services/") == ["Gestion portail", "Services tiers"]
    assert trail_of(browser, address) == [
        "Gestion portail",
        "Services tiers",
        "Modifier un service",
    ]


def test_files_of_credentials_keep_their_place(cast: Cast, client_of: ClientOf) -> None:
    """R-E1: « Annuaire > Administration > Fichiers des identifiants »."""
    address = reverse("credentials:files")
    assert trail_of(client_of(cast.head), address) == [
        "Annuaire",
        "Administration",
        "Fichiers des identifiants",
    ]
