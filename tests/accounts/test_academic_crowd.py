"""A crowd at the door of an academy that hangs: told soon, and nobody else notices (T-E8).

The full size (100 at once, figures in docs/reliability.md) runs with `make faults`.
"""

from __future__ import annotations

import os
import re
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from accounts.models import Door, DoorHealth
from tests import factories as make
from tests.accounts.academy import StandIn, academic_door
from tests.accounts.signing import no_terms
from tests.kit.server import LiveSite

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_LOCALS = 3
_TRIES = 5


class Visitor:
    """A browser without pictures."""

    def __init__(self, site: LiveSite) -> None:
        self.site = site
        self.session = requests.Session()
        self.session.trust_env = False
        self.times: list[float] = []
        self.outcome = 0

    def request(self, verb: str, path: str, **options: object) -> requests.Response:
        began = time.monotonic()
        answer = self.session.request(
            verb,
            self.site.url_for(path),
            timeout=60,
            allow_redirects=False,
            **options,  # type: ignore[arg-type]
        )
        self.times.append(time.monotonic() - began)
        return answer

    def token(self, path: str) -> str:
        found = _TOKEN.search(self.request("GET", path).text)
        assert found is not None
        return found[1]

    def leave(self, door: Door) -> None:
        path = f"/connexion/{door.code}/"
        answer = self.request("POST", path, data={"csrfmiddlewaretoken": self.token(path)})
        assert "Refresh" in answer.headers

    def look(self, door: Door) -> None:
        self.request("GET", f"/connexion/{door.code}/")

    def come_back(self, door: Door, ticket: str) -> None:
        """As a browser does: a page that asks again by itself is asked again."""
        path = f"/guichet/{door.code}/?ticket={ticket}"
        for _ in range(_TRIES):
            answer = self.request("GET", path)
            self.outcome = answer.status_code
            wait, _, again = answer.headers.get("Refresh", "").partition("; url=")
            if not again:
                return
            time.sleep(float(wait))
            path = again

    def sign_in(self, login: str) -> None:
        path = "/connexion/autres-comptes/"
        token = self.token(path)
        data = {"csrfmiddlewaretoken": token, "username": login, "password": make.PASSWORD}
        answer = self.request("POST", path, data=data)
        self.outcome = answer.status_code


def local_sign_ins(site: LiveSite, logins: list[str], until: Callable[[], bool]) -> list[float]:
    """Sign pupils in again and again until told; return how long each sign-in took."""
    took: list[float] = []

    def run(login: str) -> None:
        while not until():
            visitor = Visitor(site)
            visitor.sign_in(login)
            assert visitor.outcome in {303, 503}, visitor.outcome
            took.append(sum(visitor.times))

    with ThreadPoolExecutor(len(logins)) as pool:
        for future in [pool.submit(run, login) for login in logins]:
            future.result()
    return took


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


@pytest.fixture
def hanging(live_site: LiveSite, academy: StandIn) -> Door:
    no_terms()
    academy.mode = "hang"
    return academic_door(make.make_authority(code="NANCY-METZ"), academy.url)


def everybody(visitors: list[Visitor], act: Callable[[int, Visitor], None]) -> list[float]:
    """Let all of them act at the same moment; return how long each of their answers took."""
    start = threading.Barrier(len(visitors))

    def run(numbered: tuple[int, Visitor]) -> None:
        number, visitor = numbered
        visitor.times.clear()
        start.wait()
        act(number, visitor)

    with ThreadPoolExecutor(len(visitors)) as pool:
        list(pool.map(run, enumerate(visitors)))
    return [took for visitor in visitors for took in visitor.times]


def crowd(site: LiveSite, door: Door, academy: StandIn, size: int) -> None:
    """A crowd comes back from an academy that hangs, while others sign in by a local door."""
    logins = [
        make.make_account(person=make.make_person(given_name=f"Local{n}")).login
        for n in range(_LOCALS)
    ]
    visitors = [Visitor(site) for _ in range(size)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda visitor: visitor.leave(door), visitors))
    calm_until = time.monotonic() + 6
    before = local_sign_ins(site, logins, lambda: time.monotonic() > calm_until)

    floor = everybody(visitors, lambda number, visitor: visitor.look(door))
    done = threading.Event()
    during: list[float] = []
    others = threading.Thread(
        target=lambda: during.extend(local_sign_ins(site, logins, done.is_set))
    )
    others.start()
    answers = everybody(
        visitors, lambda number, visitor: visitor.come_back(door, f"ST-{number}-crowd")
    )
    done.set()
    others.join()
    said = (
        f"{size} at once, answers: median {statistics.median(answers):.2f} s,"
        f" p95 {percentile(answers, 0.95):.2f} s, longest {max(answers):.2f} s"
        f" (the door's page by the same crowd, before: median {statistics.median(floor):.2f} s,"
        f" longest {max(floor):.2f} s); requests that the academy got: {len(academy.asked)};"
        f" local sign-ins (page and post) before: {len(before)},"
        f" median {statistics.median(before):.2f} s, p95 {percentile(before, 0.95):.2f} s;"
        f" meanwhile: {len(during)}, median {statistics.median(during):.2f} s,"
        f" p95 {percentile(during, 0.95):.2f} s"
    )
    if path := os.environ.get("PREAU_FIGURES"):
        Path(path).write_text(said + "\n", encoding="utf-8")
    # One deadline and what this machine takes for as many pages of its own, no more.
    assert max(answers) < 5 + 1.5 * max(floor), said
    assert {visitor.outcome for visitor in visitors} == {503}
    assert DoorHealth.objects.get(door=door).failures >= 1
    assert len(academy.asked) <= 8, said
    assert statistics.median(during) < max(3 * statistics.median(before), 2.0), said


@pytest.mark.slow
def test_ten_at_the_door_of_a_dead_academy(
    live_site: LiveSite, hanging: Door, academy: StandIn
) -> None:
    crowd(live_site, hanging, academy, 10)


@pytest.mark.faults
def test_a_hundred_at_the_door_of_a_dead_academy(
    live_site: LiveSite, hanging: Door, academy: StandIn
) -> None:
    crowd(live_site, hanging, academy, 100)
