"""Activation codes: how they are drawn, written, read back, and recognised without being kept.

Twelve characters of a lower-case alphabet without the look-alikes i, l, o, 0 and 1: 59 bits, and
somebody can read them out over a counter. Shown as `k7qp-m3xr-9t4v`, typed in any case, with or
without hyphens and spaces. The web recognises a code by a keyed verifier bound to the account and
to the generation of its code: a dump without the key recognises nothing, and a verifier moved to
another account or kept from a former code matches nothing.
"""

import hmac
import os
import struct
import unicodedata
from collections.abc import Iterable, Iterator
from uuid import UUID

from ent.sealing.hashing import keyed_digest
from ent.sealing.keys import KEY_ID_BYTES, KeyRole, UnknownKeyError, current_key, key_by_id

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
CODE_LENGTH = 12
GROUP_LENGTH = 4
VERIFIER_BYTES = KEY_ID_BYTES + 32

# Five bits of a random byte choose among 32; the one value too many is thrown away with its byte,
# so every symbol has exactly the same chance.
_SYMBOLS = bytes(
    ord(ALPHABET[byte & 31]) if byte & 31 < len(ALPHABET) else 0 for byte in range(256)
)
_REJECTED = bytes(byte for byte in range(256) if byte & 31 >= len(ALPHABET))
_BULK_CODES = 4096
_LONGEST_TYPED = 64

_context = struct.Struct(">16sI").pack
_DUMMY = (b"\0" * VERIFIER_BYTES, UUID(int=0))


def generate_code() -> str:
    """Draw one code, in its canonical spelling (no hyphens)."""
    return next(generate_codes(1))


def generate_codes(count: int) -> Iterator[str]:
    """Draw that many codes from the system's random source, in bulk (millions a second)."""
    left = count
    pool = ""
    while left:
        wanted = min(left, _BULK_CODES) * CODE_LENGTH
        drawn = os.urandom(wanted + wanted // 16 + 64).translate(_SYMBOLS, _REJECTED)
        pool += drawn.decode("ascii")
        whole = min(left, len(pool) // CODE_LENGTH) * CODE_LENGTH
        yield from [pool[i : i + CODE_LENGTH] for i in range(0, whole, CODE_LENGTH)]
        left -= whole // CODE_LENGTH
        pool = pool[whole:]


def display(code: str) -> str:
    """Return the code as it is printed and shown: `k7qp-m3xr-9t4v`."""
    second, third = GROUP_LENGTH, 2 * GROUP_LENGTH
    return f"{code[:second]}-{code[second:third]}-{code[third:]}"


def normalise(typed: str) -> str:
    """Return the canonical spelling of what someone typed, or "" when it cannot be a code.

    Case, full-width letters, spaces of any kind and hyphens of any kind do not matter.
    """
    if len(typed) > _LONGEST_TYPED:
        return ""
    folded = unicodedata.normalize("NFKC", typed).lower()
    kept = "".join(c for c in folded if unicodedata.category(c) not in {"Pd", "Zs", "Cc", "Cf"})
    if len(kept) != CODE_LENGTH or not set(kept) <= set(ALPHABET):
        return ""
    return kept


def verifier(code: str, account: UUID, generation: int) -> bytes:
    """Return what the web keeps to recognise the code: key identifier, then HMAC-SHA-256."""
    key = current_key(KeyRole.CODE_VERIFIER)
    return key.id + keyed_digest(
        key, _context(account.bytes, generation) + normalise(code).encode("ascii")
    )


def verifiers(codes: Iterable[tuple[str, UUID, int]]) -> Iterator[bytes]:
    """Return the verifiers of many canonical codes (a region's import has 1.5 million)."""
    key = current_key(KeyRole.CODE_VERIFIER)
    for code, account, generation in codes:
        yield key.id + keyed_digest(key, _context(account.bytes, generation) + code.encode("ascii"))


def matches(
    stored: bytes | memoryview | None, typed: str, account: UUID | None, generation: int
) -> bool:
    """Tell whether what was typed is the code; exactly one HMAC and one comparison, whatever comes.

    Call it with None for the account or the stored value where there is none: the answer is False
    after the same work, so that nobody reads from the time whether a code exists (T-A2).
    """
    code = normalise(typed)
    wanted = bytes(stored) if stored is not None and account is not None else _DUMMY[0]
    key_id = wanted[:KEY_ID_BYTES]
    known = True
    try:
        key = (
            key_by_id(KeyRole.CODE_VERIFIER, key_id)
            if wanted is not _DUMMY[0]
            else current_key(KeyRole.CODE_VERIFIER)
        )
    except UnknownKeyError:
        key, known = current_key(KeyRole.CODE_VERIFIER), False
    message = _context((account or _DUMMY[1]).bytes, generation) + code.encode("ascii")
    same = hmac.compare_digest(keyed_digest(key, message), wanted[KEY_ID_BYTES:])
    return same and known and bool(code)
