"""The vendor's envelope: `ImportChiffre` of `containeurimportchiffreV1`, written as a stream.

`z` = zlib (RFC 1950) of the inner document; `Contenu` = base64 of AES-128-CBC with PKCS#7 of `z`,
without the IV; `Cle` = base64 of RSA PKCS#1 v1.5 of key ‖ IV ‖ MD5(key ‖ IV), 48 bytes;
`Verification` = base64 of SHA-256 of `z`. Nothing is signed: the vendor's format has no signature.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import zlib
from collections.abc import Callable
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from pronote_bridge.format.base64_stream import Base64Stream
from pronote_bridge.format.rows import Header

NAMESPACE: Final = "http://www.index-education.com/containeurimportchiffreV1"
_KEY_BYTES: Final = 16
_BLOCK_BITS: Final = 128


class VendorEnvelope:
    """Takes the inner document piece by piece and writes the encrypted file."""

    has_declaration: Final = True

    def __init__(
        self, write: Callable[[bytes], Any], *, header: Header, public_key: RSAPublicKey
    ) -> None:
        self._write = write
        self._header = header
        key, iv = secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(_KEY_BYTES)
        self._compressor = zlib.compressobj()
        self._digest = hashlib.sha256()
        self._padder = PKCS7(_BLOCK_BITS).padder()
        self._encryptor = Cipher(AES(key), CBC(iv)).encryptor()
        self._base64 = Base64Stream(write)
        self._begin(_wrapped(public_key, key, iv))

    def write(self, data: bytes) -> None:
        """Compress, encrypt and write the next bytes of the inner document."""
        self._encrypt(self._compressor.compress(data))

    def close(self) -> None:
        """Write the rest: the end of the content, its SHA-256, the date and the school."""
        self._encrypt(self._compressor.flush())
        self._base64.write(self._encryptor.update(self._padder.finalize()))
        self._base64.write(self._encryptor.finalize())
        self._base64.close()
        verification = base64.b64encode(self._digest.digest()).decode()
        self._write(
            f"</Contenu>\n<Verification>{verification}</Verification>\n"
            f"<DateExport>{self._header.instant}</DateExport>\n"
            f"<UAI>{escape(self._header.uai)}</UAI>\n</ImportChiffre>\n".encode()
        )

    def _begin(self, wrapped_key: bytes) -> None:
        header = self._header
        self._write(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<ImportChiffre xmlns="{NAMESPACE}" Version={quoteattr(header.version)}>\n'
            f"<Partenaire>{escape(header.partner_name)}</Partenaire>\n"
            f"<Description>{escape(header.description)}</Description>\n"
            f"<Cle>{base64.b64encode(wrapped_key).decode()}</Cle>\n<Contenu>".encode()
        )

    def _encrypt(self, compressed: bytes) -> None:
        if compressed:
            self._digest.update(compressed)
            self._base64.write(self._encryptor.update(self._padder.update(compressed)))


def _wrapped(public_key: RSAPublicKey, key: bytes, iv: bytes) -> bytes:
    """Return the 48 bytes that the vendor reads, encrypted for the holder of the private key."""
    # MD5 detects a wrong key; it protects nothing, and the format asks for it.
    check = hashlib.md5(key + iv, usedforsecurity=False).digest()
    return public_key.encrypt(key + iv + check, rsa_padding.PKCS1v15())
