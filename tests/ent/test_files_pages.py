"""The download as a browser makes it (T-F12)."""

from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from directory.models import Person
from ent.files.handoff import HandoffTicket, request_handoff
from ent.files.purposes import register_purpose
from ent.files.responses import remember_handoff
from ent.files.writing import create_file
from ent.jobs.running import run_now
from tests.cast import Cast

pytestmark = pytest.mark.django_db

SignIn = Callable[[Person | None], Client]
CONTENT = b"rne;uid\r\n" * 1000


def _ask(client: Client, person: Person, *, name: str = "ENT-Identifiants-0541111A.csv") -> str:
    """Ask for a file as a page of a higher room does; return the address of the download."""
    register_purpose("tests", may_download=lambda file, uuid: uuid == person.uuid)
    with create_file(name=name, media_type="text/csv", purpose="tests") as out:
        out.write(CONTENT)
    session_key = client.session.session_key or ""
    ticket = request_handoff(file=out.file, actor=person.uuid, session_key=session_key)
    run_now(ticket.job)
    _keep_cookie(client, ticket)
    return reverse("files:download", args=[ticket.handoff.uuid])


def _keep_cookie(client: Client, ticket: HandoffTicket) -> None:
    response = HttpResponse()
    remember_handoff(response, ticket)
    client.cookies.update(response.cookies)


def test_the_file_comes_as_an_attachment_that_nobody_keeps(cast: Cast, client_of: SignIn) -> None:
    client = client_of(cast.manager_a)
    answer = client.get(_ask(client, cast.manager_a))

    assert answer.getvalue() == CONTENT
    assert answer["Content-Type"] == "text/csv"
    assert answer["Content-Length"] == str(len(CONTENT))
    assert answer["Content-Disposition"] == 'attachment; filename="ENT-Identifiants-0541111A.csv"'
    assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", "))
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_an_accented_name_stays_readable(cast: Cast, client_of: SignIn) -> None:
    client = client_of(cast.manager_a)
    answer = client.get(_ask(client, cast.manager_a, name="Collège d’Épinal.csv"))

    assert (
        "filename*=utf-8''Coll%C3%A8ge%20d%E2%80%99%C3%89pinal.csv" in answer["Content-Disposition"]
    )


def test_a_shared_link_gives_nothing(cast: Cast, client_of: SignIn) -> None:
    client = client_of(cast.manager_a)
    address = _ask(client, cast.manager_a)

    assert client_of(cast.manager_b).get(address).status_code == 404
    assert client_of(cast.manager_a).get(address).status_code == 404  # another session of hers
    assert client_of(None).get(address).status_code == 302
    assert client.post(address).status_code == 405
    stolen = client_of(cast.manager_b)
    stolen.cookies.update({k: v for k, v in client.cookies.items() if "file" in k})
    assert stolen.get(address).status_code == 404
    assert client.get(address).status_code == 200


def test_a_range_and_a_head_do_not_get_around(cast: Cast, client_of: SignIn) -> None:
    client = client_of(cast.manager_a)
    address = _ask(client, cast.manager_a)

    part = client.get(address, headers={"Range": "bytes=0-9"})
    assert part.status_code == 200
    assert part.getvalue() == CONTENT
    assert client.head(address).headers["Content-Length"] == str(len(CONTENT))


def test_the_cookie_stays_in_its_browser(cast: Cast, client_of: SignIn, settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    client = client_of(cast.manager_a)
    _ask(client, cast.manager_a)

    (name,) = [name for name in client.cookies if "file" in name]
    cookie = client.cookies[name]
    assert name.startswith("__Host-")
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Strict"
    assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert int(cookie["max-age"]) <= 1200
