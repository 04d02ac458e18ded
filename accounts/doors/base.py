"""What every kind of door that leads elsewhere can do: start, return, sign-out, subject.

A new kind (LDAP, SAML 2.0, OIDC) is one module with these four, registered in `accounts.doors`;
the mire, the pages and the binding do not change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from accounts.enums import DoorFault, Method
from accounts.models import Door


class DoorError(Exception):
    """The other side gave no answer that counts."""

    def __init__(self, fault: DoorFault, *, detail: str = "") -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.detail = detail


@dataclass(frozen=True, kw_only=True, slots=True)
class Demand:
    """What is asked beyond knowing who it is: to prove it again, or by a given method."""

    renew: bool = False
    method: Method | None = None


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Assertion:
    """What the other side says, validated; never anything that the browser says."""

    subject: str
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    methods: frozenset[Method] = frozenset({Method.ACADEMIC})
    is_fresh: bool = False
    """Was something proved just now, rather than a session over there remembered?"""
    ticket_hash: bytes = b""


class Way(Protocol):
    """How one kind of door works."""

    def start(self, door: Door, demand: Demand) -> str:
        """Return the address to leave for, "" when the door's own page asks for a secret."""
        ...

    def come_back(self, door: Door, query: Mapping[str, str], demand: Demand) -> Assertion:
        """Ask the other side, directly, what the browser brought back; raises `DoorError`."""
        ...

    def sign_out(self, door: Door, back: str) -> str:
        """Return the address that ends the session over there, "" when there is none."""
        ...

    def subject(self, raw: str) -> str:
        """Return the subject as it is kept; raises `DoorError` when it cannot be one."""
        ...
