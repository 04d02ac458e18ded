"""The keys: one role each, from a private file or the environment, rotated without downtime.

A role's keys are lines `<id> <32 bytes in base64>`, the current key first, the former ones after
it. They come from `PREAU_KEY_<ROLE>`, from the file that `PREAU_KEY_<ROLE>_FILE` names, or from
`<KEYS_DIR>/<role>.key` (0600). A process that meets an identifier it does not know reads its keys
once more before it gives up: machines may receive a new key in any order.
"""

import base64
import binascii
import os
import secrets
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.conf import settings

from ent.settings.environment import read_text

KEY_BYTES = 32
KEY_ID_BYTES = 4


class KeyRole(StrEnum):
    """What a key is for; a key never serves two purposes."""

    ACTIVATION_SEAL_PUBLIC = "activation_seal_public"
    ACTIVATION_SEAL_PRIVATE = "activation_seal_private"
    FILE_WRAP_PUBLIC = "file_wrap_public"
    FILE_WRAP_PRIVATE = "file_wrap_private"
    CODE_VERIFIER = "code_verifier"
    LOGIN_HASH = "login_hash"
    SESSION_HASH = "session_hash"
    THROTTLE_HASH = "throttle_hash"
    DEVICE_COOKIE = "device_cookie"
    SECOND_FACTOR = "second_factor"
    RECOVERY_HASH = "recovery_hash"
    JOURNAL_CHAIN = "journal_chain"
    MAILING = "mailing"
    CARRIED = "carried"
    ERASURE_LIST = "erasure_list"
    LDAP_READER = "ldap_reader"
    OTP_SEED_PUBLIC = "otp_seed_public"
    OTP_SEED_PRIVATE = "otp_seed_private"


#: The two halves of one key pair share their identifiers.
PAIRS: dict[KeyRole, KeyRole] = {
    KeyRole.ACTIVATION_SEAL_PRIVATE: KeyRole.ACTIVATION_SEAL_PUBLIC,
    KeyRole.FILE_WRAP_PRIVATE: KeyRole.FILE_WRAP_PUBLIC,
    KeyRole.OTP_SEED_PRIVATE: KeyRole.OTP_SEED_PUBLIC,
}
#: What only the processes of an academy's own sign-in may read: never the portal's, all together.
OTP_ONLY: frozenset[KeyRole] = frozenset({KeyRole.OTP_SEED_PRIVATE})
#: The keys of an academy's own sign-in, kept and saved by whoever runs it.
OTP_ROLES: frozenset[KeyRole] = frozenset({KeyRole.OTP_SEED_PRIVATE, KeyRole.OTP_SEED_PUBLIC})
#: What a web process must not be able to read, even when it is broken into.
WORKER_ONLY: frozenset[KeyRole] = (
    frozenset({*PAIRS, KeyRole.JOURNAL_CHAIN, KeyRole.ERASURE_LIST}) - OTP_ONLY
)
#: What is created by itself; the public halves follow their private ones.
CREATED: tuple[KeyRole, ...] = tuple(role for role in KeyRole if role not in PAIRS.values())


class KeyringError(Exception):
    """Something is wrong with the keys; the message names the role, never a key."""


class MissingKeyError(KeyringError):
    """No key was given for the role."""


class UnknownKeyError(KeyringError):
    """No key of the role bears this identifier: it was retired, or never reached this process."""


class ForbiddenKeyError(KeyringError):
    """A process asked for a key that is not for its kind: the worker's, or another realm's."""


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """One key; its bytes never show in a representation."""

    role: KeyRole
    id: bytes
    secret: bytes

    def __repr__(self) -> str:
        return f"<Key {self.role.value} {self.id.hex()}>"


def current_key(role: KeyRole) -> Key:
    """Return the key under which new things are made."""
    return role_keys(role)[0]


def role_keys(role: KeyRole) -> tuple[Key, ...]:
    """Return every key of the role that still opens something, the current one first."""
    if role in WORKER_ONLY and not settings.RUNS_WORKER:
        raise ForbiddenKeyError(
            f"{role.value} belongs to the worker: this process must not hold it"
        )
    if role in OTP_ONLY and not settings.OPENS_OTP_SEEDS:
        raise ForbiddenKeyError(f"{role.value} belongs to the processes that check OTP keys")
    return _load(role, str(settings.KEYS_DIR))


def key_by_id(role: KeyRole, key_id: bytes) -> Key:
    """Return the key of the role that bears the identifier, or raise `UnknownKeyError`."""
    for attempt in ("known", "read again"):
        for key in role_keys(role):
            if key.id == key_id:
                return key
        if attempt == "known":
            forget_loaded_keys()
    raise UnknownKeyError(f"{role.value}: no key {key_id.hex()}")


def forget_loaded_keys() -> None:
    """Read the keys again at the next use, and drop what was prepared from them."""
    _load.cache_clear()


@cache
def _load(role: KeyRole, folder: str) -> tuple[Key, ...]:
    variable = f"PREAU_KEY_{role.name}"
    text = read_text(variable, "")
    if not text:
        path = _path(role, folder)
        if not path.exists() and settings.KEYS_CREATE_MISSING:
            create_missing_keys(Path(folder))
        if not path.exists():
            raise MissingKeyError(f"{role.value}: set {variable} or run create_keys")
        if role not in PAIRS.values() and path.stat().st_mode & 0o077:
            raise KeyringError(f"{role.value}: {path.name} is readable by others; chmod 600")
        text = path.read_text(encoding="ascii")
    keys = _parse(role, text)
    if not keys:
        raise MissingKeyError(f"{role.value}: no key in it")
    return keys


def _parse(role: KeyRole, text: str) -> tuple[Key, ...]:
    keys = []
    for line in text.replace(",", "\n").splitlines():
        fields = line.split("#")[0].split()
        if not fields:
            continue
        try:
            key_id, secret = bytes.fromhex(fields[0]), base64.b64decode(fields[1], validate=True)
        except (IndexError, ValueError, binascii.Error):
            # `from None`: the cause would quote the line, that is the key.
            raise KeyringError(f"{role.value}: a line is not `<id> <base64>`") from None
        if len(key_id) != KEY_ID_BYTES or len(secret) != KEY_BYTES:
            raise KeyringError(f"{role.value}: an id has {KEY_ID_BYTES} bytes, a key {KEY_BYTES}")
        keys.append(Key(role, key_id, secret))
    if len({key.id for key in keys}) != len(keys):
        raise KeyringError(f"{role.value}: two keys bear the same id")
    return tuple(keys)


# --- making, rotating and retiring keys (commands, demonstration, tests) --------------------------


def create_missing_keys(folder: Path) -> list[KeyRole]:
    """Create the key files that do not exist yet; return the roles that were created.

    A folder of the portal gets no key of OTP seeds.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    created = []
    for role in CREATED:
        if role in OTP_ONLY and not settings.OPENS_OTP_SEEDS:
            continue
        missing = not _path(role, str(folder)).exists()
        if missing and _write(folder, role, (_new_key(role),), new=True):
            created.append(role)
        if role in PAIRS:
            _write_public_half(folder, role, new=True)
    forget_loaded_keys()
    return created


def rotate_key(folder: Path, role: KeyRole) -> Key:
    """Put a new current key before the others, which go on opening what they closed."""
    if role not in CREATED:
        raise KeyringError(f"{role.value} follows its private half: rotate that one")
    key = _new_key(role)
    _write(folder, role, (key, *_read(folder, role)))
    _write_public_half(folder, role)
    forget_loaded_keys()
    return key


def retire_former_keys(folder: Path, role: KeyRole) -> int:
    """Forget the former keys of a role for good; return how many there were.

    Whatever is still under them is lost, which is why sealing again comes first.
    """
    keys = _read(folder, role)
    _write(folder, role, keys[:1])
    _write_public_half(folder, role)
    forget_loaded_keys()
    return len(keys) - 1


def _read(folder: Path, role: KeyRole) -> tuple[Key, ...]:
    path = _path(role, str(folder))
    if not path.exists():
        raise MissingKeyError(f"{role.value}: {path.name} does not exist; run create_keys")
    return _parse(role, path.read_text(encoding="ascii"))


def _new_key(role: KeyRole) -> Key:
    return Key(role, secrets.token_bytes(KEY_ID_BYTES), secrets.token_bytes(KEY_BYTES))


def _write_public_half(folder: Path, role: KeyRole, *, new: bool = False) -> None:
    public_role = PAIRS.get(role)
    if public_role is None:
        return
    halves = tuple(
        Key(
            public_role,
            key.id,
            X25519PrivateKey.from_private_bytes(key.secret).public_key().public_bytes_raw(),
        )
        for key in _read(folder, role)
    )
    _write(folder, public_role, halves, new=new)


def _write(folder: Path, role: KeyRole, keys: tuple[Key, ...], *, new: bool = False) -> bool:
    """Write a role's file whole or not at all; with `new`, never over one that exists."""
    lines = [f"{key.id.hex()} {base64.b64encode(key.secret).decode('ascii')}\n" for key in keys]
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=f".{role.value}.")  # 0600
    path = _path(role, str(folder))
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.writelines(lines)
            stream.flush()
            os.fsync(stream.fileno())
        if not new:
            Path(temporary).replace(path)
            return True
        try:
            path.hardlink_to(temporary)  # two processes may start at once: the first one wins
        except FileExistsError:
            return False
        return True
    finally:
        Path(temporary).unlink(missing_ok=True)


def _path(role: KeyRole, folder: str) -> Path:
    return Path(folder) / f"{role.value}.key"
