"""Checking what was typed: always one Argon2 and one HMAC, whatever the account is (T-A2)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

from django.contrib.auth.hashers import get_hasher, identify_hasher, make_password
from django.utils import timezone

from accounts.enums import AccountKind, AccountState
from accounts.gate import hash_slot
from accounts.models import Account, ActivationCode
from ent.sealing import codes

LONGEST_PASSWORD = 256
_NOBODY = "nobody types this"


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What the typed secret proved."""

    is_password: bool
    is_code: bool
    code_generation: int = 0


def normalise_password(typed: str) -> str:
    """Return the password as it is hashed: Unicode NFC, nothing else changed.

    « é » is one character or two according to the keyboard; both must open (RFC 8265 likewise).
    """
    return unicodedata.normalize("NFC", typed)


def is_too_long(typed: str) -> bool:
    """Refused before anything is hashed: hashing a megabyte is somebody else's second."""
    return len(typed) > LONGEST_PASSWORD


def check_secret(account: Account | None, typed: str) -> Proof:
    """Return what *typed* proves for the account; the same work for everybody and nobody."""
    code = _code_of(account)
    with hash_slot():
        is_right = _verify(normalise_password(typed), _hash_of(account))
    is_code = codes.matches(
        code.verifier if code is not None else None,
        typed,
        account.uuid if account is not None and code is not None else None,
        code.generation if code is not None else 0,
    )
    return Proof(
        is_password=is_right and account is not None and _has_password(account),
        is_code=is_code and code is not None and code.expires_at > timezone.now(),
        code_generation=code.generation if code is not None else 0,
    )


def is_current_password(account: Account, typed: str) -> bool:
    """Tell whether *typed* is the account's present password."""
    if not account.password or not account.has_usable_password():
        return False
    with hash_slot():
        return _verify(normalise_password(typed), account.password)


def hash_password(password: str) -> str:
    """Return the hash to keep; one hash slot."""
    with hash_slot():
        return make_password(normalise_password(password))


def needs_new_hash(account: Account) -> bool:
    """Tell whether the stored hash is of another algorithm or of weaker parameters (T-L1).

    Never the reverse: a hash made with stronger parameters than ours is kept.
    """
    hasher, preferred = identify_hasher(account.password), get_hasher("default")
    if hasher.algorithm != preferred.algorithm:
        return True
    kept = hasher.decode(account.password)
    return any(kept[name] < getattr(preferred, name) for name in ("memory_cost", "time_cost"))


@cache
def _hash_of_nobody() -> str:
    return make_password(_NOBODY)


def _has_password(account: Account) -> bool:
    return (
        account.kind == AccountKind.LOCAL
        and account.state == AccountState.ACTIVE
        and account.is_active
    )


def _hash_of(account: Account | None) -> str:
    """Return the hash to compare with: the account's own, or nobody's."""
    if account is None or account.kind != AccountKind.LOCAL or not account.has_usable_password():
        return _hash_of_nobody()
    return account.password or _hash_of_nobody()


def _code_of(account: Account | None) -> ActivationCode | None:
    """Return the account's valid code row; read with the account, so this costs no statement."""
    if account is None or account.kind != AccountKind.LOCAL or not account.is_active:
        return None
    code: ActivationCode | None = getattr(account, "activation_code", None)
    if code is None or code.generation != account.code_generation:
        return None
    return code


def _verify(password: str, encoded: str) -> bool:
    hasher = identify_hasher(encoded)
    return bool(hasher.verify(password, encoded))
