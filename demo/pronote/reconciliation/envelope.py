"""Opening the vendor's envelope, `ImportChiffre` of `containeurimportchiffreV1`.

`Cle` = RSA PKCS#1 v1.5 of key ‖ IV ‖ MD5(key ‖ IV), 16 bytes each; `Contenu` = AES-128-CBC with
PKCS#7 of z; `Verification` = SHA-256 of z; z = zlib (RFC 1950) of the inner document. The format
has no signature: what is checked here is that nothing was cut, flipped, or meant for another key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import zlib
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from lxml import etree

NAMESPACE: Final = "http://www.index-education.com/containeurimportchiffreV1"
_CHILDREN: Final = (
    "Partenaire",
    "Description",
    "Cle",
    "Contenu",
    "Verification",
    "DateExport",
    "UAI",
)
_BLOCK_BYTES: Final = 16
_LONGEST_DOCUMENT_BYTES: Final = 1024 * 1024 * 1024


class FileRefused(Exception):
    """The file cannot be imported; the message is a French sentence for the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What the envelope says, and the inner document in clear, in memory only."""

    partner: str
    exported_at: str
    uai: str
    version: str
    document: bytes


def open_envelope(content: bytes, key: RSAPrivateKey) -> Opened:
    """Return what the file holds, or refuse it with the reason."""
    version, texts = _read(content)
    secret, iv = _unwrap(texts["Cle"], key)
    compressed = _decrypt(_bytes(texts["Contenu"], "Contenu"), secret, iv)
    digest = _bytes(texts["Verification"], "Verification")
    if not hmac.compare_digest(hashlib.sha256(compressed).digest(), digest):
        raise FileRefused(
            "La vérification du contenu (SHA-256) ne correspond pas : le fichier a été modifié ou "
            "coupé. Téléchargez-le de nouveau dans l’ENT."
        )
    return Opened(
        partner=texts["Partenaire"],
        exported_at=texts["DateExport"],
        uai=texts["UAI"],
        version=version,
        document=_inflate(compressed),
    )


def _read(content: bytes) -> tuple[str, dict[str, str]]:
    """Return the version, and the text of each element."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        raise FileRefused(
            "Ce fichier n’est pas un fichier de rapprochement entier : il a été coupé, ou c’est "
            "un autre fichier. Téléchargez-le de nouveau dans l’ENT."
        ) from None
    names = [etree.QName(child) for child in root.iterchildren("*")]
    if root.tag != f"{{{NAMESPACE}}}ImportChiffre" or root.get("Version") is None:
        raise FileRefused(
            "Ce fichier n’est pas un fichier de rapprochement chiffré (ImportChiffre)."
        )
    if [name.localname for name in names] != list(_CHILDREN) or any(
        name.namespace != NAMESPACE for name in names
    ):
        raise FileRefused("Ce fichier de rapprochement n’a pas les éléments attendus.")
    texts = {
        name.localname: (child.text or "").strip()
        for name, child in zip(names, root.iterchildren("*"), strict=True)
    }
    return str(root.get("Version")), texts


def _unwrap(text: str, key: RSAPrivateKey) -> tuple[bytes, bytes]:
    """Return the AES key and the IV.

    With the wrong key a library may give back random bytes instead of failing (implicit rejection):
    the MD5 is what tells.
    """
    refused = FileRefused(
        "La clé du fichier ne s’ouvre pas : il a été chiffré pour une autre clé publique que celle "
        "de Pronote, ou il a été modifié. Vérifiez la clé publique enregistrée dans l’ENT."
    )
    try:
        block = key.decrypt(_bytes(text, "Cle"), PKCS1v15())
    except ValueError:
        raise refused from None
    secret, iv, check = block[:16], block[16:32], block[32:]
    if hashlib.md5(secret + iv, usedforsecurity=False).digest() != check:
        raise refused
    return secret, iv


def _decrypt(content: bytes, secret: bytes, iv: bytes) -> bytes:
    damaged = FileRefused(
        "Le contenu chiffré est incomplet ou modifié. Téléchargez le fichier de nouveau dans l’ENT."
    )
    if not content or len(content) % _BLOCK_BYTES:
        raise damaged
    decryptor = Cipher(AES(secret), CBC(iv)).decryptor()
    unpadder = PKCS7(_BLOCK_BYTES * 8).unpadder()
    try:
        padded = decryptor.update(content) + decryptor.finalize()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        raise damaged from None


def _inflate(compressed: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        document = inflater.decompress(compressed, _LONGEST_DOCUMENT_BYTES)
    except zlib.error:
        raise FileRefused("Le contenu du fichier ne se décompresse pas (zlib).") from None
    if not inflater.eof or inflater.unused_data:
        raise FileRefused("Le contenu du fichier ne se décompresse pas entièrement (zlib).")
    return document


def _bytes(text: str, element: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise FileRefused(
            f"L’élément {element} n’est pas lisible (base64) : le fichier a été modifié."
        ) from None
