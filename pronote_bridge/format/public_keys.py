"""The vendor's public key, in whichever form it arrives: SSH2 (RFC 4716), OpenSSH, PEM, X.509."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
    load_ssh_public_key,
)

#: Below this a key is refused; below the second one the page warns (RSA of 2010 and older).
FEWEST_BITS: Final = 1024
ADVISED_BITS: Final = 2048
LONGEST_FILE_BYTES: Final = 64 * 1024
_SSH2: Final = re.compile(
    r"---- BEGIN SSH2 PUBLIC KEY ----\s*(.*?)---- END SSH2 PUBLIC KEY ----", re.DOTALL
)


class KeyRefused(Exception):
    """The file is no public key that we take; the message is a French sentence for the page."""


@dataclass(frozen=True, slots=True)
class VendorKey:
    """A usable RSA public key."""

    rsa: RSAPublicKey

    @property
    def bits(self) -> int:
        """The size of its modulus."""
        return self.rsa.key_size

    @property
    def is_weak(self) -> bool:
        """Is it shorter than what is advised today?"""
        return self.bits < ADVISED_BITS

    @property
    def fingerprint(self) -> str:
        """Its SHA-256 fingerprint, as `ssh-keygen -l` shows it (RFC 4253 blob, unpadded base64)."""
        openssh = self.rsa.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        digest = hashlib.sha256(base64.b64decode(openssh.split()[1])).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")

    @property
    def pem(self) -> str:
        """The form in which it is kept."""
        return self.rsa.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def read_public_key(content: bytes) -> VendorKey:
    """Return the key of a file; `KeyRefused` says in French why it cannot be taken."""
    if len(content) > LONGEST_FILE_BYTES:
        raise KeyRefused("Ce fichier est trop grand pour être une clé publique.")
    if b"PRIVATE KEY" in content:
        raise KeyRefused(
            "Ce fichier contient une clé privée : elle ne doit jamais être transmise. "
            "Demandez à l’éditeur sa clé publique, et dites-lui que sa clé privée a circulé."
        )
    try:
        key = _load(content)
    except (ValueError, TypeError, UnsupportedAlgorithm, binascii.Error):
        raise KeyRefused(
            "Ce fichier n’est pas une clé publique lisible. Formes admises : SSH2 (RFC 4716), "
            "OpenSSH, PEM, certificat."
        ) from None
    if not isinstance(key, RSAPublicKey):
        raise KeyRefused("Cette clé n’est pas une clé RSA : l’éditeur n’ouvre que des clés RSA.")
    if key.key_size < FEWEST_BITS:
        raise KeyRefused(
            f"Cette clé n’a que {key.key_size} bits : il en faut au moins {FEWEST_BITS}, "
            f"{ADVISED_BITS} de préférence."
        )
    return VendorKey(key)


def _load(content: bytes) -> object:
    """Return the key object of the first form that fits."""
    text = content.decode("ascii", errors="replace").replace("\r\n", "\n").lstrip("\ufeff").strip()
    found = _SSH2.search(text)
    if found is not None:
        return load_ssh_public_key(_openssh_of(found[1]))
    if "BEGIN CERTIFICATE" in text:
        return x509.load_pem_x509_certificate(content).public_key()
    if "-----BEGIN" in text:
        return load_pem_public_key(text.encode())
    if re.match(r"(ssh|ecdsa)-\S+\s", text):
        return load_ssh_public_key(text.encode())
    return _load_binary(content)


def _openssh_of(body: str) -> bytes:
    """Turn the body of an SSH2 file into an OpenSSH line: headers off, continuation lines too."""
    joined = body.replace("\\\n", "")
    lines = [line.strip() for line in joined.split("\n") if line.strip() and ":" not in line]
    blob = base64.b64decode("".join(lines), validate=True)
    length = int.from_bytes(blob[:4], "big")
    return blob[4 : 4 + length] + b" " + base64.b64encode(blob)


def _load_binary(content: bytes) -> object:
    """Return the key of a DER file: a certificate, or a bare public key."""
    try:
        return x509.load_der_x509_certificate(content).public_key()
    except ValueError:
        return load_der_public_key(content)
