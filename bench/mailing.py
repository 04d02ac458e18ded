"""Mailing: our whole way (claim, link, words, dialogue, row) beside a bare loop of smtplib.

Both as the product sends: by two processes, each over a kept connection to the same server, a
process of its own that takes everything. The bare loop sends the bytes of our own mails, ready
beforehand.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from accounts.enums import AccountState
from accounts.models import Account
from bench.lines import Line
from bench.stage import ROOT
from bench.together import run_together
from credentials.choice.population import PopulationChoice
from credentials.mailing.services import request_campaign
from credentials.models import Campaign
from directory.enums import Profile, Role
from directory.models import Affiliation, Authority, Person, RoleGrant, School

_MAILS = 4_000
_PROCESSES = 2
_ROUNDS = 5


def measure_mailing() -> list[Line]:
    """The rate of a mailing, and that of the bare loop, five times by turns."""
    school, actor = _school()
    with _sink() as port:
        pairs = [_pair(school, actor, port) for _ in range(_ROUNDS)]
    bare, ours, reported = sorted(pairs, key=lambda pair: pair[1] / pair[0])[_ROUNDS // 2]
    return [
        Line(
            work=f"mailing of {_MAILS:,}, two workers, links and rows included",
            floor=f"{bare:,.0f} /s (smtplib, bytes ready)",
            ours=f"{ours:,.0f} /s ({reported:,.0f} with its report)",
            compare=ours / bare,
            goal=0.6,
        )
    ]


def _pair(school: School, actor: Person, port: int) -> tuple[float, float, float]:
    campaign = request_campaign(
        school=school,
        choice=PopulationChoice(school_id=school.pk, profiles=(Profile.GUARDIAN,)),
        subject="Banc",
        text="",
        words="Parents",
        key=uuid.uuid4(),
        actor=actor,
        is_repeated=True,  # the same parents, round after round
    ).campaign
    bare, _ = _rates("bare", port, campaign)
    ours, reported = _rates("round", port, campaign)
    sent = campaign.recipients.filter(state="accepte").count()
    if sent != _MAILS:
        raise RuntimeError(f"{sent} mails were sent, not {_MAILS}")
    return bare, ours, reported


def _rates(kind: str, port: int, campaign: Campaign) -> tuple[float, float]:
    """Mails per second of all the processes, until the last mail and until the last has ended."""
    numbers = [str(port), str(campaign.pk), str(_MAILS // _PROCESSES), str(_PROCESSES)]
    answers = run_together("bench.mailing_worker", [[kind, *numbers]] * _PROCESSES)
    took = [tuple(map(float, answer.split())) for answer in answers]
    return _MAILS / max(last for last, _ in took), _MAILS / max(whole for _, whole in took)


def _school() -> tuple[School, Person]:
    """A school with so many parents who never signed in, and its administrator."""
    school = School.objects.create(
        authority=Authority.objects.order_by("pk")[0],
        uai="0990001B",
        name="Collège du Banc",
        slug="college-du-banc-mailing",
        is_active=True,
    )
    actor = Person.objects.create(profile=Profile.GUEST, given_name="Ban", family_name="Quier")
    RoleGrant.objects.create(person=actor, role=Role.SCHOOL_ADMINISTRATOR, school=school)
    people = Person.objects.bulk_create(
        Person(
            profile=Profile.GUARDIAN,
            given_name="Parent",
            family_name=f"Banc{number}",
            email=f"parent{number}@example.org",
        )
        for number in range(_MAILS)
    )
    Affiliation.objects.bulk_create(
        Affiliation(person=person, school=school, profile=Profile.GUARDIAN) for person in people
    )
    Account.objects.bulk_create(
        Account(person=person, login=f"banc.mailing{number}", state=AccountState.PENDING)
        for number, person in enumerate(people)
    )
    return school, actor


@contextmanager
def _sink() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "bench.mail_sink", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None or process.stdout.readline() != "ready\n":
                raise RuntimeError("the mail server did not start")
            yield port
        finally:
            process.kill()
