"""T-G1: workers killed at any instant; who gets a mail twice or none, for each setting."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts.enums import AccountState
from accounts.models import Account
from credentials.enums import CampaignState, RecipientState
from credentials.models import Campaign
from directory.enums import Profile
from directory.models import Affiliation, Person, School
from tests.cast import make_cast
from tests.credentials.mailing import asked
from tests.kit.ports import free_port
from tests.kit.postfix import Relay

_ROOT = Path(__file__).resolve().parents[2]
_LONGEST_SECONDS = 3_000


def crowd(school: School, count: int) -> None:
    """So many parents who never signed in, in a few statements."""
    people = Person.objects.bulk_create(
        Person(
            profile=Profile.GUARDIAN,
            given_name="Parent",
            family_name=f"N{n}",
            sort_key=f"n{n:06d}",
            search_key=f"n{n}",
            email=f"parent{n}@example.org",
            main_school=school,
        )
        for n in range(count)
    )
    Affiliation.objects.bulk_create(
        Affiliation(person=person, school=school, profile=Profile.GUARDIAN) for person in people
    )
    Account.objects.bulk_create(
        Account(person=person, login=f"parent.n{n}", state=AccountState.PENDING)
        for n, person in enumerate(people)
    )


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a module of the tests in a process of its own, on this test's database."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "ent.settings.test",
        "PREAU_TEST_DATABASE": str(connection.settings_dict["NAME"]),
        "LOG_LEVEL": "ERROR",
    }
    running = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=_ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield running
    finally:
        assert running.stdin is not None and running.stdout is not None
        running.stdin.close()
        if arguments[0].endswith("faulty_mail"):
            running.kill()
        try:
            running.wait(timeout=30)
        except subprocess.TimeoutExpired:  # the test gave up before the kills were done
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
        running.stdout.close()


def until(condition: Any, what: str) -> None:
    """Wait for something that other processes do."""
    deadline = time.monotonic() + _LONGEST_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def mail_through_kills(
    folder: Path, *, mails: int, kills: int, seed: int, **settings: Any
) -> tuple[Campaign, Counter[str]]:
    """Send a mailing while its workers are killed; return it with how often each address came."""
    port = free_port()
    with process("tests.kit.faulty_mail", str(port), str(folder)):
        until((folder / "ready").exists, "the mail server did not start")
        campaign = send_through_kills(
            folder / "taken", mails=mails, kills=kills, seed=seed, EMAIL_PORT=port, **settings
        )
    return campaign, Counter((folder / "taken").read_text().split())


def send_through_kills(
    taken: Path,
    *,
    mails: int,
    kills: int,
    seed: int,
    meanwhile: Callable[[], None] = lambda: None,
    **settings: Any,
) -> Campaign:
    """Send a mailing to a server that keeps what it takes at *taken*, and kill its workers."""
    cast = make_cast()
    crowd(cast.school_a, mails)
    campaign = asked(cast.school_a, cast.manager_a)
    settings = {"MAIL_RECONCILE_AFTER_SECONDS": 1, **settings}
    orders = {"taken": str(taken), "mails": mails, "kills": kills, "seed": seed}
    workers = json.dumps({**orders, "settings": settings})
    with process("tests.credentials.mailing_workers", workers) as killing:
        assert killing.stdout is not None
        assert killing.stdout.readline() == "killed\n"

        def is_done() -> bool:
            meanwhile()
            campaign.refresh_from_db()
            return campaign.state == CampaignState.DONE

        until(is_done, "the mailing did not end")
    return campaign


def mail_through_postfix(
    relay: Relay, *, mails: int, kills: int, seed: int
) -> tuple[Campaign, Counter[str]]:
    """The same through a real relay, whose mailbox is counted once it has delivered everything."""
    campaign = send_through_kills(
        relay.maildir,
        mails=mails,
        kills=kills,
        seed=seed,
        EMAIL_PORT=relay.port,
        MAIL_RELAY_IS_LOCAL=True,
        MAIL_RELAY_LOG=str(relay.log),
    )
    relay.until(relay.is_at_rest, "mails are still on their way")
    return campaign, Counter(relay.addresses())


def full(what: str, size: int) -> int:
    """The size of a full run, or a smaller one to try it: PREAU_FAULT_MAILS, PREAU_FAULT_KILLS."""
    return int(os.environ.get(f"PREAU_FAULT_{what}", size))


def check(
    campaign: Campaign, came: Counter[str], *, mails: int, kills: int, how: str
) -> dict[str, int]:
    """Judge by the setting; return the figures, for the record."""
    counts = campaign.recipients.count_by_state()
    uncertain = counts.get(RecipientState.UNCERTAIN, 0)
    figures = {
        "missing": mails - len(came),
        "twice": sum(number - 1 for number in came.values()),
        "uncertain": uncertain,
    }
    assert sum(counts.values()) == mails
    shown = campaign.recipients.filter(state=RecipientState.UNCERTAIN)
    missing = {f"parent{n}@example.org" for n in range(mails)} - set(came)
    if how == "local":
        assert figures == {"missing": 0, "twice": 0, "uncertain": 0}
        return figures
    assert missing <= set(shown.values_list("address", flat=True))
    assert max(came.values()) <= 2
    if how == "again":
        assert uncertain <= kills // 10, "only a mail that two kills met is shown"
        assert figures["twice"] <= kills
    else:
        assert figures["twice"] == 0
        assert uncertain <= kills
    return figures


def settings_of(how: str, folder: Path) -> dict[str, Any]:
    """What the settings say for a relay here, a server elsewhere, a server elsewhere that shows."""
    if how == "local":
        return {"MAIL_RELAY_IS_LOCAL": True, "MAIL_RELAY_LOG": str(folder / "log")}
    return {"MAIL_RESENDS_DOUBTFUL": how == "again"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["local", "again", "shown"])
def test_workers_killed_while_they_send(how: str, tmp_path: Path) -> None:
    """A small size of T-G1."""
    size = {"mails": 60, "kills": 3}
    campaign, came = mail_through_kills(tmp_path, **size, seed=7, **settings_of(how, tmp_path))
    check(campaign, came, **size, how=how)


@pytest.mark.django_db(transaction=True)
def test_workers_killed_while_they_send_through_a_real_postfix(relay: Relay) -> None:
    """A small size of T-G1, with Debian's own relay and its own log."""
    size = {"mails": 60, "kills": 3}
    campaign, came = mail_through_postfix(relay, **size, seed=7)
    check(campaign, came, **size, how="local")


@pytest.mark.django_db(transaction=True)
def test_a_database_that_drops_everybody_loses_and_doubles_no_mail(tmp_path: Path) -> None:
    """T-G4: what a restart does to the workers, five times; nothing but rows says what is left."""
    mails, port = 60, free_port()
    dropped: list[int] = []

    def drop(sent: int) -> None:
        if len(dropped) < 5 and sent > 10 * len(dropped):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                dropped.append(cursor.fetchone()[0])

    taken = tmp_path / "taken"
    with process("tests.kit.faulty_mail", str(port), str(tmp_path)):
        until((tmp_path / "ready").exists, "the mail server did not start")
        campaign = send_through_kills(
            taken,
            mails=mails,
            kills=0,
            seed=7,
            meanwhile=lambda: drop(len(taken.read_text().split()) if taken.exists() else 0),
            EMAIL_PORT=port,
            **settings_of("local", tmp_path),
        )
    assert sum(dropped) >= 5
    check(campaign, Counter(taken.read_text().split()), mails=mails, kills=0, how="local")


@pytest.mark.faults
@pytest.mark.timeout(3_600)
@pytest.mark.django_db(transaction=True)
def test_ten_thousand_mails_through_a_real_postfix_and_sixty_kills(relay: Relay) -> None:
    """T-G1 in its full size, with Debian's own relay."""
    size = {"mails": full("MAILS", 10_000), "kills": full("KILLS", 60)}
    campaign, came = mail_through_postfix(relay, **size, seed=11)
    sys.stdout.write(f"T-G1 postfix: {check(campaign, came, **size, how='local')}\n")


@pytest.mark.faults
@pytest.mark.timeout(3_600)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["local", "again", "shown"])
def test_workers_killed_sixty_times_in_ten_thousand_mails(how: str, tmp_path: Path) -> None:
    """T-G1 in its full size."""
    size = {"mails": full("MAILS", 10_000), "kills": full("KILLS", 60)}
    campaign, came = mail_through_kills(tmp_path, **size, seed=11, **settings_of(how, tmp_path))
    sys.stdout.write(f"T-G1 {how}: {check(campaign, came, **size, how=how)}\n")
