"""« Tester »: really contact an academy's server, and say in French what is wrong."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from accounts.doors import breaker
from accounts.doors.base import Demand, DoorError
from accounts.doors.cas import fetch_answer, read_answer, service_address, way_address
from accounts.doors.fetch import BoundedSession
from accounts.doors.places import take_place
from accounts.enums import DoorFault
from accounts.models import Door

_LOGIN_IS_FINE = {DoorFault.MOVED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was tried, and what came of it."""

    tried: str
    is_well: bool
    words: str


def try_door(door: Door) -> tuple[list[Finding], DoorFault | None]:
    """Validate an invented ticket, then open the login page; both within one deadline.

    The web process that tries is held no longer than by one sign-in.
    """
    until = time.monotonic() + door.cas.deadline_seconds
    fault = _validation_fault(door)
    findings = [_validation_finding(door, fault)]
    if fault is not None:
        return findings, fault
    breaker.note_answer(door)
    login = _login_fault(door, until)
    findings.append(
        Finding(
            tried=f"Page de connexion\u00a0: {door.cas.public_url}login",
            is_well=login is None,
            words="Elle répond." if login is None else _explain(login),
        )
    )
    return findings, login


def _validation_fault(door: Door) -> DoorFault | None:
    """Refusing an invented ticket is exactly what a CAS server does."""
    ticket = f"ST-essai-{secrets.token_hex(8)}"
    try:
        content = fetch_answer(door.cas, ticket, Demand(), release=take_place(door))
        read_answer(door.cas, content)
    except DoorError as error:
        return None if error.fault == DoorFault.TICKET else error.fault
    return DoorFault.NOT_CAS  # it believed a ticket that nobody gave


def _login_fault(door: Door, until: float) -> DoorFault | None:
    left = until - time.monotonic()
    if left <= 0:
        return DoorFault.HANG
    try:
        session = BoundedSession(deadline_seconds=left, release=take_place(door))
        session.get(way_address(door))
    except DoorError as error:
        return None if error.fault in _LOGIN_IS_FINE or error.detail == _TOO_LONG else error.fault
    return None


_TOO_LONG = "réponse trop longue"  # a login page may weigh more than an answer does


def _validation_finding(door: Door, fault: DoorFault | None) -> Finding:
    address = door.cas.back_channel_url or door.cas.public_url
    words = "Le serveur parle CAS, et refuse comme il se doit un ticket inventé."
    if fault == DoorFault.SERVICE:
        words = f"{fault.label} Adresse à déclarer\u00a0: {service_address(door)}"
    elif fault is not None:
        words = _explain(fault)
    return Finding(
        tried=f"Adresse de validation\u00a0: {address}", is_well=fault is None, words=words
    )


def _explain(fault: DoorFault) -> str:
    return str(fault.label)
