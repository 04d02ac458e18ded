"""What a backup says of itself, signed: its dump, its tables, the keys that it needs."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from ent.sealing.hashing import keyed_digest
from ent.sealing.keys import (
    OTP_ROLES,
    KeyringError,
    KeyRole,
    UnknownKeyError,
    current_key,
    key_by_id,
    role_keys,
)

MANIFEST: Final = "manifest.json"
DUMP: Final = "database.dump"


class BackupUnfit(Exception):
    """The backup cannot be trusted or used; the message is French."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Names, counts and digests; nothing of a person and no key."""

    made_at: str
    dump_sha256: str
    migrations: dict[str, str]
    """The last migration of each application."""
    tables: dict[str, list[Any]]
    """Rows and checksum of each table."""
    keys: dict[str, list[str]]
    """The identifiers of the keys of each role."""


def last_migrations() -> dict[str, str]:
    """Return the last migration of each application of this code."""
    return dict(sorted(MigrationLoader(connection).graph.leaf_nodes()))


def key_identifiers() -> dict[str, list[str]]:
    """Return the identifiers of the portal's keys; those of OTP seeds are not the portal's."""
    roles = (role for role in KeyRole if role not in OTP_ROLES)
    return {role.value: [key.id.hex() for key in role_keys(role)] for role in roles}


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write and sign it."""
    key = current_key(KeyRole.JOURNAL_CHAIN)
    said = asdict(manifest)
    signed = {**said, "key": key.id.hex(), "signature": keyed_digest(key, _text(said)).hex()}
    (folder / MANIFEST).write_text(json.dumps(signed, indent=1), encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Read it, or raise `BackupUnfit`: it must be signed by our key, and its dump whole."""
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        key_id, signature = said.pop("key"), said.pop("signature")
        manifest = Manifest(**said)
        key = key_by_id(KeyRole.JOURNAL_CHAIN, bytes.fromhex(key_id))
    except UnknownKeyError as error:
        raise BackupUnfit(
            "La clé du journal n’est pas celle de cette sauvegarde : mettez d’abord les clés "
            "sauvegardées en place."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupUnfit(f"{folder} n’est pas une sauvegarde complète.") from error
    if not hmac.compare_digest(keyed_digest(key, _text(said)).hex(), signature):
        raise BackupUnfit("Le manifeste de la sauvegarde a été modifié.")
    if file_digest(folder / DUMP) != manifest.dump_sha256:
        raise BackupUnfit("La copie de la base a été modifiée ou coupée.")
    return manifest


def missing_keys(manifest: Manifest) -> list[str]:
    """Return the roles of which this machine lacks a key that the backup needs."""
    missing = []
    for role, identifiers in manifest.keys.items():
        try:
            held = {key.id.hex() for key in role_keys(KeyRole(role))}
        except KeyringError:
            held = set()
        if set(identifiers) - held:
            missing.append(role)
    return missing


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file; a missing one has none."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _text(said: dict[str, Any]) -> bytes:
    return b"backup|" + json.dumps(said, sort_keys=True, separators=(",", ":")).encode("utf-8")
