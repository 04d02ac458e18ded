"""School hosts serve public pages only; a stranger host is a 400 (R-A1, T-B9)."""

from __future__ import annotations

import pytest
from django.test import Client, override_settings
from pytest_django import Settings

from portal.models import SchoolPage
from tests import factories as make


@pytest.mark.django_db
def test_a_school_has_its_page_on_its_own_sub_domain() -> None:
    """R-A1: same page, canonical on the portal host."""
    school = make.make_school(name="Collège Colette")
    response = Client(SERVER_NAME=f"{school.slug}.localhost").get("/")
    text = response.content.decode()
    assert response.status_code == 200
    assert "<h1>Collège Colette</h1>" in text
    assert f'href="http://127.0.0.1:8000/connexion/?etablissement={school.uai}"' in text
    assert f'rel="canonical" href="http://127.0.0.1:8000/etablissements/{school.slug}/"' in text
    assert 'href="http://127.0.0.1:8000/informations/aide/"' in text


@pytest.mark.django_db
@override_settings(ALLOWED_HOSTS=["www.college-b.example"])
def test_a_school_may_have_a_domain_of_its_own() -> None:
    """R-A1: then that domain is canonical."""
    school = make.make_school(name="Collège B")
    SchoolPage.objects.create(school=school, own_host="www.college-b.example")
    text = Client(SERVER_NAME="www.college-b.example").get("/").content.decode()
    assert "<h1>Collège B</h1>" in text
    assert 'rel="canonical" href="http://www.college-b.example/"' in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/connexion/", "/accueil/", "/annuaire/?q=x", "/operateurs/", "/sante/", "/n-importe"]
)
def test_everything_else_on_a_school_host_is_sent_to_the_portal_host(path: str) -> None:
    """R-A1: no signed-in page, no cookie, on a school's host."""
    school = make.make_school()
    response = Client(SERVER_NAME=f"{school.slug}.localhost").get(path)
    assert response.status_code == 302
    assert response.headers["Location"] == f"http://127.0.0.1:8000{path}"
    assert not response.cookies


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example", "/\r\nSet-Cookie:a=b"])
def test_the_redirection_never_leaves_the_portal_host(path: str) -> None:
    """T-B6: the target begins with our own scheme and host, whatever the path."""
    school = make.make_school()
    response = Client(SERVER_NAME=f"{school.slug}.localhost").get("/", PATH_INFO=path)
    assert response.status_code in (302, 404)
    if response.status_code == 302:
        assert response.headers["Location"].startswith("http://127.0.0.1:8000/")
        assert "\n" not in response.headers["Location"]


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["inconnu.localhost", "evil.example", "127.0.0.1.evil.example"])
def test_a_stranger_host_is_a_400(host: str) -> None:
    """T-B9."""
    make.make_school()
    assert Client(SERVER_NAME=host).get("/").status_code == 400


@pytest.mark.django_db
def test_a_closed_school_has_no_host() -> None:
    """A structure that is not open is as unknown as any other."""
    school = make.make_school(is_active=False)
    assert Client(SERVER_NAME=f"{school.slug}.localhost").get("/").status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/static/css/rien.css", "/n-importe"])
def test_only_our_own_hosts_answer_for_their_sub_domains(path: str, settings: Settings) -> None:
    """T-B8: HSTS on a school's own domain leaves the school's other hosts alone."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.SECURE_HSTS_SECONDS = 63_072_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    settings.SECURE_HSTS_PRELOAD = True
    school = make.make_school(name="Collège B")
    SchoolPage.objects.create(school=school, own_host="www.college-b.example")
    whole = "max-age=63072000; includeSubDomains; preload"
    for host, expected in (
        ("127.0.0.1", whole),
        (f"{school.slug}.localhost", whole),
        ("www.college-b.example", "max-age=63072000"),
        ("localhost.example", "max-age=63072000"),  # nobody's, a 400
    ):
        answer = Client(SERVER_NAME=host).get(path, secure=True)
        assert answer.headers["Strict-Transport-Security"] == expected, host
        assert "Strict-Transport-Security" not in Client(SERVER_NAME=host).get(path).headers
