"""A stand-in for an academy's CAS server: answers as told, well or badly."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from django.test import Client

if TYPE_CHECKING:
    from tests.kit.responses import TestResponse

from accounts.enums import AccountKind, AccountState, Audience, DoorKind, MatchOn
from accounts.models import Account, CasServer, Door
from directory.enums import Category, Degree, Profile
from directory.models import Authority, Record, School
from tests import factories as make
from tests.kit import canaries

_NAMESPACE = "http://www.yale.edu/tp/cas"


@dataclass
class StandIn:
    """What the server answers: tickets it knows, or a way of failing."""

    url: str = ""
    mode: str = "cas"
    body: bytes = b""
    tickets: dict[str, tuple[str, dict[str, list[str]]]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    def issue(self, ticket: str, user: str, **attributes: str | list[str]) -> str:
        """Make the server know a ticket, once."""
        self.tickets[ticket] = (
            user,
            {name: [v] if isinstance(v, str) else v for name, v in attributes.items()},
        )
        return ticket

    def answer(self, query: dict[str, str]) -> bytes:
        """The answer to a validation, as CAS 2 and 3 write it."""
        known = self.tickets.pop(query.get("ticket", ""), None)
        if known is None:
            inner = (
                '<cas:authenticationFailure code="INVALID_TICKET">no</cas:authenticationFailure>'
            )
        else:
            user, attributes = known
            said = "".join(
                f"<cas:{name}>{escape(value)}</cas:{name}>"
                for name, values in attributes.items()
                for value in values
            )
            inner = (
                f"<cas:authenticationSuccess><cas:user>{escape(user)}</cas:user>"
                f"<cas:attributes>{said}</cas:attributes></cas:authenticationSuccess>"
            )
        return (
            f"<cas:serviceResponse xmlns:cas='{_NAMESPACE}'>{inner}</cas:serviceResponse>"
        ).encode()


@contextmanager
def stand_in() -> Iterator[StandIn]:
    """Run one; whatever hangs is let go at the end."""
    state = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
            state.asked.append({**query, "path": urlsplit(self.path).path})
            if state.mode == "slow" and not state.let_go.wait(1.4):
                state.mode = "hang"  # the next request finds a server that has died meanwhile
            elif state.mode == "hang":
                state.let_go.wait(60)
                return
            if state.mode == "drip":
                self._drip()
                return
            if state.mode == "moved":
                self.send_response(302)
                self.send_header("Location", f"{state.url}elsewhere")
                self.end_headers()
                return
            body = state.body if state.mode == "body" else state.answer(query)
            self.send_response(500 if state.mode == "broken" else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _drip(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not state.let_go.wait(0.2):
                try:
                    self.wfile.write(b"a")
                    self.wfile.flush()
                except OSError:
                    return

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: object) -> None:
            pass  # a client that left

    server = Server(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}/cas/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield state
    finally:
        state.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()


def academic_door(authority: Authority, url: str, **fields: object) -> Door:
    """An open academic door of the staff, matched by the attribute `mail`."""
    door = Door.objects.create(
        code=f"{authority.code.lower()}-agents",
        authority=authority,
        label=f"de l’académie {authority.name.removeprefix('Académie ')}",
        kind=DoorKind.CAS,
        audiences=[Audience.TEACHER.value, Audience.STAFF.value],
        match_on=MatchOn.EMAIL,
        match_attribute="mail",
    )
    CasServer.objects.create(door=door, **{"public_url": url, **fields})
    return Door.objects.select_related("cas", "authority").get(pk=door.pk)


def academic_account(
    school: School, *, email: str, key: str = "", name: str = "Jeanne", **person: object
) -> Account:
    """A teacher of the feed: a record of the school's authority, an account that waits."""
    fields = {"given_name": name, "family_name": "Dupont", "profile": Profile.TEACHER, **person}
    made = make.make_person(school=school, email=email, **fields)  # type: ignore[arg-type]
    number = key or str(made.pk)
    Record.objects.create(
        authority=school.authority,
        degree=Degree.SECOND,
        category=Category.STAFF,
        external_id=number,
        person=made,
        checksum=b"0" * 16,
    )
    return make.make_account(
        person=made,
        kind=AccountKind.ACADEMIC,
        state=AccountState.PENDING,
        login=f"{name.lower()}.dupont.{made.pk}",
    )


def leave(client: Client, door: Door, query: str = "", **posted: str) -> str:
    """Press the door's button; return the address at the academy."""
    answer = client.post(f"/connexion/{door.code}/{query}", posted)
    assert answer.status_code == 200, answer.content.decode()
    wait, _, address = answer.headers["Refresh"].partition("; url=")
    assert wait == "0"
    return address


def come_back(client: Client, door: Door, ticket: str) -> TestResponse:
    """Arrive from the academy with a ticket, which no log may hold."""
    canaries.watch(ticket)
    return client.get(f"/guichet/{door.code}/", {"ticket": ticket})


def who(client: Client) -> str | None:
    """Return the login that « Mon compte » shows to this browser, None when nobody is in."""
    page = client.get("/mon-compte/")
    if page.status_code != 200:
        return None
    return str(page.context["request"].user.login)
