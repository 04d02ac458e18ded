"""W3C XML Encryption 1.1, for a partner who takes a standard, written as a stream.

The inner document is not compressed (`Type` Element): a standard tool gives it back byte for byte.
Content: AES-256-GCM, a 12-byte IV before the ciphertext, a 16-byte tag behind it. The key is given
twice to one recipient: RSA-OAEP with SHA-256 and MGF1 SHA-256 first, `rsa-oaep-mgf1p` second, since
xmlsec1 1.2 opens only the latter.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from typing import Any, Final
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from pronote_bridge.format.base64_stream import Base64Stream
from pronote_bridge.format.rows import Header

_ENC: Final = "http://www.w3.org/2001/04/xmlenc#"
_ENC11: Final = "http://www.w3.org/2009/xmlenc11#"
_DSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
_KEY_BYTES: Final = 32
_IV_BYTES: Final = 12
_OAEP_SHA256: Final = (
    f'<xenc:EncryptionMethod Algorithm="{_ENC11}rsa-oaep">'
    f'<ds:DigestMethod Algorithm="{_ENC}sha256"/>'
    f'<xenc11:MGF Algorithm="{_ENC11}mgf1sha256"/></xenc:EncryptionMethod>'
)
_OAEP_SHA1: Final = f'<xenc:EncryptionMethod Algorithm="{_ENC}rsa-oaep-mgf1p"/>'


class W3cEnvelope:
    """Takes the inner document piece by piece and writes an `EncryptedData`."""

    has_declaration: Final = False

    def __init__(
        self, write: Callable[[bytes], Any], *, header: Header, public_key: RSAPublicKey
    ) -> None:
        self._write = write
        key, iv = secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(_IV_BYTES)
        self._encryptor = Cipher(AES(key), GCM(iv)).encryptor()
        self._base64 = Base64Stream(write)
        self._begin(header, public_key, key)
        self._base64.write(iv)

    def write(self, data: bytes) -> None:
        """Encrypt and write the next bytes of the inner document."""
        self._base64.write(self._encryptor.update(data))

    def close(self) -> None:
        """Write the tag and the end."""
        self._base64.write(self._encryptor.finalize())
        self._base64.write(self._encryptor.tag)
        self._base64.close()
        self._write(b"</xenc:CipherValue></xenc:CipherData>\n</xenc:EncryptedData>\n")

    def _begin(self, header: Header, public_key: RSAPublicKey, key: bytes) -> None:
        recipient = escape(header.partner_name, {'"': "&quot;"})
        keys = "\n".join(
            f'<xenc:EncryptedKey Recipient="{recipient}">{method}<xenc:CipherData>'
            f"<xenc:CipherValue>{base64.b64encode(public_key.encrypt(key, padding)).decode()}"
            "</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>"
            for method, padding in (
                (_OAEP_SHA256, OAEP(MGF1(SHA256()), SHA256(), None)),
                # SHA-1 inside OAEP rests on no collision; older readers know nothing else.
                (_OAEP_SHA1, OAEP(MGF1(SHA1()), SHA1(), None)),  # noqa: S303
            )
        )
        self._write(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<xenc:EncryptedData xmlns:xenc="{_ENC}" xmlns:xenc11="{_ENC11}" xmlns:ds="{_DSIG}"'
            f' Type="{_ENC}Element">\n'
            f'<xenc:EncryptionMethod Algorithm="{_ENC11}aes256-gcm"/>\n'
            f"<ds:KeyInfo>\n{keys}\n</ds:KeyInfo>\n"
            "<xenc:CipherData><xenc:CipherValue>".encode()
        )
