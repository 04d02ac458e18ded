"""Browsers and services of the handshake bench: plain sockets, so that they cost little CPU."""

from __future__ import annotations

import http.client
import re
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, urlencode, urlsplit

SERVICE = "https://banc.example.fr/entree"
_INPUT = re.compile(r"<input[^>]*>")
_ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')


@dataclass(slots=True)
class Visit:
    """One person signed in on a server: the cookie jar, as a header."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self, verb: str, path: str, fields: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        """Status, Location and body of one request, on a connection of its own."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if fields is not None:
            body = urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Referer"] = f"http://127.0.0.1:{self.port}{path}"
        link.request(verb, path, body, headers)
        answer = link.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        link.close()
        return answer.status, answer.headers.get("Location") or "", text

    def sign_in(self, path: str, login: str, password: str) -> None:
        """Fill in the first form of the page."""
        _, _, page = self.ask("GET", path)
        fields = {}
        for tag in _INPUT.findall(page):
            found = dict(_ATTRIBUTE.findall(tag))
            if "name" in found:
                fields[found["name"]] = found.get("value", "")
        fields |= {"username": login, "password": password}
        fields.pop("warn", None)
        status, _, page = self.ask("POST", path, fields)
        if status not in {200, 302, 303} or 'type="password"' in page:
            raise RuntimeError(f"the sign-in of the bench answered {status}")

    def handshake(self) -> float:
        """Session → ticket → validation; the seconds that both requests took."""
        service = quote(SERVICE, safe="")
        began = time.perf_counter()
        status, location, _ = self.ask("GET", f"/cas/login?service={service}")
        ticket = parse_qs(urlsplit(location).query).get("ticket", [""])[0]
        if not ticket:
            raise RuntimeError(f"no ticket ({status}, {location[:80]})")
        query = f"ticket={ticket}&service={service}"
        _, _, body = Visit(self.port).ask("GET", f"/cas/serviceValidate?{query}")
        if "authenticationSuccess" not in body:
            raise RuntimeError(f"no success: {body[:200]}")
        return time.perf_counter() - began


def run(visits: list[Visit], each: int) -> tuple[float, list[float]]:
    """All visits at once, so many handshakes each: seconds of the whole, seconds of each."""
    times: list[float] = []
    faults: list[BaseException] = []

    def work(visit: Visit) -> None:
        try:
            mine = [visit.handshake() for _ in range(each)]
        except BaseException as fault:
            faults.append(fault)
        else:
            times.extend(mine)

    threads = [threading.Thread(target=work, args=(visit,)) for visit in visits]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return time.perf_counter() - began, times
