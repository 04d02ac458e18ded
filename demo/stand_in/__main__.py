"""Serve every played service: `python -m demo.stand_in PORT ENT_ADDRESS`.

A CAS client written from the protocol, on the other side: it imports nothing of the ENT, keeps its
sessions in memory, validates tickets over HTTP and ends the session that a logout request names.
"""

from __future__ import annotations

import secrets
import sys
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from lxml import etree

from demo.stand_in.catalogue import PLAYED, Played
from demo.stand_in.pages import page_of_user, page_without

_CAS: Final = {"cas": "http://www.yale.edu/tp/cas"}
_SAMLP: Final = {"samlp": "urn:oasis:names:tc:SAML:2.0:protocol"}
_OF_THE_PROTOCOL: Final = {
    "authenticationDate",
    "isFromNewLogin",
    "longTermAuthenticationRequestTokenUsed",
}
_LONGEST_BODY: Final = 20_000
_LEFT = "Vous avez quitté ce service. Votre connexion à l’ENT, elle, est toujours ouverte."
_REFUSED = "L’ENT n’a pas confirmé votre connexion. Recommencez."


@dataclass(frozen=True, slots=True)
class Visit:
    """A session of one service: who, by which ticket."""

    code: str
    ticket: str
    user: str
    attributes: list[tuple[str, str]]


class Visits:
    """The sessions of all the services, by key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._visits: dict[str, Visit] = {}

    def open(self, visit: Visit) -> str:
        """Keep a session; return its key."""
        key = secrets.token_urlsafe(24)
        with self._lock:
            self._visits[key] = visit
        return key

    def find(self, key: str, code: str) -> Visit | None:
        """Return the session of this key, when it is one of this service."""
        visit = self._visits.get(key)
        return visit if visit is not None and visit.code == code else None

    def end(self, *, key: str = "", ticket: str = "") -> None:
        """End the session of a key, or the one that a ticket opened."""
        with self._lock:
            self._visits.pop(key, None)
            for known in [k for k, v in self._visits.items() if ticket and v.ticket == ticket]:
                del self._visits[known]


class StandIn(ThreadingHTTPServer):
    """The server, with where the ENT is and who is in."""

    daemon_threads = True

    def __init__(self, port: int, ent: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.ent = ent.rstrip("/")
        self.visits = Visits()

    def address_of(self, played: Played) -> str:
        """The address under which the service is registered."""
        return f"http://127.0.0.1:{self.server_address[1]}/{played.code}/"


class Handler(BaseHTTPRequestHandler):
    """One request to one of the services."""

    server: StandIn

    def do_GET(self) -> None:
        """Show the page, take a ticket, or send to the ENT."""
        played, rest, query = self._read()
        if played is None:
            return self._answer(404, "Rien ici.")
        key = self._cookie(played)
        if rest == "quitter":
            self.server.visits.end(key=key)
            return self._answer(200, page_without(played, self.server.ent, _LEFT))
        if "ticket" in query:
            return self._enter(played, query["ticket"][0])
        visit = self.server.visits.find(key, played.code)
        if visit is not None:
            page = page_of_user(played, self.server.ent, visit.user, visit.attributes)
            return self._answer(200, page)
        asked = urlencode({"service": self.server.address_of(played)})
        return self._send_to(f"{self.server.ent}/cas/login?{asked}")

    def do_POST(self) -> None:
        """Hear that a sign-on is over (single logout, back channel)."""
        length = min(int(self.headers.get("Content-Length") or 0), _LONGEST_BODY)
        fields = parse_qs(self.rfile.read(length).decode("utf-8", "replace"))
        tree = _parse(fields.get("logoutRequest", [""])[0].encode())
        index = tree.findtext("samlp:SessionIndex", "", _SAMLP) if tree is not None else ""
        self.server.visits.end(ticket=(index or "").strip())
        self._answer(200, "")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: addresses hold tickets."""

    def _read(self) -> tuple[Played | None, str, dict[str, list[str]]]:
        parts = urlsplit(self.path)
        code, _, rest = parts.path.strip("/").partition("/")
        played = next((one for one in PLAYED if one.code == code), None)
        return played, rest, parse_qs(parts.query)

    def _cookie(self, played: Played) -> str:
        morsel = SimpleCookie(self.headers.get("Cookie", "")).get(f"demo_{played.code}")
        return morsel.value if morsel is not None else ""

    def _enter(self, played: Played, ticket: str) -> None:
        visit = self._validated(played, ticket)
        if visit is None:
            return self._answer(403, page_without(played, self.server.ent, _REFUSED))
        cookie = f"demo_{played.code}={self.server.visits.open(visit)}"
        return self._send_to(
            f"/{played.code}/", f"{cookie}; Path=/{played.code}/; HttpOnly; SameSite=Lax"
        )

    def _validated(self, played: Played, ticket: str) -> Visit | None:
        asked = urlencode({"service": self.server.address_of(played), "ticket": ticket})
        address = f"{self.server.ent}/cas/p3/serviceValidate?{asked}"
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310
                tree = _parse(answer.read(_LONGEST_BODY))
        except (urllib.error.URLError, OSError):
            return None
        success = tree.find("cas:authenticationSuccess", _CAS) if tree is not None else None
        user = success.findtext("cas:user", "", _CAS) if success is not None else ""
        if success is None or not user:
            return None
        attributes = [
            (name, one.text or "")
            for one in success.iterfind("cas:attributes/*", _CAS)
            if (name := etree.QName(one).localname) not in _OF_THE_PROTOCOL
        ]
        return Visit(played.code, ticket, user, attributes)

    def _send_to(self, address: str, cookie: str = "") -> None:
        self.send_response(303)
        self.send_header("Location", address)
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, status: int, page: str) -> None:
        body = page.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _parse(text: bytes) -> etree._Element | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        return etree.fromstring(text, parser) if text else None
    except etree.XMLSyntaxError:
        return None


if __name__ == "__main__":
    StandIn(int(sys.argv[1]), sys.argv[2]).serve_forever()
