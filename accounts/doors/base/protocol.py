"""The interface of a door's kind: how somebody leaves, comes back, is checked and signs out.

A new kind (LDAP, SAML 2.0, OIDC) is one folder `accounts.doors.<kind>` with its protocol, its
settings model and its form, registered in `accounts.doors.kinds`. The mire, the pages, the binding
and the sessions do not change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from django.http import HttpRequest

from accounts.doors.base.departure import Departure
from accounts.enums import DoorFault
from signin.enums import Method

if TYPE_CHECKING:
    from accounts.account.models import Account
    from accounts.doors.base.forms import DoorForm
    from accounts.doors.base.models import Door


class DoorError(Exception):
    """The other side gave no answer that counts."""

    def __init__(self, fault: DoorFault, *, detail: str = "") -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.detail = detail


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """Where to leave for, and what the protocol needs again at the return."""

    address: str
    state: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Return:
    """Somebody's browser came back. Nothing of it is believed before `DoorProtocol.come_back`."""

    values: Mapping[str, str] = field(default_factory=dict)
    """What the browser brought; empty when nobody signed in over there."""
    nonce: str | None = None
    """The nonce of the departure; None when the protocol has no place for it."""
    answer: str = ""
    """The name of the answer (a ticket), when it is known before the answer is validated."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class SignOut:
    """The other side ends sessions: the names by which it knows them."""

    sessions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Assertion:
    """What the other side says, validated; never anything that the browser says."""

    subject: str
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    methods: frozenset[Method] = frozenset({Method.ACADEMIC})
    is_fresh: bool = False
    """Was something proved just now, rather than a session over there remembered?"""
    answer: str = ""
    """The name of the answer, which opens one session only; "" when it cannot come twice."""
    session: str = ""
    """The name by which the other side will end the session; "" when it never does."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialResult:
    """One thing that « Tester » tried, and what came of it."""

    tried: str
    is_well: bool
    words: str


class DoorProtocol:
    """How one kind of door works. A kind overrides what it has; the rest refuses."""

    form: ClassVar[type[DoorForm]]
    """The form of its settings."""
    settings_relation: ClassVar[str] = ""
    """The attribute of a door that holds the settings of its server."""
    longest_post: ClassVar[int] = 16 * 1024
    """The most bytes that the other side may post to us."""
    is_elsewhere: ClassVar[bool] = True
    """Does another server know the secret?"""
    asks_for_secret: ClassVar[bool] = False
    """Is the secret of another server typed into a form of ours (`check`)?"""
    can_be_tried: ClassVar[bool] = False
    """Does « Tester » know how to contact the server (`try_out`)?"""

    def has_server(self, door: Door) -> bool:
        """Is there a server, and is its address known?"""
        return self.is_elsewhere and hasattr(door, self.settings_relation)

    def start(self, door: Door, departure: Departure) -> Start:
        """Return where to leave for; only for kinds that lead away."""
        raise DoorError(DoorFault.TICKET)

    def classify(self, request: HttpRequest, door: Door) -> Return | SignOut | None:
        """Return what a request to the door's address is; None when it is nothing of ours."""
        return None

    def come_back(self, door: Door, returned: Return, departure: Departure | None) -> Assertion:
        """Validate what the browser brought back; raises `DoorError`.

        The departure is None for who is signed in here and comes back without one. Only a protocol
        that has no place for a nonce is asked then.
        """
        raise DoorError(DoorFault.TICKET)

    def check(self, door: Door, login: str, secret: str) -> Assertion | None:
        """Ask the server about a secret that was typed here; None when it is wrong.

        Raises `DoorError` when the server does not say. It is called within the throttle, a place
        of the sign-ins and the door's own place and breaker.
        """
        raise DoorError(DoorFault.SUBJECT)

    def sign_out(self, door: Door, back: str) -> str:
        """Return the address that ends the session over there, "" when there is none."""
        return ""

    def subject(self, raw: str) -> str:
        """Return the subject as it is kept; raises `DoorError` when it cannot be one."""
        raise DoorError(DoorFault.SUBJECT)

    def address_to_declare(self, door: Door) -> str:
        """Return the address of ours that the other side must know, "" when it needs none."""
        return ""

    def try_out(self, door: Door) -> tuple[list[TrialResult], DoorFault | None]:
        """« Tester »: contact the server now, within its deadline, and explain."""
        return [], None

    def signed_in(
        self, request: HttpRequest, door: Door, account: Account, said: Assertion
    ) -> None:
        """Called when an account was found for an assertion."""

    def signed_out(self, account: Account) -> None:
        """Called when the other side ended a session of an account."""
