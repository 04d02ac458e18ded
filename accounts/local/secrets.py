"""Checking what was typed: always one Argon2 and one HMAC, whatever the account is (T-A2)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from accounts.account.models import Account
from accounts.activation.models import ActivationCode
from accounts.enums import AccountKind, AccountState
from signin import one_time_codes as codes
from signin.passwords.hashing import hash_of_nobody, is_password_of


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretCheck:
    """What the typed secret proved."""

    is_password: bool
    is_code: bool
    code_generation: int = 0


def check_secret(account: Account | None, typed: str) -> SecretCheck:
    """Return what *typed* proves for the account; the same work for everybody and nobody."""
    code = _code_of(account)
    is_right = is_password_of(_hash_of(account), typed)
    is_code = codes.matches(
        code.verifier if code is not None else None,
        typed,
        account.uuid if account is not None and code is not None else None,
        code.generation if code is not None else 0,
    )
    return SecretCheck(
        is_password=is_right and account is not None and _has_password(account),
        is_code=is_code and code is not None and code.expires_at > timezone.now(),
        code_generation=code.generation if code is not None else 0,
    )


def is_current_password(account: Account, typed: str) -> bool:
    """Tell whether *typed* is the account's present password."""
    if not account.password or not account.has_usable_password():
        return False
    return is_password_of(account.password, typed)


def _has_password(account: Account) -> bool:
    return (
        account.kind == AccountKind.LOCAL
        and account.state == AccountState.ACTIVE
        and account.is_active
    )


def _hash_of(account: Account | None) -> str:
    """Return the hash to compare with: the account's own, or nobody's."""
    if account is None or account.kind != AccountKind.LOCAL or not account.has_usable_password():
        return hash_of_nobody()
    return account.password or hash_of_nobody()


def _code_of(account: Account | None) -> ActivationCode | None:
    """Return the account's valid code row; read with the account, so this costs no statement."""
    if account is None or account.kind != AccountKind.LOCAL or not account.is_active:
        return None
    code: ActivationCode | None = getattr(account, "activation_code", None)
    if code is None or code.generation != account.code_generation:
        return None
    return code
