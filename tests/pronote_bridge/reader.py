"""A small reader of reconciliation files, written for the tests: it shares no code with ours."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from lxml import etree

_INNER = "{http://www.index-education.com/rapprochementssoV2.0}"
_OUTER = "{http://www.index-education.com/containeurimportchiffreV1}"
_LISTS = ("Personnels", "Professeurs", "Responsables", "Eleves")
_NOT_COMPARED = {"Ident"}

Line = tuple[tuple[tuple[str, str], ...], tuple[str, ...]]
"""Attributes, then the identifiers of a pupil's guardians."""


@dataclass(slots=True)
class Base:
    """What somebody who imports file after file knows: (list, identifier) → line."""

    lines: dict[tuple[str, str], Line] = field(default_factory=dict)

    def take(self, document: bytes) -> None:
        """Import one clear document: what it says replaces what was known."""
        root = etree.fromstring(document)
        by_ident = {
            element.get("Ident"): element.get("ID_Partenaire") or ""
            for name in _LISTS
            for element in root.iterfind(f"{_INNER}{name}/*")
        }
        for name in _LISTS:
            for element in root.iterfind(f"{_INNER}{name}/*"):
                attributes = {str(key): str(value) for key, value in element.attrib.items()}
                guardians = [
                    by_ident[str(child.get("Ident"))]
                    for child in element.iterfind(f"{_INNER}Responsable")
                ]
                civility = element.find(f"{_INNER}Civilite")
                if civility is not None:
                    attributes["Civilite"] = str(civility.get("Ident"))
                said = sorted(pair for pair in attributes.items() if pair[0] not in _NOT_COMPARED)
                self.lines[name, str(element.get("ID_Partenaire"))] = (
                    tuple(said),
                    tuple(sorted(guardians)),
                )

    def only(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Line]:
        """What is known of these."""
        return {key: self.lines[key] for key in keys}


def open_vendor_file(content: bytes, private: rsa.RSAPrivateKey) -> bytes:
    """Return the clear document of a file in the vendor's envelope, every check made."""
    root = etree.fromstring(content)

    def part(name: str) -> bytes:
        return base64.b64decode(root.findtext(f"{_OUTER}{name}") or "", validate=True)

    block = private.decrypt(part("Cle"), padding.PKCS1v15())
    key, iv, check = block[:16], block[16:32], block[32:]
    assert hashlib.md5(key + iv, usedforsecurity=False).digest() == check
    decryptor = Cipher(AES(key), CBC(iv)).decryptor()
    padded = decryptor.update(part("Contenu")) + decryptor.finalize()
    compressed = padded[: -padded[-1]]
    assert hashlib.sha256(compressed).digest() == part("Verification")
    return zlib.decompress(compressed)
