"""The service's own address comes back to it byte for byte, whatever it holds (issue 13)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from directory.models import Person
from sso.catalogue.addresses import with_parameters
from sso.models import Ticket
from tests.sso.kit import APP, Browser, code_of, make_service, ticket_in, user_of, validate

BrowserOf = Callable[[Person | None], Browser]

#: What Chromium leaves raw in a query, and what a service may have written itself.
RAW = ["?f=a|b", "?f={1|2}", "?f=a^b", "?f=`a`", "?f=[1]", "?f=a\\b", "?f='a'", '?f="a"', "?f=<a>"]


@pytest.mark.parametrize("query", RAW)
@pytest.mark.parametrize("gateway", [False, True])
def test_the_way_back_keeps_every_byte(
    query: str, gateway: bool, pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    browser = browser_of(None if gateway else pupil)
    answer = browser.login(APP + query, **({"gateway": "true"} if gateway else {}))
    location = answer.headers["Location"]
    if gateway:
        assert location == APP + query
        return
    assert location.startswith(f"{APP}{query}&ticket=ST-")
    assert user_of(validate(ticket_in(answer), APP + query))


@pytest.mark.parametrize(
    ("asked", "received"),
    [
        ("?f=a|b", "?f=a%7Cb"),
        ("?f=a%7Cb", "?f=a|b"),
        ("?q=a b", "?q=a%20b"),
        ("?q=été", "?q=%C3%A9t%C3%A9"),
        ("?q=%C3%A9", "?q=é"),
        ("?q=%c3%a9", "?q=%C3%A9"),
        ("?q='a'", "?q=%27a%27"),
        ("?q=%7Ea", "?q=~a"),
        ("?q=a ", "?q=a%20"),
        ("/dossier à part/", "/dossier%20%C3%A0%20part/"),
    ],
)
def test_a_client_may_validate_what_it_asked_and_what_it_received(
    asked: str, received: str, pupil: Person, browser_of: BrowserOf
) -> None:
    """Browsers and libraries escape some characters on the way; that makes no other service."""
    make_service()
    browser = browser_of(pupil)
    for said in (asked, received):
        answer = browser.login(APP + asked)
        assert answer.headers["Location"].isascii()
        assert " " not in answer.headers["Location"]
        assert user_of(validate(ticket_in(answer), APP + said)), said


@pytest.mark.parametrize(
    ("asked", "other"),
    [
        ("?f=a|b", "?f=a|c"),
        ("?f=a%7Cb", "?f=a%7Db"),
        ("?f=a+b", "?f=a%20b"),
        ("?f=a%2Bb", "?f=a+b"),
        ("?f=a%26b=1", "?f=a&b=1"),
        ("?f=%2541", "?f=%41"),
        ("?f=é", "?f=e"),
        ("/a%2Fb", "/a/b"),
    ],
)
def test_anything_else_is_another_service(
    asked: str, other: str, pupil: Person, browser_of: BrowserOf
) -> None:
    """T-E2."""
    make_service()
    ticket = browser_of(pupil).ticket(APP + asked)
    assert code_of(validate(ticket, APP + other)) == "INVALID_SERVICE"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?q=a?", "?q=a?&ticket=ST-"),
        ("??", "??&ticket=ST-"),
        ("?q=?&", "?q=?&ticket=ST-"),
        ("?", "?ticket=ST-"),
        ("?#a?", "?ticket=ST-"),
        ("?a=1?#b", "?a=1?&ticket=ST-"),
    ],
)
def test_the_ticket_is_a_parameter_of_its_own(
    query: str, expected: str, pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    answer = browser_of(pupil).login(APP + query)
    assert answer.headers["Location"].startswith(APP + expected)
    assert user_of(validate(ticket_in(answer), APP + query))


def test_a_question_mark_in_a_value_does_not_swallow_what_follows() -> None:
    assert with_parameters("/a?b=c?", [("d", "e")]) == "/a?b=c?&d=e"


@pytest.mark.parametrize("signs", [2_500, 6_000])
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_a_long_address_is_registered_like_a_short_one(
    signs: int, is_signed_in: bool, pupil: Person, browser_of: BrowserOf
) -> None:
    """As long as the line of a request may be."""
    make_service()
    address = f"{APP}?q={'a' * signs}"
    answer = browser_of(pupil if is_signed_in else None).login(address)
    if is_signed_in:
        assert user_of(validate(ticket_in(answer), address))
        assert len(Ticket.objects.get().address) == len(address)
    else:
        assert answer.status_code == 302
        assert len(answer.headers["Location"]) < 8190


@pytest.mark.parametrize(
    ("registered", "asked"),
    [
        ("https://app.example.fr/%C3%A9cole/", "https://app.example.fr/école/entree"),
        ("https://app.example.fr/%7Emoi/", "https://app.example.fr/~moi/"),
    ],
)
def test_a_registered_path_is_found_however_it_is_escaped(
    registered: str, asked: str, pupil: Person, browser_of: BrowserOf
) -> None:
    make_service(registered)
    assert user_of(validate(browser_of(pupil).ticket(asked), asked))
