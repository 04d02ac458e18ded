"""Codes by the clock (TOTP, RFC 6238): drawing a seed, carrying it in a form, matching a code."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from uuid import UUID

import pyotp
from django.conf import settings
from django_otp.oath import TOTP

from ent.database import clock as database_clock
from ent.sealing.boxes import SealError
from ent.sealing.keys import KeyRole, UnknownKeyError
from ent.sealing.locking import lock, unlock
from signin.enums import Realm
from signin.realms import current_realm
from signin.second_factor.models import Authenticator

STEP_SECONDS = 30
STEPS_AROUND = 1
SEED_BYTES = 20
DIGITS = 6


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Proposal:
    """A new seed before it is confirmed: shown as text and QR, carried locked by the form."""

    key_text: str
    uri: str
    locked: str


def propose(*, principal: UUID, sign_on: UUID, label: str, locked: str = "") -> Proposal:
    """Draw a seed, or open the one that a form carried (same principal, same sign-on).

    Nothing is written before a code proves that the application has it. *label*: what the
    application shows beside its codes.
    """
    seed = carried_seed(principal=principal, sign_on=sign_on, locked=locked)
    seed = seed or secrets.token_bytes(SEED_BYTES)
    text = base64.b32encode(seed).decode("ascii")
    uri = pyotp.TOTP(text).provisioning_uri(name=label, issuer_name=settings.PLATFORM_NAME)
    carried = lock(seed, role=KeyRole.SECOND_FACTOR, context=_carrying(principal, sign_on))
    return Proposal(
        key_text=" ".join(text[start : start + 4] for start in range(0, len(text), 4)),
        uri=uri,
        locked=base64.urlsafe_b64encode(carried).decode("ascii"),
    )


def carried_seed(*, principal: UUID, sign_on: UUID, locked: str) -> bytes | None:
    """Open what a form of this very sign-on carried; nothing for anything else."""
    try:
        whole = base64.urlsafe_b64decode(locked.encode("ascii", "replace"))
        if not whole:
            return None
        return unlock(whole, role=KeyRole.SECOND_FACTOR, context=_carrying(principal, sign_on))
    except (SealError, UnknownKeyError, ValueError):
        return None


def lock_seed(seed: bytes, *, realm: Realm, principal: UUID) -> bytes:
    """Return the seed as it is kept: locked, and bound to its principal of a realm."""
    return lock(seed, role=KeyRole.SECOND_FACTOR, context=_keeping(realm, principal))


def open_seed(authenticator: Authenticator) -> bytes | None:
    """Return the seed; None under a key retired too early, where a reset is the way out."""
    context = _keeping(Realm(authenticator.realm), authenticator.principal)
    try:
        return unlock(authenticator.locked_seed, role=KeyRole.SECOND_FACTOR, context=context)
    except (SealError, UnknownKeyError):
        return None


def matching_step(seed: bytes, code: str, *, after: int) -> int | None:
    """Return the time step whose code this is, one around now and later than *after*."""
    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdigit() and len(typed) == DIGITS):
        return None
    clock = TOTP(seed, step=STEP_SECONDS, digits=DIGITS)
    clock.time = database_clock.now().timestamp()
    if not clock.verify(int(typed), tolerance=STEPS_AROUND, min_t=after + 1):
        return None
    return int(clock.t())


def _keeping(realm: Realm, principal: UUID) -> bytes:
    return f"kept:{realm.value}:".encode("ascii") + principal.bytes


def _carrying(principal: UUID, sign_on: UUID) -> bytes:
    realm = current_realm().value
    return f"carried:{realm}:".encode("ascii") + principal.bytes + sign_on.bytes
