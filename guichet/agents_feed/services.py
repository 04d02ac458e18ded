"""Bringing the agents of a file in: who is new, who changed, who left; joined to the directory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from django.db import transaction
from django.db.models import Q

from directory.enums import Category
from directory.models import Authority, Person, Record
from ent.audit.origin import COMMAND
from ent.text.folding import fold
from guichet.agents.models import AcademicCredential
from guichet.agents_feed.reading import AgentFile, AgentLine
from guichet.assistance.services import DeskAct, close_agent
from guichet.authority.models import Guichet

MOST_LEAVING_SHARE: Final = 0.05
FEWEST_GUARDED: Final = 10


class HeldBack(Exception):
    """More agents would leave than the guard lets: nothing was changed."""


@dataclass(slots=True, kw_only=True)
class FeedReport:
    """What a file does, or did."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    leaving: list[str] = field(default_factory=list)
    returning: int = 0
    unmatched: int = 0
    """Agents whose person was not found, or was several: they exist without."""


@transaction.atomic
def apply_agents(
    read: AgentFile, *, guichet: Guichet, is_dry: bool, confirms_departures: bool = False
) -> FeedReport:
    """Make the agents those of the file. A line that was refused leaves its agent as it is.

    Whoever is not in it has left: closed at once, sessions and keys too (R-D5). Raises `HeldBack`
    when that is more than one in twenty, unless somebody confirmed it.
    """
    authority, report = guichet.authority, FeedReport()
    agents = AcademicCredential.objects.select_for_update(of=("self",)).of(authority)
    known = {agent.uid: agent for agent in agents.select_related("authority", "person")}
    for line in read.agents:
        _bring_in(line, known.get(line.uid), authority, report)
    if not read.faults:  # a refused line is nobody's departure
        _close_others(read, known, guichet, report, confirms_departures=confirms_departures)
    if is_dry:
        transaction.set_rollback(True)
    return report


def _bring_in(
    line: AgentLine,
    agent: AcademicCredential | None,
    authority: Authority,
    report: FeedReport,
) -> None:
    is_new = agent is None
    agent = agent or AcademicCredential(
        authority=authority, uid=line.uid, must_choose_password=True
    )
    values = dict(line.values)
    if agent.personal_email_confirmed_at is not None:
        values.pop("personal_email", None)  # its owner proved theirs; a file proves nothing
    before = {name: getattr(agent, name) for name in values}
    for name, value in values.items():
        setattr(agent, name, value)
    agent.sort_key = fold(f"{agent.family_name} {agent.given_name}")
    if agent.person_id is None:
        agent.person = _person_of(agent, authority)
        report.unmatched += agent.person is None
    is_back = agent.left_at is not None
    agent.left_at = None
    is_same = not is_new and not is_back and before == values
    agent.save()
    report.created += is_new
    report.returning += is_back
    report.unchanged += is_same
    report.changed += not (is_new or is_back or is_same)


def _person_of(agent: AcademicCredential, authority: Authority) -> Person | None:
    """Return the one person of the authority's feed with this join key, else this address."""
    records = Record.objects.filter(authority=authority, person__left_at__isnull=True)
    feed, _, external_id = agent.join_key.rpartition("$")
    is_ours = feed == f"AC-{authority.code}"
    for wanted in (
        Q(external_id=external_id, category=Category.STAFF) if is_ours else None,
        Q(person__email__iexact=agent.email) if agent.email else None,
    ):
        if wanted is None:
            continue
        found = set(records.filter(wanted).values_list("person_id", flat=True)[:3])
        if len(found) == 1:
            person = Person.objects.get(pk=found.pop())
            is_taken = AcademicCredential.objects.of(authority).filter(person=person)
            return None if is_taken.exclude(pk=agent.pk).exists() else person
        if found:
            return None
    return None


def _close_others(
    read: AgentFile,
    known: dict[str, AcademicCredential],
    guichet: Guichet,
    report: FeedReport,
    *,
    confirms_departures: bool,
) -> None:
    there = {line.uid for line in read.agents}
    present = [agent for agent in known.values() if agent.left_at is None]
    leaving = [agent for agent in present if agent.uid not in there]
    report.leaving = sorted(agent.uid for agent in leaving)
    is_many = len(leaving) > max(FEWEST_GUARDED, len(present) * MOST_LEAVING_SHARE)
    if is_many and not confirms_departures:
        raise HeldBack(f"{len(leaving)} agents sur {len(present)} partiraient.")
    desk = DeskAct(guichet=guichet, actor=None, origin=COMMAND)
    for agent in leaving:
        close_agent(agent, desk)
