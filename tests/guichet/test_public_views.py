"""Which pages of a guichet open without sign-in: this list, and no other."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from guichet.authority.models import Guichet
from tests.guichet import kit

PUBLIC = {
    *("", "entrer/", "quitter/", "quitter/termine/", "sante/"),
    *("identifiant/", "mot-de-passe/oublie/", "mot-de-passe/choisir/"),
    *("mot-de-passe/lien/<str:token>/", "couleurs/<slug:colour>.css", "logo/"),
    *("infos-securite/", "charte/", "guide-cle-otp/"),
}


def _addresses(patterns: object, prefix: str = "") -> list[tuple[str, URLPattern]]:
    found: list[tuple[str, URLPattern]] = []
    for one in patterns:  # type: ignore[attr-defined]
        path = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            found += _addresses(one.url_patterns, path)
        else:
            found.append((path, one))
    return found


def test_what_opens_without_sign_in_is_this_list() -> None:
    public = {
        path
        for path, one in _addresses(get_resolver().url_patterns)
        if getattr(one.callback, "login_required", True) is False and not path.startswith("cas/")
    }
    assert public == PUBLIC


@pytest.mark.django_db
def test_every_page_of_the_helpdesk_asks_for_its_right(guichet: Guichet) -> None:
    """A signed-in agent without the role, on every address under « assistance »."""
    agent = kit.make_agent(guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet)
    client = Client()
    kit.enter_by_key(client, agent.uid, kit.PIN + fob.code())
    desk = [path for path, _ in _addresses(get_resolver().url_patterns) if "assistance/" in path]
    assert len(desk) >= 7
    for path in desk:
        for name, value in (("<uuid:uuid>", agent.uuid), ("<uuid:key>", fob.row.uuid)):
            path = path.replace(name, str(value))
        address = "/" + path.replace("<slug:slug>", "code")
        assert client.get(address).status_code == 403, address
        assert client.post(address).status_code in {403, 405}, address
