"""Keeping an authenticator application, and checking what somebody types (R-B7).

A code passes once (the last accepted step is kept under a row lock). Whoever holds the key file and
not the database, or the database and not the key file, computes nothing. Counting tries, the
journal and the end of other sessions are the realm's own services.
"""

from __future__ import annotations

from enum import Enum, auto
from uuid import UUID

from django.db import IntegrityError, transaction

from signin.enums import Realm
from signin.second_factor.models import Authenticator
from signin.second_factor.recovery_codes import use_recovery_code
from signin.second_factor.totp import carried_seed, lock_seed, matching_step, open_seed


class SecondFactorCheck(Enum):
    """What was typed: the application's code, a recovery code, or neither."""

    NONE = auto()
    APPLICATION = auto()
    RECOVERY = auto()

    def __bool__(self) -> bool:
        return self is not SecondFactorCheck.NONE


class WrongCodeError(Exception):
    """The code is not, or not any more, the right one; nothing was changed."""


class AlreadyEnrolledError(Exception):
    """The principal has an application already: another tab was first."""


def keep_authenticator(
    *, realm: Realm, principal: UUID, sign_on: UUID, locked: str, code: str
) -> Authenticator:
    """Keep the seed that the form carried, once its code is right.

    Raises `WrongCodeError` or `AlreadyEnrolledError`.
    """
    seed = carried_seed(principal=principal, sign_on=sign_on, locked=locked)
    step = matching_step(seed, code, after=-1) if seed is not None else None
    if seed is None or step is None:
        raise WrongCodeError
    try:
        with transaction.atomic():
            return Authenticator.objects.create(
                realm=realm,
                principal=principal,
                locked_seed=lock_seed(seed, realm=realm, principal=principal),
                last_step=step,
            )
    except IntegrityError:
        raise AlreadyEnrolledError from None


def check_second_factor(*, realm: Realm, principal: UUID, typed: str) -> SecondFactorCheck:
    """Look at the application under its row lock, then at the recovery codes; in a transaction."""
    held = Authenticator.objects.select_for_update().of(realm, principal)
    authenticator = held.first()
    if authenticator is None:
        return SecondFactorCheck.NONE
    digits = "".join(typed.split())
    if digits.isascii() and digits.isdigit():
        seed = open_seed(authenticator)
        step = matching_step(seed, digits, after=authenticator.last_step) if seed else None
        if step is None:
            return SecondFactorCheck.NONE
        Authenticator.objects.filter(pk=authenticator.pk).update(last_step=step)
        return SecondFactorCheck.APPLICATION
    if use_recovery_code(authenticator, typed):
        return SecondFactorCheck.RECOVERY
    return SecondFactorCheck.NONE
