"""Asking a door's server about a typed secret: counted first, then one question."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping

from django.db.models import Q
from django.views.decorators.debug import sensitive_variables

from accounts.doors.base.contact import ask_server
from accounts.doors.base.models import Door
from accounts.doors.base.protocol import Assertion, DoorError
from accounts.doors.bindings.models import DoorBinding
from accounts.enums import DoorFault
from accounts.session_ends import journal
from ent.audit.origin import Origin
from ent.web.client_address import address_group
from signin.form_tickets.using import refuse_ticket, use_ticket
from signin.throttle import journal as throttle_journal
from signin.throttle import services as throttle
from signin.throttle.services import Source, WaitError

#: The server was not asked, or could not be reached: no secret was evaluated.
_NOT_ASKED = frozenset(
    {DoorFault.BUSY, DoorFault.CLOSED, DoorFault.DNS, DoorFault.REFUSED, DoorFault.TLS}
)


@sensitive_variables("login", "secret")
def check_secret(
    *,
    door: Door,
    login: str,
    secret: str,
    ticket: bytes | None,
    devices: Mapping[str, str],
    origin: Origin,
) -> Assertion | None:
    """Return what the door's server says of the secret, None when it is wrong.

    A form's ticket serves once (`StaleTicketError`), a try is counted before it is evaluated
    (`WaitError`), and the server is asked within the door's place and breaker (`DoorError`). It is
    called within a place of the sign-ins. *devices*: the known devices of the browser's cookie.
    """
    use_ticket(ticket)
    source = _source_of(door, login, devices, origin)
    admission = throttle.admit(source)
    if not admission.is_admitted:
        raise WaitError(admission.wait_seconds)
    try:
        said = ask_server(door, lambda release: _ask(door, login, secret, release))
    except DoorError as error:
        if error.fault in _NOT_ASKED:
            throttle.take_back(source, admission)
        raise
    if said is not None:
        throttle.count_success(source, admission)
        return said
    refuse_ticket(ticket)
    throttle.count_failure(source)
    journal.sign_in_failed(None, origin=origin)
    if admission.is_address_slow:
        if throttle.raise_address_alert(source):
            throttle_journal.address_slowed(origin=origin)
        raise WaitError(throttle.ADDRESS_PACE_SECONDS)
    return None


def _source_of(door: Door, login: str, devices: Mapping[str, str], origin: Origin) -> Source:
    """Return under which keys the try counts.

    Servers compare logins without case, accents or spaces, each in its own way: all spellings of
    one login count together. A login counts apart from the same one at another door. A browser that
    signed in to the account bound to this login counts apart from strangers.
    """
    subject = door.protocol.subject(login)
    bound = (
        DoorBinding.objects.filter(door=door)
        .filter(Q(subject=subject) | Q(login=subject))
        .values_list("account__uuid", flat=True)
        .first()
    )
    return throttle.source_of(
        login=f"{door.code}:{_spelling(login)}",
        address_group=address_group(origin.address or ""),
        device_id=devices.get(bound.hex, "") if bound is not None else "",
    )


def _spelling(login: str) -> str:
    """Return the login without case, accents, spaces and characters that nobody sees."""
    letters = unicodedata.normalize("NFKD", login.casefold())
    return "".join(
        letter
        for letter in letters
        if not letter.isspace() and unicodedata.category(letter) not in {"Mn", "Cf", "Cc"}
    )


@sensitive_variables("login", "secret")
def _ask(door: Door, login: str, secret: str, release: Callable[[], None]) -> Assertion | None:
    try:
        return door.protocol.check(door, login, secret)
    finally:
        release()
