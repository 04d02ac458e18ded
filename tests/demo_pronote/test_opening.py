"""The stand-in opens what the product writes, and notices whatever was done to it."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from demo.pronote.base.people import Population
from demo.pronote.reconciliation import keys
from demo.pronote.reconciliation.document import read_document
from demo.pronote.reconciliation.envelope import NAMESPACE, FileRefused, open_envelope
from pronote_bridge.format.public_keys import read_public_key
from tests.demo_pronote.conftest import ent
from tests.demo_pronote.kit import HEADER, file_for
from tests.kit.trying import trying
from tests.pronote_bridge.files import KeyPair, clear, make_key_pair, some_lists

HOSTILE = some_lists()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> KeyPair:
    return make_key_pair(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def file(pair: KeyPair) -> bytes:
    return file_for(pair.private.public_key(), ent())


def element(file: bytes, name: str) -> bytes:
    found = re.search(rb"<%s>(.*?)</%s>" % (name.encode(), name.encode()), file, re.DOTALL)
    assert found is not None
    return found[1]


def with_element(file: bytes, name: str, content: bytes) -> bytes:
    old = element(file, name)
    tag = name.encode()
    return file.replace(b"<%s>%s</%s>" % (tag, old, tag), b"<%s>%s</%s>" % (tag, content, tag))


def enclose(pair: KeyPair, document: bytes, *, uai: str = HEADER.uai) -> bytes:
    """An envelope around any document, written here a third time, from the specification."""
    key, iv = os.urandom(16), os.urandom(16)
    compressed = zlib.compress(document)
    padder = PKCS7(128).padder()
    padded = padder.update(compressed) + padder.finalize()
    encryptor = Cipher(AES(key), CBC(iv)).encryptor()
    content = encryptor.update(padded) + encryptor.finalize()
    block = key + iv + hashlib.md5(key + iv, usedforsecurity=False).digest()
    wrapped = pair.private.public_key().encrypt(block, PKCS1v15())
    parts = {
        "Partenaire": b"P",
        "Description": b"",
        "Cle": base64.b64encode(wrapped),
        "Contenu": base64.b64encode(content),
        "Verification": base64.b64encode(hashlib.sha256(compressed).digest()),
        "DateExport": HEADER.instant.encode(),
        "UAI": uai.encode(),
    }
    inside = b"".join(b"<%s>%s</%s>" % (n.encode(), t, n.encode()) for n, t in parts.items())
    head = f'<ImportChiffre xmlns="{NAMESPACE}" Version="1.0">'.encode()
    return head + inside + b"</ImportChiffre>"


def test_a_file_of_the_product_is_opened_whole(pair: KeyPair, file: bytes) -> None:
    opened = open_envelope(file, pair.private)
    assert (opened.partner, opened.uai, opened.version) == ("Préau & <associés>", HEADER.uai, "1.0")
    document = read_document(opened.document)
    assert document.exported_at == opened.exported_at == HEADER.instant
    assert document.managed == {HEADER.uai}
    found = {(one.population, one.identifier): one for one in document.people}
    assert len(found) == len(document.people) == 12
    rose = found[Population.PUPILS, "id-101"]
    assert (rose.family_name, rose.born_on) == ("Delaunay", "09/05/2014")
    assert rose.guardians == ("id-110", "id-112")


def test_hostile_names_arrive_letter_for_letter() -> None:
    people = {one.identifier: one for one in read_document(clear()).people}
    for row in (*HOSTILE.staff, *HOSTILE.teachers, *HOSTILE.guardians, *HOSTILE.pupils):
        known = people[row.identifier]
        assert (known.family_name, known.given_name) == (row.family_name, row.given_name)


def test_a_flipped_bit_is_noticed_wherever_it_is(pair: KeyPair, file: bytes) -> None:
    """In the wrapped key the MD5 tells, in the content and its digest the SHA-256 does."""
    for name in ("Cle", "Contenu", "Verification"):
        raw = base64.b64decode(element(file, name))
        for position in range(0, len(raw), max(1, len(raw) // 40)):
            for bit in (1, 128):
                flipped = bytearray(raw)
                flipped[position] ^= bit
                damaged = with_element(file, name, base64.b64encode(flipped))
                with trying(name, position, bit), pytest.raises(FileRefused):
                    open_envelope(damaged, pair.private)


def test_a_cut_end_is_noticed_in_the_file_and_in_the_content(pair: KeyPair, file: bytes) -> None:
    content = base64.b64decode(element(file, "Contenu"))
    for length in (0, 15, 16, len(content) - 16, len(content) - 1):
        cut = with_element(file, "Contenu", base64.b64encode(content[:length]))
        with trying(length), pytest.raises(FileRefused):
            open_envelope(cut, pair.private)
    for length in (0, 1, 200, len(file) // 2, len(file) - 3):
        with trying(length), pytest.raises(FileRefused, match="coupé"):
            open_envelope(file[:length], pair.private)


def test_another_key_is_told_as_such(file: bytes) -> None:
    """Random bytes instead of an error come from a library that rejects implicitly."""
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(FileRefused, match="autre clé publique"):
        open_envelope(file, other)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: text.replace(b"ImportChiffre", b"Import"), "ImportChiffre"),
        (lambda text: text.replace(b"containeur", b"conteneur"), "ImportChiffre"),
        (lambda text: text.replace(b' Version="1.0"', b""), "ImportChiffre"),
        (lambda text: re.sub(rb"<UAI>.*</UAI>", b"", text), "éléments attendus"),
        (lambda text: with_element(text, "Contenu", b"*"), "base64"),
        (lambda text: b"MZ\x90 no XML at all", "coupé"),
    ],
)
def test_another_file_is_refused_with_a_reason(
    pair: KeyPair, file: bytes, change: Callable[[bytes], bytes], reason: str
) -> None:
    with pytest.raises(FileRefused, match=reason):
        open_envelope(change(file), pair.private)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: re.sub(rb' DateNaissance="2014[^"]*"', b"", text), "naissance"),
        (lambda text: re.sub(rb' ID_Partenaire="q1"', b"", text), "ID_Partenaire"),
        (lambda text: text.replace(b'ID_Partenaire="q3"', b'ID_Partenaire="q4"'), "à lui"),
        (lambda text: re.sub(rb"(<Professeurs>).*(</Professeurs>)", rb"\1\2", text), "est vide"),
        (lambda text: text.replace(b'<Responsable Ident="10"/>', b'<Responsable Ident="99"/>'),
         "inconnu"),
        (lambda text: re.sub(rb"<EtablissementsGeres>.*</EtablissementsGeres>", b"", text),
         "EtablissementsGeres"),
        (lambda text: text.replace(b"V2.0", b"V1.0"), "PARTENAIRE_INDEX"),
        (lambda text: text.replace(b"+02:00", b""), "date du fichier"),
        (lambda text: text[:-20], "pas du XML"),
    ],
)  # fmt: skip
def test_a_document_that_breaks_the_schema_is_refused_with_a_reason(
    pair: KeyPair, change: Callable[[bytes], bytes], reason: str
) -> None:
    document = change(clear())
    assert document != clear()
    opened = open_envelope(enclose(pair, document), pair.private)
    with pytest.raises(FileRefused, match=reason):
        read_document(opened.document)


def test_the_public_key_is_given_in_three_forms_that_the_product_and_openssh_read(
    tmp_path: Path,
) -> None:
    key = keys.private_key(tmp_path)
    assert keys.private_key(tmp_path).private_numbers() == key.private_numbers()
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    public = key.public_key()
    forms = [keys.as_ssh2(public), keys.as_openssh(public), keys.as_pem(public)]
    assert forms[0].startswith("---- BEGIN SSH2 PUBLIC KEY ----")
    read = [read_public_key(form.encode()) for form in forms]
    assert {one.rsa.public_numbers() for one in read} == {public.public_numbers()}
    ssh2 = tmp_path / "ssh2.pub"
    ssh2.write_text(forms[0])
    done = subprocess.run(
        ["ssh-keygen", "-i", "-m", "RFC4716", "-f", str(ssh2)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split()[1] == forms[1].split()[1]
