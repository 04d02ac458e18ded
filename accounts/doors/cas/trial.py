"""« Tester »: really contact an academy's server, and say in French what is wrong."""

from __future__ import annotations

import secrets
import time

from accounts.doors.base import breaker
from accounts.doors.base.departure import Demand
from accounts.doors.base.fetch import BoundedSession
from accounts.doors.base.models import Door
from accounts.doors.base.places import take_place
from accounts.doors.base.protocol import DoorError, TrialResult
from accounts.doors.cas.client import fetch_answer, login_address, read_answer, service_address
from accounts.enums import DoorFault

_LOGIN_IS_FINE = {DoorFault.MOVED}
_TOO_LONG = "réponse trop longue"  # a login page may weigh more than an answer does


def try_door(door: Door) -> tuple[list[TrialResult], DoorFault | None]:
    """Validate an invented ticket, then open the login page; both within one deadline.

    The web process that tries is held no longer than by one sign-in.
    """
    until = time.monotonic() + door.cas.deadline_seconds
    fault = _validation_fault(door)
    results = [_validation_result(door, fault)]
    if fault is not None:
        return results, fault
    breaker.note_answer(door)
    login = _login_fault(door, until)
    results.append(
        TrialResult(
            tried=f"Page de connexion\u00a0: {door.cas.public_url}login",
            is_well=login is None,
            words="Elle répond." if login is None else _explain(login),
        )
    )
    return results, login


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
        session.get(login_address(door.cas, Demand()))
    except DoorError as error:
        return None if error.fault in _LOGIN_IS_FINE or error.detail == _TOO_LONG else error.fault
    return None


def _validation_result(door: Door, fault: DoorFault | None) -> TrialResult:
    address = door.cas.back_channel_url or door.cas.public_url
    words = "Le serveur parle CAS, et refuse comme il se doit un ticket inventé."
    if fault == DoorFault.SERVICE:
        words = f"{fault.label} Adresse à déclarer\u00a0: {service_address(door)}"
    elif fault is not None:
        words = _explain(fault)
    return TrialResult(
        tried=f"Adresse de validation\u00a0: {address}", is_well=fault is None, words=words
    )


def _explain(fault: DoorFault) -> str:
    return str(fault.label)
