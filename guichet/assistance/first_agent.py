"""The first agent of a helpdesk, and the way back in when everybody is locked out."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from directory.enums import Profile, Role, Source
from directory.models import Authority, Person, RoleGrant
from directory.names.folded import folded_names
from ent.audit.enums import Act
from ent.audit.origin import COMMAND
from ent.audit.services import record
from ent.text.folding import fold
from guichet.agents.models import AcademicCredential
from guichet.assistance.services import DeskAct, assign_key, change_key, give_first_code
from guichet.authority.current import forget_guichet
from guichet.authority.models import Guichet
from guichet.enums import KeyEvent, KeySlot, KeyState
from guichet.keys.models import OtpKey


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAgent:
    """What to tell the person at the keyboard; *code* is shown once."""

    agent: AcademicCredential
    code: str
    serial: str


@transaction.atomic
def create_helpdesk_agent(
    *,
    authority: Authority,
    uid: str,
    given_name: str = "",
    family_name: str = "",
    serial: str = "",
) -> FirstAgent:
    """Make or find the agent, give the role, a one-time code, and a key to use for the first time.

    For a colleague who is locked out: their key is unlocked, its PIN cancelled. There is no actor:
    who can run this already holds the machine. Raises `RefusedAct` for a key that is not in stock.
    """
    guichet, _ = Guichet.objects.get_or_create(
        authority=authority, defaults={"name": f"Académie de {authority.name}"}
    )
    forget_guichet()
    desk = DeskAct(guichet=guichet, actor=None, origin=COMMAND)
    agent = _agent(authority, uid, given_name, family_name)
    _give_role(agent)
    key = OtpKey.objects.filter(holder=agent, slot=KeySlot.CURRENT).first()
    if key is not None and key.state == KeyState.LOCKED:
        change_key(key.uuid, KeyEvent.UNLOCKED, desk)
    if key is not None and key.has_pin:
        change_key(key.uuid, KeyEvent.PIN_CANCELLED, desk)
    if serial:
        key = assign_key(serial, agent, desk)
    code = give_first_code(agent, desk)
    return FirstAgent(agent=agent, code=code, serial=key.serial if key is not None else "")


def _agent(authority: Authority, uid: str, given_name: str, family_name: str) -> AcademicCredential:
    agents = AcademicCredential.objects.select_related("person", "authority")
    known = agents.of(authority).filter(uid=uid).first()
    if known is not None and known.person is not None:
        return known
    sort_key, search_key = folded_names(family_name or uid, given_name, "", "")
    person = Person.objects.create(
        profile=Profile.ACADEMIC,
        given_name=given_name,
        family_name=family_name or uid,
        source=Source.MANUAL,
        sort_key=sort_key,
        search_key=search_key,
    )
    if known is not None:
        known.person = person
        known.save(update_fields=["person"])
        return known
    return AcademicCredential.objects.create(
        authority=authority,
        person=person,
        uid=uid,
        given_name=given_name,
        family_name=family_name or uid,
        sort_key=fold(f"{family_name or uid} {given_name}"),
        must_choose_password=True,
    )


def _give_role(agent: AcademicCredential) -> None:
    grants = RoleGrant.objects.in_force().filter(person=agent.person, role=Role.HELPDESK)
    if agent.person is None or grants.filter(authority=agent.authority).exists():
        return
    grant = RoleGrant.objects.create(
        person=agent.person, role=Role.HELPDESK, authority=agent.authority
    )
    record(
        act=Act.ROLE_GRANTED,
        subject=agent.person.uuid,
        authority_code=agent.authority.code,
        origin=COMMAND,
        details={"role": Role.HELPDESK.value, "grant": grant.uuid},
    )
