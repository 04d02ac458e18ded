"""Coming in: by password, by key, for the first time; one refusal for everything else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guichet.authority.models import Guichet
from guichet.enums import KeySlot, KeyState, PageVariant, PinState
from guichet.keys.models import KeyAct
from signin.passwords import hashing
from signin.throttle import services as throttle
from tests.guichet import kit

pytestmark = pytest.mark.django_db


def test_a_password_opens(guichet: Guichet) -> None:
    kit.make_agent("ozwingelstein", guichet=guichet)
    client = Client()
    assert kit.is_in(kit.enter(client, " OZwingelstein ", kit.PASSWORD))
    assert "Odile" in client.get("/accueil/").content.decode()


def test_the_page_says_what_the_academy_says(guichet: Guichet) -> None:
    page = Client().get("/entrer/").content.decode()
    for words in (
        "Accédez à vos applications",
        "Authentification",
        "Mot de passe",
        "Clé de sécurité OTP",
        "Passcode OTP (Code PIN + code de la clé)",
        "Entrez uniquement le code qui s’affiche sur la clé OTP",
        "Identifiant et mot de passe académiques",
        "assistance@ac-nancy-metz.example",
        "03 83 00 00 00",
        "Académie de Nancy-Metz",
    ):
        assert words in page, words


@pytest.mark.parametrize(
    "spelling", ["{pin}{code}", "{pin} {code}", "{pin}-{code}", " {pin}\u00a0{code} "]
)
def test_pin_and_code_open_however_they_are_spaced(guichet: Guichet, spelling: str) -> None:
    agent = kit.make_agent(guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet)
    passcode = spelling.format(pin=kit.PIN, code=fob.code())
    assert kit.is_in(kit.enter_by_key(Client(), agent.uid, passcode))


def test_a_first_use_goes_by_a_second_code_and_a_pin(guichet: Guichet) -> None:
    """R-C3: nothing opens before both; the next sign-in asks for the PIN."""
    agent = kit.make_agent(guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet, state=KeyState.ASSIGNED)
    client = Client()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = kit.enter_by_key(client, agent.uid, fob.code())
        assert first.headers["Location"] == "/premiere-utilisation/second-code/"
        assert client.get("/accueil/").headers["Location"] == first.headers["Location"]
        again = client.post("/premiere-utilisation/second-code/", {"code": fob.code()})
        assert "déjà servi" in again.content.decode()
        clock.shift(60)
        second = client.post("/premiere-utilisation/second-code/", {"code": fob.code()})
        assert second.headers["Location"] == "/premiere-utilisation/code-pin/"
        assert client.get("/accueil/").headers["Location"] == second.headers["Location"]
        weak = {"pin": "123456", "confirmation": "123456"}
        assert (
            "suite de chiffres"
            in client.post("/premiere-utilisation/code-pin/", weak).content.decode()
        )
        good = {"pin": kit.PIN, "confirmation": kit.PIN}
        done = client.post("/premiere-utilisation/code-pin/", good)
        assert done.headers["Location"] == "/accueil/"
        assert fob.row.state == KeyState.ACTIVE
        assert (fob.row.slot, fob.row.pin_state) == (KeySlot.CURRENT, PinState.SET)
        clock.shift(60)
        assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, fob.code()))
        clock.shift(60)
        assert kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + fob.code()))


def test_the_next_key_ends_the_former_by_its_first_use(guichet: Guichet) -> None:
    """The unopened envelope changes nothing; the PIN of the new key does."""
    agent = kit.make_agent(guichet=guichet)
    former = kit.make_key(agent, guichet=guichet)
    following = kit.make_key(agent, guichet=guichet, state=KeyState.ASSIGNED)
    client = Client()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        kit.enter_by_key(client, agent.uid, following.code())
        assert former.row.state == KeyState.ACTIVE
        assert kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + former.code()))
        clock.shift(60)
        client.post("/premiere-utilisation/second-code/", {"code": following.code()})
        client.post("/premiere-utilisation/code-pin/", {"pin": kit.PIN, "confirmation": kit.PIN})
        assert following.row.slot == KeySlot.CURRENT
        assert former.row.state == KeyState.TO_RECOVER
        clock.shift(60)
        assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + former.code()))


def test_two_browsers_choose_a_pin_and_one_wins(guichet: Guichet) -> None:
    """T-D12: the other is told that nothing was recorded."""
    agent = kit.make_agent(guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet, state=KeyState.ASSIGNED)
    browsers = Client(), Client()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for browser in browsers:
            kit.enter_by_key(browser, agent.uid, fob.code())
            clock.shift(60)
        for browser in browsers:
            browser.post("/premiere-utilisation/second-code/", {"code": fob.code()})
            clock.shift(60)
        first, second = (
            browser.post(
                "/premiere-utilisation/code-pin/", {"pin": pin, "confirmation": pin}
            ).status_code
            for browser, pin in zip(reversed(browsers), ("590317", "206894"), strict=True)
        )
        assert (first, second) == (303, 409)
        assert kit.is_in(kit.enter_by_key(Client(), agent.uid, "590317" + fob.code()))


def test_a_code_never_passes_twice_nor_backwards(guichet: Guichet) -> None:
    """T-D3, T-D5: the same code, the one before, and one that a wrong PIN has burnt."""
    agent = kit.make_agent(guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        code, before = fob.code(), fob.code(after=-1)
        assert kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + code))
        assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + code))
        assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + before))
        clock.shift(60)
        burnt = fob.code()
        assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, "000000" + burnt))
        assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + burnt))


@pytest.mark.parametrize("variant", list(PageVariant))
def test_every_refusal_is_the_same_page(guichet: Guichet, variant: PageVariant) -> None:
    """T-D: wrong PIN, wrong code, unknown, lost, locked, expired, left: byte for byte."""
    guichet.variant = variant
    guichet.save()
    fobs = {}
    for name, state in (
        ("pin", KeyState.ACTIVE),
        ("code", KeyState.ACTIVE),
        ("lost", KeyState.LOST),
        ("locked", KeyState.LOCKED),
        ("left", KeyState.ACTIVE),
        ("new", KeyState.ASSIGNED),
    ):
        agent = kit.make_agent(f"agent-{name}", guichet=guichet)
        fobs[name] = kit.make_key(agent, guichet=guichet, state=state)
        if name == "left":
            agent.left_at = timezone.now()
            agent.save()
    typed = {
        "pin": "000000" + fobs["pin"].code(),
        "code": kit.PIN + _other(fobs["code"].code()),
        "lost": kit.PIN + fobs["lost"].code(),
        "locked": kit.PIN + fobs["locked"].code(),
        "left": kit.PIN + fobs["left"].code(),
        "new": "000000" + fobs["new"].code(),
        "nobody": kit.PIN + "123456",
    }
    pages = set()
    for name, passcode in typed.items():
        field = "password" if variant == PageVariant.SINGLE else "passcode"
        way = {"methode": "cle-otp"} if variant == PageVariant.CHOICE else {}
        posted = {"username": f"agent-{name}", field: passcode, **way}
        response = Client().post("/entrer/", posted)
        body = response.content.decode().replace(f"agent-{name}", "agent")
        body = re.sub(r'(csrfmiddlewaretoken" value=")[^"]+|nonce="[^"]+', r"\1", body)
        assert kit.REFUSED in body, name
        pages.add((response.status_code, body, tuple(sorted(response.cookies))))
    assert len(pages) == 1


def test_every_path_costs_one_argon2_and_the_same_statements(
    guichet: Guichet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T-D: a first use, a lost key and an unknown identifier included."""
    hashes: list[str] = []
    verify = hashing.verify_password

    def counted(password: str, encoded: str) -> bool:
        hashes.append("argon2")
        return verify(password, encoded)

    monkeypatch.setattr(hashing, "verify_password", counted)
    kit.enter_by_key(Client(), "warm-up", "123456789012")
    costs = set()
    for name, state in (
        ("active", KeyState.ACTIVE),
        ("lost", KeyState.LOST),
        ("locked", KeyState.LOCKED),
        ("new", KeyState.ASSIGNED),
        ("nobody", None),
    ):
        if state is not None:
            agent = kit.make_agent(f"agent-{name}", guichet=guichet)
            kit.make_key(agent, guichet=guichet, state=state)
        hashes.clear()
        with CaptureQueriesContext(
            connection,
        ) as captured:
            kit.enter_by_key(Client(), f"agent-{name}", "271828123456")
        costs.add((len(hashes), len(captured)))
    assert len(costs) == 1, costs
    assert costs.pop()[0] == 1


def test_ten_failures_with_one_half_right_lock_and_strangers_lock_nobody(guichet: Guichet) -> None:
    """T-D10: ten wrong posts of a stranger only make the identifier wait."""
    agent = kit.make_agent(guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet)
    for _ in range(12):
        kit.enter_by_key(Client(), agent.uid, "000000" + _other(fob.code()))
        throttle.forget_login(f"{kit.AUTHORITY}:{agent.uid}")
    assert (fob.row.state, fob.row.failures) == (KeyState.ACTIVE, 0)
    for number in range(10):
        assert fob.row.state == KeyState.ACTIVE, number
        kit.enter_by_key(Client(), agent.uid, kit.PIN + _other(fob.code()))
        throttle.forget_login(f"{kit.AUTHORITY}:{agent.uid}")
    assert fob.row.state == KeyState.LOCKED
    assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + fob.code()))


def test_in_the_single_field_a_password_never_counts_against_the_key(guichet: Guichet) -> None:
    guichet.variant = PageVariant.SINGLE
    guichet.save()
    agent = kit.make_agent(guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet, pin="", failures=3)
    client = Client()
    assert kit.is_in(client.post("/entrer/", {"username": agent.uid, "password": kit.PASSWORD}))
    wrong = {"username": agent.uid, "password": "pas le mot de passe 123456"}
    Client().post("/entrer/", wrong)
    assert fob.row.failures == 3
    Client().post("/entrer/", {"username": agent.uid, "password": "123456123456"})
    assert fob.row.failures == 4


def test_the_owner_enters_from_a_known_device_while_strangers_wait(guichet: Guichet) -> None:
    agent = kit.make_agent(guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet)
    mine = Client()
    assert kit.is_in(kit.enter(mine, agent.uid, kit.PASSWORD))
    mine.post("/quitter/")
    answers = [kit.enter_by_key(Client(), agent.uid, "999999999999") for _ in range(8)]
    assert answers[-1].status_code == 429
    assert kit.is_in(kit.enter_by_key(mine, agent.uid, kit.PIN + fob.code()))


def test_the_delivery_window_closes(guichet: Guichet) -> None:
    agent = kit.make_agent(guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet, state=KeyState.ASSIGNED)
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        assert kit.REFUSED in kit.enter_by_key(Client(), agent.uid, fob.code()).content.decode()


def test_three_wrong_second_codes_are_for_the_desk(guichet: Guichet) -> None:
    agent = kit.make_agent(guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet, state=KeyState.ASSIGNED)
    client = Client()
    kit.enter_by_key(client, agent.uid, fob.code())
    for _ in range(3):
        last = client.post(
            "/premiere-utilisation/second-code/", {"code": _other(fob.code(after=1))}
        )
    assert last.status_code == 409
    assert fob.row.state == KeyState.LOCKED


def test_a_key_far_off_comes_back_by_two_codes_in_a_row(guichet: Guichet) -> None:
    """T-D9, T-D6: the first far code opens nothing, nor the same one again; the next one does."""
    agent = kit.make_agent(guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet)
    fob.ahead = 5 * 60
    with time_machine.travel(timezone.now(), tick=False) as clock:
        far = fob.code()
        assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + far))
        assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + far))
        clock.shift(60)
        assert kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + fob.code()))
        assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + fob.code()))
        clock.shift(60)
        assert kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + fob.code()))


def test_the_timeline_tells_the_desk_the_true_reason(guichet: Guichet) -> None:
    agent = kit.make_agent(guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet)
    kit.enter_by_key(Client(), agent.uid, "000000" + fob.code())
    assert KeyAct.objects.get().verdict == "mauvais-pin"


def _other(code: str) -> str:
    """Return a code that no step around now has, or hardly ever."""
    return f"{(int(code) + 357_913) % 1_000_000:06d}"
