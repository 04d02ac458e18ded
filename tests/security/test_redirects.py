"""After a sign-in nobody is sent anywhere but to an address of this portal (T-B6)."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.test import Client

from signin.destinations import safe_path
from tests import factories as make
from tests.accounts.signing import no_terms, sign_in
from tests.kit.trying import trying

pytestmark = pytest.mark.django_db

HOSTILE = [
    "https://evil.example/",
    "http://evil.example",
    "HTTPS://EVIL.EXAMPLE/",
    "hTtPs:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example/accueil/",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    "/accueil/\r\nSet-Cookie: a=b",
    "/accueil/%0d%0aLocation:%20https://evil.example",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "%2f%2fevil.example",
    "/%252f%252fevil.example",
    "@evil.example",
    "/@evil.example",
    "https://testserver@evil.example/",
    "https://testserver:80@evil.example/",
    "https://testserver.evil.example/",
    "https://evil.example#testserver",
    "https://evil.example?testserver",
    "https://evil.example\\@testserver/",
    "http://testserver:8080/accueil/",
    "https://xn--vil-epa.example/",
    "https://ｅｖｉｌ.example/",
    "//evil。example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "ftp://evil.example/",
    "mailto:a@evil.example",
    "accueil/",
    ".//evil.example",
    "/accueil/../../evil.example",
    "/..//evil.example",
    "/%2e%2e/%2e%2e//evil.example",
    "/rien-de-tel/",
    "/\u2028/evil.example",
    "/ evil.example",
    " /accueil/",
    "/accueil/" + "a" * 2000,
    "https://[::1]/",
    "http://[evil",
]
MIRE = ("/connexion/", "/connexion/autres-comptes/", "/connexion/mot-de-passe-oublie/")


@pytest.fixture
def login() -> str:
    no_terms()
    person = make.make_person(given_name="Manon", family_name="Eleve", school=make.make_school())
    return make.make_account(person=person).login


def with_query(path: str, **query: str) -> str:
    """Return the address with its query."""
    return f"{path}?{urlencode(query)}"


@pytest.mark.parametrize("parameter", ["next", "service"])
def test_a_hostile_destination_is_dropped(parameter: str, login: str) -> None:
    """T-B6: through the form, the connected page; through the page, never written anywhere."""
    for hostile in HOSTILE:
        with trying(hostile):
            query = with_query("", **{parameter: hostile})
            answer = sign_in(Client(), login, make.PASSWORD, query=query)
            assert (answer.status_code, answer.headers["Location"]) == (303, "/accueil/")
            assert "ticket=" not in answer.headers["Location"]


def test_a_destination_with_a_nul_is_not_understood_at_all(login: str) -> None:
    """T-B6: no address of ours holds a NUL; the whole request is refused."""
    assert (
        sign_in(Client(), login, make.PASSWORD, query="?next=%2F%00accueil%2F").status_code == 400
    )


def test_no_link_of_the_mire_carries_a_hostile_destination() -> None:
    """T-B6: the destination is not carried from page to page either."""
    form = {"profil": "autres", "guichet-autres": "autres-comptes"}
    for hostile in HOSTILE:
        for path in MIRE:
            with trying(hostile, path):
                page = Client().get(path, {"next": hostile}).content.decode()
                for link in page.split('href="')[1:]:
                    assert "evil" not in link.split('"')[0]
        with trying(hostile):
            answer = Client().post(f"/connexion/?next={hostile.encode().hex()}", form)
            assert answer.headers["Location"].startswith("/connexion/autres-comptes/")


def test_the_password_confirmation_does_not_lead_away(login: str) -> None:
    """T-B6, on the other page that comes back."""
    for hostile in HOSTILE:
        with trying(hostile):
            client = Client()
            sign_in(client, login, make.PASSWORD)
            path = with_query("/mon-compte/confirmer/", next=hostile)
            answer = client.post(path, {"password": make.PASSWORD})
            assert answer.headers["Location"] == "/accueil/"


@pytest.mark.parametrize(
    "path", ["/accueil/", "/mon-compte/", "/mon-compte/mot-de-passe/?page=2&tri=nom"]
)
def test_an_address_of_ours_is_kept_byte_for_byte(path: str, login: str) -> None:
    assert safe_path(path) == path
    answer = sign_in(Client(), login, make.PASSWORD, query=with_query("", next=path))
    assert answer.headers["Location"] == path
