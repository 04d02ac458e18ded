"""The second factor: an authenticator application, and recovery codes (R-B7).

A code passes once (the last accepted step is kept under a row lock), tries are counted like those
of a password but apart from them, and every refusal says the same. Whoever holds the key file and
not the database, or the database and not the key file, computes nothing.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from dataclasses import dataclass
from enum import Enum, auto
from uuid import UUID

import pyotp
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts import journal, throttle
from accounts.models import Account, Authenticator, RecoveryCode, Session
from accounts.services.connections import close_other_connections
from accounts.services.endings import end_sessions_of
from accounts.throttle import WaitError
from ent.addresses import address_group
from ent.audit.origin import Origin
from ent.sealing import codes
from ent.sealing.boxes import SealError
from ent.sealing.hashing import keyed_hash, keyed_hashes
from ent.sealing.keys import KeyRole, UnknownKeyError
from ent.sealing.locking import lock, unlock

STEP_SECONDS = 30
STEPS_AROUND = 1
SEED_BYTES = 20
RECOVERY_CODES = 10


class Proof(Enum):
    """What was typed: the application's code, a recovery code, or neither."""

    NONE = auto()
    APPLICATION = auto()
    RECOVERY = auto()

    def __bool__(self) -> bool:
        return self is not Proof.NONE


class WrongCodeError(Exception):
    """The code is not, or not any more, the right one; nothing was changed."""


class AlreadyEnrolledError(Exception):
    """The account has an application already: another tab was first."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Proposal:
    """A new seed before it is confirmed: shown as text and QR, carried locked by the form."""

    key_text: str
    uri: str
    locked: str


def has_authenticator(account: Account) -> bool:
    """Has the account an application?"""
    return bool(Authenticator.objects.filter(user=account).exists())


def propose(*, account: Account, sign_on: UUID, locked: str = "") -> Proposal:
    """Draw a seed, or open the one that a form carried (same account, same sign-on).

    Nothing is written before a code proves that the application has it.
    """
    seed = _carried_seed(account, sign_on, locked) or secrets.token_bytes(SEED_BYTES)
    text = base64.b32encode(seed).decode("ascii")
    uri = pyotp.TOTP(text).provisioning_uri(name=account.login, issuer_name=settings.PLATFORM_NAME)
    carried = lock(seed, role=KeyRole.SECOND_FACTOR, context=_carrying(account, sign_on))
    return Proposal(
        key_text=" ".join(text[start : start + 4] for start in range(0, len(text), 4)),
        uri=uri,
        locked=base64.urlsafe_b64encode(carried).decode("ascii"),
    )


@transaction.atomic
def enrol(*, account: Account, sign_on: UUID, locked: str, code: str, origin: Origin) -> list[str]:
    """Keep the seed that the form carried, once its code is right; return the recovery codes.

    They are shown now and never again. The account's other sessions gave no code: they end, and so
    do those of sign-ins that are under way, by another epoch, which the caller's own session takes
    over. Raises `WrongCodeError` or `AlreadyEnrolledError`.
    """
    seed = _carried_seed(account, sign_on, locked)
    step = _matching_step(seed, code, after=-1) if seed is not None else None
    if seed is None or step is None:
        raise WrongCodeError
    try:
        with transaction.atomic():
            authenticator = Authenticator.objects.create(
                user=account,
                locked_seed=lock(seed, role=KeyRole.SECOND_FACTOR, context=account.uuid.bytes),
                last_step=step,
            )
    except IntegrityError:
        raise AlreadyEnrolledError from None
    journal.second_factor_enrolled(account, origin=origin)
    Account.objects.filter(pk=account.pk).update(epoch=F("epoch") + 1)
    account.refresh_from_db(fields=["epoch"])
    Session.objects.filter(account=account, sign_on=sign_on).update(epoch=account.epoch)
    close_other_connections(account=account, keep=sign_on, origin=origin)
    return _new_recovery_codes(authenticator)


def prove(*, account: Account, typed: str, origin: Origin) -> Proof:
    """Check a code of the application or a recovery code, counted; raises `WaitError`."""
    source = throttle.source_of(
        login=_counted_as(account), address_group=address_group(origin.address or ""), device_id=""
    )
    admission = throttle.admit(source)
    if not admission.is_admitted:
        raise WaitError(admission.wait_seconds)
    with transaction.atomic():
        proof = _check(account, typed)
        if proof:
            throttle.count_success(source, admission)
            journal.second_factor_proved(account, origin=origin, mode=_mode_of(proof))
        else:
            throttle.count_failure(source)
            journal.second_factor_refused(account, origin=origin)
    return proof


@transaction.atomic
def renew_recovery_codes(*, account: Account, origin: Origin) -> list[str]:
    """Replace all recovery codes; return the new ones, to be shown once."""
    authenticator = Authenticator.objects.select_for_update().get(user=account)
    authenticator.recovery_codes.all().delete()
    journal.recovery_codes_renewed(account, origin=origin)
    return _new_recovery_codes(authenticator)


@transaction.atomic
def remove(*, account: Account, origin: Origin) -> None:
    """Take one's own application away; those who must have one install another at once."""
    if Authenticator.objects.filter(user=account).delete()[0]:
        journal.second_factor_removed(account, origin=origin)


@transaction.atomic
def reset(*, account: Account, actor: UUID | None, origin: Origin | None = None) -> bool:
    """For a lost device: no application, no session, no wait left; return whether there was one.

    The password stays: the next sign-in needs it before another application is installed.
    """
    deleted, _ = Authenticator.objects.filter(user=account).delete()
    end_sessions_of(account=account)
    forget_tries(account)
    journal.second_factor_reset(account, actor=actor, origin=origin)  # sessions ended in any case
    return bool(deleted)


def forget_tries(account: Account) -> None:
    """End the wait earned by wrong codes."""
    throttle.forget_login(_counted_as(account))


def _counted_as(account: Account) -> str:
    return f"second-factor:{account.uuid}"  # no login has a colon: counted apart from passwords


def _mode_of(proof: Proof) -> str:
    return "code-de-secours" if proof is Proof.RECOVERY else "application"


def _check(account: Account, typed: str) -> Proof:
    """Look at the application under its row lock, then at the recovery codes."""
    authenticator = Authenticator.objects.select_for_update().filter(user=account).first()
    if authenticator is None:
        return Proof.NONE
    digits = "".join(typed.split())
    if digits.isascii() and digits.isdigit():
        seed = _seed_of(authenticator, account)
        step = _matching_step(seed, digits, after=authenticator.last_step) if seed else None
        if step is None:
            return Proof.NONE
        Authenticator.objects.filter(pk=authenticator.pk).update(last_step=step)
        return Proof.APPLICATION
    hashes = keyed_hashes(KeyRole.RECOVERY_HASH, _recovery_value(account, typed))
    used, _ = authenticator.recovery_codes.filter(code_hash__in=hashes).delete()
    return Proof.RECOVERY if used else Proof.NONE


def _matching_step(seed: bytes, code: str, *, after: int) -> int | None:
    """Return the time step whose code this is, one around now and later than *after*."""
    now = int(timezone.now().timestamp()) // STEP_SECONDS
    hotp = pyotp.HOTP(base64.b32encode(seed).decode("ascii"))
    typed = "".join(code.split())
    found = None
    for step in range(now - STEPS_AROUND, now + STEPS_AROUND + 1):
        is_same = hmac.compare_digest(hotp.at(step).encode(), typed.encode())
        if is_same and step > after:
            found = step
    return found


def _seed_of(authenticator: Authenticator, account: Account) -> bytes | None:
    try:
        return unlock(
            authenticator.locked_seed, role=KeyRole.SECOND_FACTOR, context=account.uuid.bytes
        )
    except (SealError, UnknownKeyError):  # a key retired too early: a reset is the way out
        return None


def _carrying(account: Account, sign_on: UUID) -> bytes:
    return b"carried:" + account.uuid.bytes + sign_on.bytes


def _carried_seed(account: Account, sign_on: UUID, locked: str) -> bytes | None:
    """Open what a form of this very sign-on carried; nothing for anything else."""
    try:
        whole = base64.urlsafe_b64decode(locked.encode("ascii", "replace"))
        if not whole:
            return None
        return unlock(whole, role=KeyRole.SECOND_FACTOR, context=_carrying(account, sign_on))
    except (SealError, UnknownKeyError, ValueError):
        return None


def _new_recovery_codes(authenticator: Authenticator) -> list[str]:
    drawn = list(codes.generate_codes(RECOVERY_CODES))
    RecoveryCode.objects.bulk_create(
        RecoveryCode(
            authenticator=authenticator,
            code_hash=keyed_hash(KeyRole.RECOVERY_HASH, _recovery_value(authenticator.user, code)),
        )
        for code in drawn
    )
    return [codes.display(code) for code in drawn]


def _recovery_value(account: Account, typed: str) -> bytes:
    return account.uuid.bytes + codes.normalise(typed).encode("ascii")
