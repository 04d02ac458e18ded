"""Finding the entry of a typed login, and proving its password by a bind."""

from __future__ import annotations

import unicodedata
from typing import Final

from django.views.decorators.debug import sensitive_variables

from accounts.doors.base.models import Door
from accounts.doors.base.protocol import DoorError
from accounts.doors.ldap.states import is_open
from accounts.enums import DoorFault
from directory.models import LdapDirectory
from ent.ldap.client import Entry, LdapError, LdapFault, Proof, ask, either, equals

LONGEST_LOGIN: Final = 200
_LOCKED: Final = "pwdAccountLockedTime"
_FOR_GOOD: Final = "000001010000Z"
"""The time that an administrator's lock bears (draft-behera-ldap-password-policy, 5.3.3)."""
_FAULTS: Final = {
    LdapFault.NO_CLIENT: DoorFault.NO_CLIENT,
    LdapFault.UNREACHABLE: DoorFault.REFUSED,
    LdapFault.TLS: DoorFault.TLS,
    LdapFault.TIMEOUT: DoorFault.HANG,
    LdapFault.READER_REFUSED: DoorFault.READER,
    LdapFault.NO_BASE: DoorFault.NO_BASE,
    LdapFault.TOO_MANY: DoorFault.BROKEN,
    LdapFault.BROKEN: DoorFault.BROKEN,
}
_DECOY: Final = "cn=preau-leurre"


def spelled(login: str) -> str:
    """Return one spelling of a typed login; it is never refused before it is counted."""
    return unicodedata.normalize("NFC", login).strip().lower()[:LONGEST_LOGIN]


def door_error(error: LdapError) -> DoorError:
    """Return the same fault as doors have it."""
    return DoorError(_FAULTS[error.fault])


def directory_of(door: Door) -> LdapDirectory:
    """Return the directory of the door's authority; `DoorError` when it has none."""
    found = LdapDirectory.objects.filter(authority=door.authority_id).first()
    if found is None:
        raise DoorError(DoorFault.REFUSED)
    return found


def wanted_filter(door: Door, login: str) -> str:
    """Return the filter of who may have typed this login; every character of it is literal."""
    typed = either(*(equals(name, login) for name in door.ldap.login_attributes))
    return f"(&{typed}{door.ldap.restriction})" if door.ldap.restriction else typed


def find(door: Door, directory: LdapDirectory, login: str) -> list[Entry]:
    """Return the entries of a login: two when it is ambiguous."""
    wanted = (directory.key_attribute, directory.state_attribute, door.match_attribute, _LOCKED)
    attributes = tuple(name for name in dict.fromkeys((*wanted, "uid")) if name)
    return ask(
        directory.settings,
        lambda connection: connection.find(wanted_filter(door, login), attributes, most=1),
    )


@sensitive_variables("secret")
def prove(door: Door, login: str, secret: str) -> tuple[Entry | None, Proof]:
    """Return who typed this, and what the directory says of the password.

    Who is unknown, ambiguous, closed or locked costs one bind all the same, to the decoy: the
    answer takes as long as that to a wrong password. Raises `LdapError`.
    """
    directory = directory_of(door)
    found = find(door, directory, login) if login else []
    entry = found[0] if len(found) == 1 else None
    if entry is not None and not _may_try(directory, entry):
        entry = None
    dn = entry.dn if entry is not None else decoy_of(directory)
    proof = ask(directory.settings, lambda c: c.prove(dn, secret), proves=True)
    if entry is not None and proof == Proof.WRONG and entry.first(_LOCKED):
        # The lock may be over: only the server knows how long it lasts. In force, it refused
        # without hashing, and the decoy takes that time.
        ask(directory.settings, lambda c: c.prove(decoy_of(directory), secret), proves=True)
    return (entry, proof) if entry is not None else (None, Proof.WRONG)


def decoy_of(directory: LdapDirectory) -> str:
    """Return the entry that nobody signs in as."""
    return directory.decoy_dn or f"{_DECOY},{directory.base}"


def _may_try(directory: LdapDirectory, entry: Entry) -> bool:
    """A closed entry, one without key and one locked for good open nothing."""
    states = entry.values.get(directory.state_attribute.lower(), ())
    is_locked = entry.first(_LOCKED) == _FOR_GOOD
    return bool(entry.first(directory.key_attribute)) and is_open(states) and not is_locked
