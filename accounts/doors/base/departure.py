"""What somebody left for, and what is demanded of the door."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils import timezone

from signin.enums import Method


@dataclass(frozen=True, kw_only=True, slots=True)
class Demand:
    """What is asked beyond knowing who it is: to prove it again, or by a given method."""

    renew: bool = False
    method: Method | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Departure:
    """One leaving for a door, kept in the browser's session until its return.

    The nonce names it. A protocol that carries a state of ours there and back (OIDC `state`, SAML
    `RelayState`) sends the nonce; `state` is what it needs again at the return (a PKCE verifier, a
    request's ID) and never leaves us.
    """

    door: str
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    left_at: float = field(default_factory=lambda: timezone.now().timestamp())
    renew: bool = False
    method: str = ""
    next_path: str = ""
    school: str = ""
    confirms: str = ""
    """The account that proves again who it is; "" for a sign-in."""
    state: Mapping[str, str] = field(default_factory=dict)

    @property
    def demand(self) -> Demand:
        """What was asked of the door when leaving; the return is held to it."""
        method = Method(self.method) if self.method in Method.values else None
        return Demand(renew=self.renew, method=method)
