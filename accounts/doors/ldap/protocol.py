"""Doors of kind LDAP: the password is typed here, and proved by a bind to the directory."""

from __future__ import annotations

from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from accounts.account.models import Account
from accounts.doors.base.models import Door
from accounts.doors.base.protocol import Assertion, DoorError, DoorProtocol, TrialResult
from accounts.doors.bindings.models import DoorBinding
from accounts.doors.ldap.forms import LdapDoorForm
from accounts.doors.ldap.lookup import directory_of, door_error, prove, spelled
from accounts.doors.ldap.trial import try_door
from accounts.enums import DoorFault
from ent.ldap.client import LdapError, Proof
from signin.enums import Method

_TYPED = "typed"


class LdapProtocol(DoorProtocol):
    """A directory that knows the password. The subject is the attribute that never changes."""

    form = LdapDoorForm
    settings_relation = "ldap"
    asks_for_secret = True
    can_be_tried = True

    @sensitive_variables("secret")
    def check(self, door: Door, login: str, secret: str) -> Assertion | None:
        """Search the login, then bind; an empty password is wrong without a bind."""
        typed = self.subject(login)
        try:
            entry, proof = prove(door, typed, secret)
        except LdapError as error:
            raise door_error(error) from None
        if entry is None or proof == Proof.WRONG:
            return None
        if proof == Proof.EXPIRED:
            raise DoorError(DoorFault.EXPIRED)
        if proof == Proof.MUST_CHANGE:
            raise DoorError(DoorFault.MUST_CHANGE)
        said: dict[str, tuple[str, ...]] = {_TYPED: (typed,)}
        if door.match_attribute:
            said[door.match_attribute] = entry.values.get(door.match_attribute.lower(), ())
        return Assertion(
            subject=self.subject(entry.first(directory_of(door).key_attribute)),
            attributes=said,
            methods=frozenset({Method.ACADEMIC}),
            is_fresh=True,
        )

    def subject(self, raw: str) -> str:
        """One spelling for each subject and each typed login."""
        return spelled(raw)

    def try_out(self, door: Door) -> tuple[list[TrialResult], DoorFault | None]:
        """Connect, search and bind with an invented password."""
        return try_door(door)

    def signed_in(
        self, request: HttpRequest, door: Door, account: Account, said: Assertion
    ) -> None:
        """Keep what was typed: this browser's tries count apart from strangers' next time."""
        [typed] = said.attributes[_TYPED]
        others = DoorBinding.objects.filter(door=door, login=typed).exclude(account=account)
        others.update(login="")
        mine = DoorBinding.objects.filter(door=door, account=account).exclude(login=typed)
        mine.update(login=typed)
