"""Ten codes for the day the application is lost; each serves once."""

from __future__ import annotations

from ent.sealing.hashing import keyed_hash, keyed_hashes
from ent.sealing.keys import KeyRole
from signin import one_time_codes as codes
from signin.second_factor.models import Authenticator, RecoveryCode

RECOVERY_CODES = 10


def replace_recovery_codes(authenticator: Authenticator) -> list[str]:
    """Draw new codes in place of all former ones, and return them as they are shown."""
    authenticator.recovery_codes.all().delete()
    drawn = list(codes.generate_codes(RECOVERY_CODES))
    RecoveryCode.objects.bulk_create(
        RecoveryCode(
            authenticator=authenticator,
            code_hash=keyed_hash(KeyRole.RECOVERY_HASH, _value(authenticator, code)),
        )
        for code in drawn
    )
    return [codes.display(code) for code in drawn]


def use_recovery_code(authenticator: Authenticator, typed: str) -> bool:
    """Delete the code that was typed; was there one?"""
    hashes = keyed_hashes(KeyRole.RECOVERY_HASH, _value(authenticator, typed))
    used, _ = authenticator.recovery_codes.filter(code_hash__in=hashes).delete()
    return bool(used)


def _value(authenticator: Authenticator, typed: str) -> bytes:
    owner = f"{authenticator.realm}:".encode("ascii") + authenticator.principal.bytes
    return owner + codes.normalise(typed).encode("ascii")
