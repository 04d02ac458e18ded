"""The vendor's key pair: the private half stays here, the public one goes to the ENT."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

_FILE: Final = "cle_privee.pem"
_BITS: Final = 2048
_LINE: Final = 70
"""RFC 4716: at most 72 bytes a line."""


def private_key(folder: Path) -> rsa.RSAPrivateKey:
    """Return the key of the folder, made at the first call; only its owner can read the file."""
    path = folder / _FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        made = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
        beside = folder / f"{_FILE}.{os.getpid()}"
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        beside.replace(path)
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{path} holds no RSA key")
    return key


def as_openssh(key: rsa.RSAPublicKey) -> str:
    """One line, as `authorized_keys` has it."""
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode() + " pronote\n"


def as_pem(key: rsa.RSAPublicKey) -> str:
    """X.509 `SubjectPublicKeyInfo` in PEM."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def as_ssh2(key: rsa.RSAPublicKey) -> str:
    """The form in which the vendor sends it (RFC 4716)."""
    blob = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).split()[1]
    text = base64.b64encode(base64.b64decode(blob)).decode()
    lines = [text[start : start + _LINE] for start in range(0, len(text), _LINE)]
    return "\n".join(
        [
            "---- BEGIN SSH2 PUBLIC KEY ----",
            f'Comment: "{key.key_size}-bit RSA, Pronote (demonstration)"',
            *lines,
            "---- END SSH2 PUBLIC KEY ----",
            "",
        ]
    )
