"""However many sign-ins arrive, hashing takes its share of the machine and no more (T-A10)."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from accounts.local import secrets
from ent.processes import WEB
from signin import places as gate
from signin.passwords import hashing
from signin.throttle.models import ThrottleCounter
from tests import factories as make
from tests.accounts.signing import GOOD_PASSWORD, make_pending, no_terms, sign_in
from tests.kit.ports import free_port
from tests.kit.server import start_process, stop_process, wait_until_it_answers

DOOR = "/connexion/autres-comptes/"


@pytest.fixture
def narrow(settings: Settings, tmp_path: Path) -> None:
    """A machine of one place, where nobody waits for it, and one slot, with files of its own."""
    settings.VAR_DIR = tmp_path
    settings.SIGN_IN_PLACES = 1
    settings.SIGN_IN_WAITING = 0
    settings.SIGN_IN_HASH_SLOTS = 1


def test_a_place_that_is_taken_is_refused_at_once(narrow: None) -> None:
    began = time.monotonic()
    with gate.sign_in_place(), pytest.raises(gate.TooBusyError), gate.sign_in_place():
        pass
    assert time.monotonic() - began < 1
    with gate.sign_in_place():
        pass


def test_a_few_wait_in_front_and_who_comes_after_them_is_refused_at_once(
    narrow: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "LOOK_AGAIN_MILLISECONDS", 60_000)  # woken, or never
    settings.SIGN_IN_WAITING = 2
    entered = Counter[str]()
    waits = threading.Semaphore(0)
    wait_for = gate.wait_for

    def announced(kind: str, count: int) -> int:
        waits.release()
        return wait_for(kind, count)

    monkeypatch.setattr(gate, "wait_for", announced)

    def enter() -> None:
        with gate.sign_in_place():
            entered[threading.current_thread().name] += 1

    waiting = [threading.Thread(target=enter, name=f"waiting {n}") for n in range(2)]
    with gate.sign_in_place():
        for thread in waiting:
            thread.start()
            assert waits.acquire(timeout=5)
        began = time.monotonic()
        with pytest.raises(gate.TooBusyError), gate.sign_in_place():
            pass
        assert time.monotonic() - began < 1
        assert not entered
    for thread in waiting:
        thread.join(10)
    assert entered == {"waiting 0": 1, "waiting 1": 1}
    with gate.sign_in_place():
        pass


def test_who_waits_in_front_too_long_is_told_and_leaves_the_queue(
    narrow: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "LONGEST_WAIT_SECONDS", 0.1)
    settings.SIGN_IN_WAITING = 1
    with gate.sign_in_place():
        for _ in range(2):
            began = time.monotonic()
            with pytest.raises(gate.TooBusyError), gate.sign_in_place():
                pass
            assert time.monotonic() - began >= 0.1


_HOLD = """
import django, sys, time
django.setup()
from django.conf import settings
settings.VAR_DIR = sys.argv[1]
settings.SIGN_IN_PLACES = 1
from signin.places import sign_in_place
with sign_in_place():
    print("held", flush=True)
    time.sleep(120)
"""


def test_the_bound_holds_across_processes_and_a_dead_one_gives_its_place_back(
    narrow: None, tmp_path: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ},
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(gate.TooBusyError), gate.sign_in_place():
            pass
        holder.kill()
    with gate.sign_in_place():
        pass


def test_hashes_wait_for_their_turn(narrow: None) -> None:
    running, most = [0], [0]
    lock = threading.Lock()

    def work() -> None:
        with gate.hash_slot():
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            time.sleep(0.01)
            with lock:
                running[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 1


def test_who_waits_is_woken_and_does_not_look_again_by_itself(
    narrow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking every other millisecond took a tenth of the machine at eight in the morning."""
    monkeypatch.setattr(gate, "LOOK_AGAIN_MILLISECONDS", 60_000)
    looks = Counter[str]()
    try_lock = gate.try_lock

    def counted(kind: str, count: int) -> int | None:
        looks[threading.current_thread().name] += 1
        return try_lock(kind, count)

    monkeypatch.setattr(gate, "try_lock", counted)
    finished = threading.Event()

    def wait() -> None:
        with gate.hash_slot():
            finished.set()

    with gate.hash_slot():
        waiting = threading.Thread(target=wait, name="waiting")
        waiting.start()
        assert not finished.wait(0.2)
    assert finished.wait(5)
    waiting.join()
    assert looks["waiting"] == 3  # when it came, when it heard the bell, when that rang


_HOLD_SLOT = _HOLD.replace("SIGN_IN_PLACES", "SIGN_IN_HASH_SLOTS").replace(
    "sign_in_place", "hash_slot"
)


def test_a_hash_that_is_killed_gives_its_slot_back_without_ringing(
    narrow: None, tmp_path: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD_SLOT, str(tmp_path)],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ},
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        threading.Timer(0.1, holder.kill).start()
        with gate.hash_slot():
            assert holder.wait(5) < 0


def test_who_waits_too_long_is_told(narrow: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "LONGEST_WAIT_SECONDS", 0.1)
    with gate.hash_slot(), pytest.raises(gate.TooBusyError), gate.hash_slot():
        pass
    with gate.hash_slot():
        pass


@pytest.mark.django_db
def test_beyond_the_bound_the_answer_is_503_and_nothing_is_counted(narrow: None) -> None:
    with gate.sign_in_place():
        answer = sign_in(Client(), "personne", "faux")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "recommencez dans un instant" in answer.content.decode()
    assert not ThrottleCounter.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "page", ["mon-compte/mot-de-passe/", "mon-compte/confirmer/", "messagerie/preferences/adresse/"]
)
def test_reading_a_page_that_asks_for_a_password_needs_no_place(page: str, narrow: None) -> None:
    no_terms()
    client = Client()
    client.force_login(make.make_account(person=make.make_person(school=make.make_school())))
    with gate.sign_in_place():
        assert client.get(f"/{page}").status_code == 200
        assert client.post(f"/{page}", {"current_password": "x"}).status_code == 503


@pytest.mark.django_db
def test_a_password_of_more_than_256_characters_is_refused_before_hashing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*args: object) -> None:
        raise AssertionError("hashed")

    monkeypatch.setattr(secrets, "check_secret", never)
    for length in (257, 1_000_000):
        answer = sign_in(Client(), "personne", "x" * length)
        assert answer.status_code == 400
        assert "256" in answer.content.decode()
    with pytest.raises(AssertionError, match="hashed"):
        sign_in(Client(), "personne", "x" * 256)


@pytest.mark.django_db
def test_a_new_password_of_more_than_256_characters_is_refused_before_hashing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_terms()
    account, code = make_pending()
    client = Client()
    sign_in(client, account.login, code)

    def never(*args: object) -> None:
        raise AssertionError("hashed")

    monkeypatch.setattr(hashing, "hash_password", never)
    for length, statuses in ((257, {200, 400}), (1_000_000, {413})):
        form = {"new_password": "xyz!" * length, "confirmation": "xyz!" * length}
        answer = client.post("/premiers-pas/mot-de-passe/", form)
        assert answer.status_code in statuses
        assert length == 257 or "2\u00a0Mo en tout" in answer.content.decode()
    assert sign_in(Client(), account.login, GOOD_PASSWORD).status_code == 200


@pytest.fixture
def small_site(transactional_db: None) -> Iterator[str]:
    """A server of three processes: one sign-in may be under way, and one wait for that."""
    address = f"127.0.0.1:{free_port()}"
    live = start_process(
        WEB,
        BIND=address,
        WEB_PROCESSES="3",
        SIGN_IN_PLACES="1",
        SIGN_IN_WAITING="1",
        LOG_LEVEL="WARNING",
    )
    wait_until_it_answers(f"http://{address}", live)
    yield f"http://{address}"
    stop_process(live)


@pytest.mark.slow
def test_signed_in_pages_stay_quick_under_a_flood_of_sign_ins(small_site: str) -> None:
    """T-A10, small size: six clients that never stop, two hundred tries (60 s in the bench)."""
    no_terms()
    person = make.make_person(given_name="Manon", family_name="Eleve", school=make.make_school())
    client = Client()
    client.force_login(make.make_account(person=person))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    quiet = [_read(small_site, session) for _ in range(20)]
    answers: Counter[int] = Counter()
    floods = [threading.Thread(target=_flood, args=(small_site, n, answers)) for n in range(6)]
    for flood in floods:
        flood.start()
    flooded = []
    while any(flood.is_alive() for flood in floods):
        flooded.append(_read(small_site, session))
    for flood in floods:
        flood.join()
    assert set(answers) <= {200, 429, 503}, answers
    assert answers[503] > 0, answers
    # A second, or a few times what the page takes on this machine when nothing else happens.
    assert _p95(flooded) < max(1.0, 8 * _p95(quiet)), (answers, flooded)


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def _read(url: str, session: str) -> float:
    began = time.monotonic()
    request = urllib.request.Request(f"{url}/mon-compte/")
    request.add_header("Cookie", f"{settings.SESSION_COOKIE_NAME}={session}")
    with urllib.request.urlopen(request, timeout=30) as page:
        assert page.url.endswith("/mon-compte/")
    return time.monotonic() - began


def _flood(url: str, number: int, answers: Counter[int]) -> None:
    for tried in range(33):
        answers[_post(url, f"personne.{number}.{tried}")] += 1


def _post(url: str, login: str) -> int:
    """Post one wrong try as a program does: read the form, keep its cookie, send it back."""
    opener = urllib.request.build_opener()
    with opener.open(f"{url}{DOOR}", timeout=30) as page:
        text = page.read().decode()
        cookies = SimpleCookie(page.headers.get("Set-Cookie", ""))
    token = text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    form = {"csrfmiddlewaretoken": token, "username": login, "password": "faux"}
    header = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())
    request = urllib.request.Request(
        f"{url}{DOOR}", urllib.parse.urlencode(form).encode(), {"Cookie": header}
    )
    try:
        with opener.open(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
