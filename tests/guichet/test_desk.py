"""The helpdesk: who gets in, what each act does, and that rescue passwords revive nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import StringIO
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from directory.enums import Profile, Role
from directory.models import RoleGrant
from ent.audit.models import AuditEvent
from ent.audit.origin import COMMAND
from ent.jobs.models import Job
from guichet.agents.models import AcademicCredential
from guichet.assistance.services import DeskAct, close_agent, issue_rescue
from guichet.authority.models import Guichet
from guichet.enums import KeyState, PinState
from guichet.keys.models import KeyAct, RescuePassword
from tests import factories as make
from tests.guichet import kit

if TYPE_CHECKING:
    from tests.kit.responses import TestResponse

pytestmark = pytest.mark.django_db
GOOD = "quatre grenouilles vertes"
PROOF = {"proof": "rappel"}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def helper(guichet: Guichet) -> tuple[AcademicCredential, kit.Fob]:
    """An agent of the helpdesk with a key in service."""
    person = make.make_person(profile=Profile.ACADEMIC, given_name="Sacha")
    RoleGrant.objects.create(person=person, role=Role.HELPDESK, authority=guichet.authority)
    agent = kit.make_agent("sacha", guichet=guichet, person=person, given_name="Sacha")
    return agent, kit.make_key(agent, guichet=guichet)


@pytest.fixture
def desk(clock: time_machine.Traveller, helper: tuple[AcademicCredential, kit.Fob]) -> Client:
    """Their browser, signed in by the key."""
    client = Client()
    agent, fob = helper
    assert kit.is_in(kit.enter_by_key(client, agent.uid, kit.PIN + fob.code()))
    return client


def do(client: Client, fob: kit.Fob, slug: str, **typed: str) -> TestResponse:
    key = fob.row
    assert key.holder is not None
    address = f"/assistance/agents/{key.holder.uuid}/cles/{key.uuid}/{slug}/"
    return client.post(address, {**PROOF, **typed})


def owner(guichet: Guichet, **fields: object) -> tuple[AcademicCredential, kit.Fob]:
    agent = kit.make_agent(guichet=guichet, email="odile@ac-nancy-metz.example")
    return agent, kit.make_key(agent, guichet=guichet, **fields)  # type: ignore[arg-type]


def test_a_password_or_a_rescue_password_never_opens_the_desk(
    clock: time_machine.Traveller, helper: tuple[AcademicCredential, kit.Fob], guichet: Guichet
) -> None:
    client = Client()
    agent, _ = helper
    kit.enter(client, agent.uid, kit.PASSWORD)
    answer = client.get("/assistance/")
    assert answer.headers["Location"].startswith("/preuve/?exiger=cle-otp")
    stranger, fob = owner(guichet)
    other = Client()
    kit.enter_by_key(other, stranger.uid, kit.PIN + fob.code())
    assert other.get("/assistance/").status_code == 403


def test_a_role_that_is_withdrawn_ends_at_the_next_request(desk: Client) -> None:
    assert desk.get("/assistance/").status_code == 200
    RoleGrant.objects.update(withdrawn_at=timezone.now())
    assert desk.get("/assistance/").status_code == 403


def test_an_agent_is_found_by_identifier_name_or_serial(desk: Client, guichet: Guichet) -> None:
    agent, fob = owner(guichet)
    for typed in (agent.uid, "zwingel", fob.row.serial, "odile zwing"):
        assert str(agent.uuid) in desk.get("/assistance/", {"q": typed}).content.decode(), typed
    assert "Personne" in desk.get("/assistance/", {"q": "introuvable"}).content.decode()


def test_a_cancelled_pin_leads_to_a_first_use(
    desk: Client, guichet: Guichet, clock: time_machine.Traveller
) -> None:
    """T-D13: the old PIN is dead at once, sessions end, 24 hours, journaled with the proof."""
    agent, fob = owner(guichet)
    browser = Client()
    kit.enter_by_key(browser, agent.uid, kit.PIN + fob.code())
    assert do(desk, fob, "annuler-pin").status_code == 303
    assert browser.get("/accueil/").status_code == 302
    assert fob.row.pin_state == PinState.CANCELLED
    clock.shift(60)
    assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + fob.code()))
    clock.shift(60)
    answer = kit.enter_by_key(Client(), agent.uid, fob.code())
    assert answer.headers["Location"] == "/premiere-utilisation/second-code/"
    event = AuditEvent.objects.get(act="otp:pin:cancelled")
    assert event.details["proof"] == "rappel"
    assert Job.objects.filter(kind="guichet.tell_owner").count() == 1
    clock.shift(25 * 3600)
    assert kit.REFUSED in kit.enter_by_key(Client(), agent.uid, fob.code()).content.decode()


@pytest.mark.parametrize(
    ("slug", "state"),
    [("perdue", KeyState.LOST), ("volee", KeyState.STOLEN), ("cassee", KeyState.BROKEN)],
)
def test_a_disabled_key_opens_nothing_any_more(
    desk: Client,
    guichet: Guichet,
    clock: time_machine.Traveller,
    slug: str,
    state: KeyState,
) -> None:
    agent, fob = owner(guichet)
    browser = Client()
    kit.enter_by_key(browser, agent.uid, kit.PIN + fob.code())
    assert do(desk, fob, slug).status_code == 303
    assert fob.row.state == state
    assert browser.get("/accueil/").status_code == 302
    clock.shift(60)
    assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + fob.code()))
    again = do(desk, fob, "deverrouiller")
    assert "n’est plus dans l’état" in again.content.decode()


def test_a_locked_key_is_unlocked(
    desk: Client, guichet: Guichet, clock: time_machine.Traveller
) -> None:
    agent, fob = owner(guichet, state=KeyState.LOCKED, failures=10)
    assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + fob.code()))
    clock.shift(60)
    assert do(desk, fob, "deverrouiller").status_code == 303
    assert kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + fob.code()))


def issue(client: Client, fob: kit.Fob) -> str:
    return shown_in(do(client, fob, "secours").content.decode())


def shown_in(page: str) -> str:
    found = re.search(r'secret">([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</dd>', page)
    assert found, page[-1500:]
    return found[1]


def test_a_rescue_password_serves_for_the_day_behind_the_pin(
    desk: Client, guichet: Guichet, clock: time_machine.Traveller
) -> None:
    """T-D14: shown once, one a day, asks the PIN, dies at midnight of Paris."""
    agent, fob = owner(guichet)
    code = issue(desk, fob)
    assert "déjà été remis" in do(desk, fob, "secours").content.decode()
    assert code.replace("-", "").encode() not in bytes(RescuePassword.objects.get().verifier)
    assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, code))
    assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, "000000" + code))
    assert kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + code))
    assert kit.is_in(kit.enter_by_key(Client(), agent.uid, f"{kit.PIN} {code.upper()}"))
    midnight = timezone.localtime().replace(hour=23, minute=59, second=58)
    clock.move_to(midnight)
    assert kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + code))
    clock.shift(3)
    assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + code))


def test_a_rescue_password_dies_when_the_key_is_used_again(
    desk: Client, guichet: Guichet, clock: time_machine.Traveller
) -> None:
    agent, fob = owner(guichet)
    code = issue(desk, fob)
    assert kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + fob.code()))
    assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + code))


def test_a_rescue_password_neither_unlocks_nor_revives(
    desk: Client, guichet: Guichet, clock: time_machine.Traveller
) -> None:
    agent, fob = owner(guichet)
    code = issue(desk, fob)
    do(desk, fob, "perdue")
    assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + code))
    assert fob.row.state == KeyState.LOST
    assert "que pour une clé en service" in do(desk, fob, "secours").content.decode()


@pytest.mark.parametrize("day", [date(2026, 3, 28), date(2026, 10, 24)])
def test_the_nights_when_the_clocks_change(
    desk: Client, guichet: Guichet, clock: time_machine.Traveller, day: date
) -> None:
    """The day ends at 23:59:59 of Paris, whatever the next one is."""
    agent, fob = owner(guichet)

    clock.move_to(timezone.make_aware(datetime.combine(day, time(10))))
    act = DeskAct(guichet=guichet, actor=None, origin=COMMAND)
    code, until = issue_rescue(fob.row.uuid, act)
    assert timezone.localtime(until).strftime("%d %H:%M:%S") == day.strftime("%d 23:59:59")
    clock.move_to(until + timedelta(seconds=1))
    assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + code))


def test_a_key_that_came_back_keeps_its_last_step_and_loses_its_pin(
    desk: Client, guichet: Guichet, clock: time_machine.Traveller
) -> None:
    """Replay is refused across holders, too."""
    agent, fob = owner(guichet)
    kit.enter_by_key(Client(), agent.uid, kit.PIN + fob.code())
    step, code = fob.row.last_step, fob.code()
    do(desk, fob, "perdue")
    assert do(desk, fob, "rendue").status_code == 303
    key = fob.row
    assert (key.state, key.holder, key.pin, key.last_step) == (KeyState.STOCK, None, "", step)
    following = kit.make_agent("suivant", guichet=guichet)
    address = f"/assistance/agents/{following.uuid}/attribuer/"
    assert desk.post(address, {**PROOF, "serial": key.serial.lower()}).status_code == 303
    assert kit.REFUSED in kit.enter_by_key(Client(), "suivant", code).content.decode()
    clock.shift(60)
    answer = kit.enter_by_key(Client(), "suivant", fob.code())
    assert answer.headers["Location"] == "/premiere-utilisation/second-code/"


def test_two_codes_read_out_bring_a_key_back_to_time(
    desk: Client, guichet: Guichet, clock: time_machine.Traveller
) -> None:
    agent, fob = owner(guichet)
    fob.ahead = 3 * 3600
    first, second = fob.code(), fob.code(after=1)
    assert (
        "ne se suivent pas"
        in do(desk, fob, "resynchroniser", first=second, second=first).content.decode()
    )
    assert do(desk, fob, "resynchroniser", first=first, second=second).status_code == 303
    assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + second))
    clock.shift(120)
    assert kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + fob.code()))


def test_nobody_acts_on_oneself_nor_on_a_colleague(desk: Client, guichet: Guichet) -> None:
    me = AcademicCredential.objects.get(uid="sacha")
    person = make.make_person(profile=Profile.ACADEMIC)
    RoleGrant.objects.create(person=person, role=Role.HELPDESK, authority=guichet.authority)
    colleague = kit.make_agent("collegue", guichet=guichet, person=person)
    head = make.make_person(profile=Profile.HEAD)
    principal = kit.make_agent("principal", guichet=guichet, person=head)
    for agent in (me, colleague):
        assert desk.post(f"/assistance/agents/{agent.uuid}/code/", PROOF).status_code == 403
    assert desk.post(f"/assistance/agents/{principal.uuid}/code/", PROOF).status_code == 200


def test_an_agent_of_another_academy_does_not_exist(desk: Client) -> None:
    other = make.make_authority(code="REIMS", name="Reims")
    stranger = AcademicCredential.objects.create(
        authority=other, uid="jdupont", family_name="Dupont", sort_key="dupont"
    )
    assert desk.get(f"/assistance/agents/{stranger.uuid}/").status_code == 404


def test_a_first_code_opens_the_choice_of_a_password_only(desk: Client, guichet: Guichet) -> None:
    agent = kit.make_agent("nouveau", guichet=guichet, password="")
    page = desk.post(f"/assistance/agents/{agent.uuid}/code/", PROOF).content.decode()
    code = shown_in(page)
    client = Client()
    answer = kit.enter(client, "nouveau", code)
    assert answer.headers["Location"] == "/premiers-pas/mot-de-passe/"
    typed = {"new_password": GOOD, "confirmation": GOOD}
    assert kit.is_in(client.post("/premiers-pas/mot-de-passe/", typed))
    assert kit.is_in(kit.enter(Client(), "nouveau", GOOD))
    assert not kit.is_in(kit.enter(Client(), "nouveau", code))


def test_who_leaves_is_closed_at_once_and_the_key_is_to_be_recovered(guichet: Guichet) -> None:

    agent, fob = owner(guichet)
    browser = Client()
    kit.enter_by_key(browser, agent.uid, kit.PIN + fob.code())
    close_agent(agent, DeskAct(guichet=guichet, actor=None, origin=COMMAND))
    assert browser.get("/accueil/").status_code == 302
    assert fob.row.state == KeyState.TO_RECOVER
    assert not kit.is_in(kit.enter(Client(), agent.uid, kit.PASSWORD))


def test_the_first_agent_of_a_new_authority(
    guichet: Guichet, clock: time_machine.Traveller
) -> None:
    """`create_helpdesk`: a code, a key of the stock, then the desk; again for who is locked out."""
    fob = kit.make_key(None, guichet=guichet, state=KeyState.STOCK)
    out = StringIO()
    call_command("create_helpdesk", "odurand", serial=fob.row.serial, stdout=out)
    code = re.search(r"([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})", out.getvalue())
    assert code
    client = Client()
    kit.enter(client, "odurand", code[1])
    typed = {"new_password": GOOD, "confirmation": GOOD}
    client.post("/premiers-pas/mot-de-passe/", typed)
    step = client.post("/preuve/?exiger=cle-otp&next=/assistance/", {"passcode": fob.code()})
    assert step.headers["Location"] == "/premiere-utilisation/second-code/"
    clock.shift(60)
    client.post("/premiere-utilisation/second-code/", {"code": fob.code()})
    done = client.post("/premiere-utilisation/code-pin/", {"pin": kit.PIN, "confirmation": kit.PIN})
    assert done.headers["Location"] == "/assistance/"
    assert client.get("/assistance/").status_code == 200
    KeyAct.objects.all().delete()
    call_command("create_helpdesk", "odurand", stdout=StringIO())
    assert fob.row.pin_state == PinState.CANCELLED
