"""PSKC (RFC 6030): keys in clear, under a pre-shared AES key, or under a password (PBKDF2).

What is encrypted by AES-CBC must carry a MAC, which is compared before anything is decrypted: a
file whose ciphertext was changed would otherwise give other seeds without a word. Elements are
found by their local names: files in use differ in namespaces of the derivation's parameters.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.padding import PKCS7
from lxml import etree

from guichet.seed_files.faults import SeedFault, UnreadableFile

MOST_BYTES: Final = 64 * 1024 * 1024
MOST_ROUNDS: Final = 1_000_000
_DEEPEST: Final = 32
_CBC: Final = re.compile(r"http://www\.w3\.org/2001/04/xmlenc#aes(128|192|256)-cbc")
_MACS: Final[dict[str, str]] = {
    "http://www.w3.org/2000/09/xmldsig#hmac-sha1": "sha1",
    "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#hmac-sha512": "sha512",
}
_PRFS: Final[tuple[tuple[str, type[HashAlgorithm]], ...]] = (
    ("sha256", SHA256),
    ("sha512", SHA512),
    ("", SHA1),
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RawSeed:
    """A key as its file says it, before any rule."""

    line: int
    serial: str
    seed: bytes
    interval: int | None = None
    digits: int | None = None
    algorithm: str = ""
    expires: str = ""
    is_by_counter: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class _Keys:
    """What opens the file: the key of its values, and that of their MAC."""

    secret: bytes = b""
    mac: bytes = b""
    mac_name: str = ""


def read_container(content: bytes, *, transport: str) -> list[RawSeed | SeedFault]:
    """Read every key package, each a seed or the reason why not."""
    root = _parse(content)
    if _name(root) != "KeyContainer":
        raise UnreadableFile(
            "Ce fichier XML n’est pas un PSKC. Formats lus\u00a0: CSV, OATH CSV et PSKC (RFC 6030)."
        )
    keys = _keys_of(root, transport)
    return [_package(one, keys) for one in root.iter() if _name(one) == "KeyPackage"]


def _parse(content: bytes) -> etree._Element:
    """No document type, no entity, no network; bounded in size and depth."""
    if len(content) > MOST_BYTES:
        raise UnreadableFile("Ce fichier est trop gros\u00a0: coupez-le.")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise UnreadableFile("Ce fichier déclare des entités\u00a0: il est refusé.")
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
    )
    try:
        root = etree.fromstring(content.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        raise UnreadableFile("Ce fichier XML est coupé ou mal formé.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableFile("Ce fichier déclare des entités\u00a0: il est refusé.")
    for one in root.iter():
        if sum(1 for _ in one.iterancestors()) > _DEEPEST:
            raise UnreadableFile("Ce fichier XML est imbriqué trop profondément.")
    return root


def _keys_of(root: etree._Element, transport: str) -> _Keys:
    encryption = _child(root, "EncryptionKey")
    if encryption is None:
        return _Keys()
    derived = _child(encryption, "DerivedKey")
    secret = _derived(derived, transport) if derived is not None else _shared(transport)
    method = _child(root, "MACMethod")
    if method is None:
        raise UnreadableFile(
            "Les graines sont chiffrées sans contrôle (AES-CBC sans MAC)\u00a0: demandez au "
            "fournisseur un fichier avec MAC."
        )
    mac_name = _MACS.get(method.get("Algorithm", ""))
    if mac_name is None:
        raise UnreadableFile("Le contrôle (MAC) de ce fichier est d’un genre inconnu.")
    held = _child(method, "MACKey")
    # RFC 6030, 6.1.1: without a MAC key of its own, the encryption key serves.
    mac = _decrypt(held, secret) if held is not None else secret
    if mac is None:
        raise UnreadableFile("La clé de transport n’ouvre pas ce fichier.")
    return _Keys(secret=secret, mac=mac, mac_name=mac_name)


def _shared(transport: str) -> bytes:
    bare = "".join(transport.split())
    if len(bare) not in (32, 48, 64) or not re.fullmatch(r"[0-9A-Fa-f]+", bare):
        raise UnreadableFile(
            "Ce fichier est chiffré par une clé partagée\u00a0: tapez-la en hexadécimal."
        )
    return bytes.fromhex(bare)


def _derived(derived: etree._Element, transport: str) -> bytes:
    method = _child(derived, "KeyDerivationMethod")
    if method is None or not method.get("Algorithm", "").endswith("pbkdf2"):
        raise UnreadableFile("La dérivation de la clé de ce fichier n’est pas PBKDF2.")
    if not transport:
        raise UnreadableFile("Ce fichier est chiffré par un mot de passe\u00a0: tapez-le.")
    salt, rounds = _find(method, "Specified"), _find(method, "IterationCount")
    length, prf = _find(method, "KeyLength"), _find(method, "PRF")
    if salt is None or rounds is None:
        raise UnreadableFile("La dérivation de la clé de ce fichier est incomplète.")
    count, size = _whole(rounds), _whole(length) if length is not None else 16
    if not 1 <= count <= MOST_ROUNDS:
        raise UnreadableFile(
            f"Ce fichier demande {count} tours de PBKDF2\u00a0: un million au plus."
        )
    if size not in (16, 24, 32):
        raise UnreadableFile("La clé dérivée de ce fichier n’est pas une clé AES.")
    wanted = prf.get("Algorithm", "").lower() if prf is not None else ""
    digest = next(kind for word, kind in _PRFS if word in wanted)
    kdf = PBKDF2HMAC(algorithm=digest(), length=size, salt=_bytes(salt), iterations=count)
    return kdf.derive(transport.encode())


def _package(package: etree._Element, keys: _Keys) -> RawSeed | SeedFault:
    line = _line_of(package)
    key = _child(package, "Key")
    if key is None:
        return SeedFault(line, "Ce paquet ne contient pas de clé.")
    serial = _text(_find(package, "SerialNo")) or key.get("Id", "")
    try:
        return RawSeed(
            line=line,
            serial=serial,
            seed=_secret(line, key, keys),
            interval=_plain_number(line, key, "TimeInterval"),
            digits=_digits(key),
            algorithm=_text(_find(key, "Suite")),
            expires=_text(_find(package, "ExpiryDate")),
            is_by_counter=key.get("Algorithm", "").lower().rstrip("/").endswith("hotp"),
            kind="" if re.search(r"[ht]otp$", key.get("Algorithm", "").lower()) else "inconnu",
        )
    except SeedFault as fault:
        return fault


def _secret(line: int, key: etree._Element, keys: _Keys) -> bytes:
    data = _child(key, "Data")
    secret = _child(data, "Secret") if data is not None else None
    if secret is None:
        raise SeedFault(line, "Cette clé n’a pas de graine.")
    plain = _child(secret, "PlainValue")
    if plain is not None:
        return _bytes_of_line(line, plain)
    held, mac = _child(secret, "EncryptedValue"), _child(secret, "ValueMAC")
    if held is None:
        raise SeedFault(line, "Cette clé n’a pas de graine.")
    if mac is None or not keys.mac_name:
        raise SeedFault(line, "La graine est chiffrée sans contrôle (AES-CBC sans MAC).")
    sealed = _cipher_value(held)
    found = hmac.new(keys.mac, sealed, keys.mac_name).digest()
    if not hmac.compare_digest(found, _bytes_of_line(line, mac)):
        raise SeedFault(
            line, "Le contrôle (MAC) ne correspond pas\u00a0: fichier altéré ou autre clé."
        )
    seed = _decrypt(held, keys.secret)
    if seed is None:
        raise SeedFault(line, "La clé de transport n’ouvre pas cette graine.")
    return seed


def _decrypt(held: etree._Element, secret: bytes) -> bytes | None:
    """Decrypt an element with its method; None when the key is another one."""
    method = _child(held, "EncryptionMethod")
    found = _CBC.fullmatch(method.get("Algorithm", "")) if method is not None else None
    if found is None:
        raise UnreadableFile("Le chiffrement de ce fichier n’est pas AES-CBC.")
    sealed = _cipher_value(held)
    if len(secret) * 8 != int(found[1]) or len(sealed) < 32 or len(sealed) % 16:
        return None
    decryptor = Cipher(AES(secret), CBC(sealed[:16])).decryptor()
    padded = decryptor.update(sealed[16:]) + decryptor.finalize()
    unpadder = PKCS7(128).unpadder()
    try:
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        return None


def _cipher_value(held: etree._Element) -> bytes:
    value = _find(held, "CipherValue")
    if value is None:
        raise UnreadableFile("Une valeur chiffrée de ce fichier est vide.")
    return _bytes(value)


def _digits(key: etree._Element) -> int | None:
    shape = _find(key, "ResponseFormat")
    text = shape.get("Length", "") if shape is not None else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


def _plain_number(line: int, key: etree._Element, name: str) -> int | None:
    held = _find(key, name)
    if held is None:
        return None
    text = _text(_child(held, "PlainValue"))
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise SeedFault(line, "L’intervalle ne se lit pas.")
    return int(text)


def _whole(element: etree._Element) -> int:
    text = _text(element)
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise UnreadableFile("Un nombre de ce fichier ne se lit pas.")
    return int(text)


def _bytes_of_line(line: int, element: etree._Element) -> bytes:
    try:
        return _bytes(element)
    except UnreadableFile:
        raise SeedFault(line, "Une valeur n’est pas en Base64.") from None


def _bytes(element: etree._Element) -> bytes:
    try:
        return base64.b64decode("".join(_text(element).split()), validate=True)
    except (binascii.Error, ValueError):
        raise UnreadableFile("Une valeur de ce fichier n’est pas en Base64.") from None


def _text(element: etree._Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def _line_of(element: etree._Element) -> int:
    line: object = element.sourceline
    return line if isinstance(line, int) else 0


def _name(element: etree._Element) -> str:
    tag = element.tag
    return etree.QName(tag).localname if isinstance(tag, str) else ""


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return next((one for one in element if _name(one) == name), None)


def _find(element: etree._Element, name: str) -> etree._Element | None:
    return next((one for one in element.iter() if _name(one) == name), None)
