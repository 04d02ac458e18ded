"""Who passes at each address of the whole site (T-F2): profile × URL × method.

The matrix itself stands in ``tests/rights.py``; here the resolver is walked, so that an address
without a line fails, and every line is tried with every profile.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from directory.models import Person
from tests.cast import Cast, verified_client
from tests.rights import PROFILES, RIGHTS_PAGE, RULES, Rule, rule_for, write_rights

if TYPE_CHECKING:
    from tests.kit.responses import TestResponse

ClientOf = Callable[[Person | None], Client]
_REFUSED = frozenset({401, 403, 404})


def walk(resolver: URLResolver, namespaces: tuple[str, ...] = ()) -> Iterator[str]:
    """Give the name of every address, its route when it has no name."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield ":".join((*namespaces, pattern.name or f"({pattern.pattern})"))
        else:
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from walk(pattern, inner)


def names_by_room() -> dict[str, list[str]]:
    """Group the lines of the matrix by room."""
    rooms: dict[str, list[str]] = defaultdict(list)
    for name, rule in RULES.items():
        if isinstance(rule, Rule):
            rooms[name.partition(":")[0]].append(name)
    return rooms


def passes(response: TestResponse) -> bool:
    """Did the request get beyond the question of rights?"""
    if response.status_code in _REFUSED:
        return False
    location = response.headers.get("Location", "")
    is_sign_in = urlsplit(location).path == settings.LOGIN_URL
    return not (response.status_code in {302, 303} and is_sign_in and "next=" in location)


def test_every_address_has_a_line_in_the_matrix() -> None:
    missing = sorted({name for name in walk(get_resolver()) if rule_for(name) is None})
    assert not missing, f"add a line to tests/rights.py for: {', '.join(missing)}"


def test_no_line_speaks_of_an_address_that_is_gone() -> None:
    names = set(walk(get_resolver()))
    gone = [name for name in RULES if not name.endswith(":*") and name not in names]
    assert not gone


@pytest.mark.parametrize("room", sorted(names_by_room()))
def test_each_profile_passes_where_the_matrix_says_and_nowhere_else(
    room: str, cast: Cast, client_of: ClientOf
) -> None:
    jars = {
        profile: client_of(None if profile == "nobody" else getattr(cast, profile)).cookies
        for profile in PROFILES
    }
    old_jars = {
        profile: verified_client(getattr(cast, profile), is_recent=False).cookies
        for profile in PROFILES
        if profile != "nobody"
    }
    wrong = []
    for row, name in enumerate(names_by_room()[room]):
        rule = RULES[name]
        assert isinstance(rule, Rule)
        address = reverse(name, kwargs=dict(rule.at(cast))) + rule.query
        for verb in ("GET", "POST"):
            allowed: frozenset[str] | None = getattr(rule, verb)
            for column, (profile, recent) in enumerate(jars.items()):
                # Of those who may not every other one has an old proof: refused, never asked.
                is_old = profile not in (allowed or ()) and (row + column) % 2
                jar = old_jars.get(profile, recent) if is_old else recent
                response = ask(verb, address, jar, rule.data(cast) if verb == "POST" else {})
                if allowed is None:
                    if response.status_code not in {405, *_REFUSED} and passes(response):
                        wrong.append(f"{verb} {name}: {profile} gets {response.status_code}")
                elif passes(response) != (profile in allowed):
                    wrong.append(f"{verb} {name}: {profile} gets {response.status_code}")
    assert not wrong, "\n".join(wrong)


def ask(verb: str, address: str, jar: Any, data: Any) -> TestResponse:
    """Ask as the owner of the cookies, and undo whatever the answer did."""
    client = Client()
    client.cookies = copy.deepcopy(jar)
    with transaction.atomic():
        response = client.post(address, data) if verb == "POST" else client.get(address)
        transaction.set_rollback(True)
    return response


def test_the_page_of_rights_is_up_to_date() -> None:
    assert RIGHTS_PAGE.read_text(encoding="utf-8") == write_rights(), (
        "run: DJANGO_SETTINGS_MODULE=ent.settings.test python -m tests.rights"
    )
