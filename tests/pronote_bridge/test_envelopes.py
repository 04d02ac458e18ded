"""The encrypted file, opened by programs that share no code with the product."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from lxml import etree

from pronote_bridge.enums import EnvelopeKind
from pronote_bridge.format.checking import InnerChecker, SchemaBroken, check_outer
from pronote_bridge.format.document import Lists, write_document
from pronote_bridge.format.rows import GuardianRow, SchoolRow
from pronote_bridge.format.vendor import NAMESPACE, VendorEnvelope
from tests.pronote_bridge.files import HEADER, KeyPair, clear, encrypted, make_key_pair, some_lists

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> KeyPair:
    """One key pair for the whole file: making one takes a tenth of a second."""
    return make_key_pair(tmp_path_factory.mktemp("key"))


def part(file: bytes, name: str) -> bytes:
    """Return what a base64 element of the envelope holds."""
    text = etree.fromstring(file).findtext(f"{{{NAMESPACE}}}{name}")
    return base64.b64decode(text or "", validate=True)


def run(*words: str | Path, given: bytes = b"") -> bytes:
    """Run a program, with something on its standard input."""
    done = subprocess.run([str(word) for word in words], input=given, capture_output=True)
    assert done.returncode == 0, done.stderr[-400:]
    return done.stdout


def test_openssl_and_zlib_open_the_vendors_envelope(pair: KeyPair, tmp_path: Path) -> None:
    """T-J1: 4-pronote.md 1.3, step by step."""
    file = encrypted(EnvelopeKind.VENDOR, pair)
    wrapped = tmp_path / "cle"
    wrapped.write_bytes(part(file, "Cle"))
    block = run(
        *("openssl", "pkeyutl", "-decrypt", "-inkey", pair.pem, "-in", wrapped),
        *("-pkeyopt", "rsa_padding_mode:pkcs1"),
    )
    key, iv, check = block[:16], block[16:32], block[32:]
    assert check == hashlib.md5(key + iv, usedforsecurity=False).digest()
    compressed = run(
        *("openssl", "enc", "-d", "-aes-128-cbc", "-K", key.hex(), "-iv", iv.hex()),
        given=part(file, "Contenu"),
    )
    assert hashlib.sha256(compressed).digest() == part(file, "Verification")
    assert zlib.decompress(compressed) == clear()


def test_java_opens_the_vendors_envelope(pair: KeyPair, tmp_path: Path) -> None:
    path = tmp_path / "0541234A.xml"
    path.write_bytes(encrypted(EnvelopeKind.VENDOR, pair))
    assert run("java", HERE / "Open.java", path, pair.der) == clear()


def test_xmlsec1_gives_the_standard_variant_back_byte_for_byte(
    pair: KeyPair, tmp_path: Path
) -> None:
    path = tmp_path / "w3c.xml"
    path.write_bytes(encrypted(EnvelopeKind.W3C, pair))
    opened = run("xmlsec1", "--decrypt", "--privkey-pem", pair.pem, path)
    declaration, _, element = opened.partition(b"?>\n")
    assert declaration.startswith(b"<?xml")
    assert element.rstrip(b"\n") == clear(has_declaration=False)


def test_the_envelope_says_the_school_the_partner_and_the_instant_of_the_document(
    pair: KeyPair,
) -> None:
    root = etree.fromstring(encrypted(EnvelopeKind.VENDOR, pair))
    assert root.get("Version") == "1.0"
    names = [etree.QName(child).localname for child in root]
    assert names == [
        *("Partenaire", "Description", "Cle", "Contenu", "Verification", "DateExport", "UAI"),
    ]
    texts = {etree.QName(child).localname: child.text for child in root}
    assert texts["Partenaire"] == HEADER.partner_name
    assert texts["UAI"] == "0541234A"
    assert texts["DateExport"] == etree.fromstring(clear()).get("Date") == HEADER.instant


def test_each_flipped_bit_and_each_cut_end_is_noticed_by_the_reader(
    pair: KeyPair, tmp_path: Path
) -> None:
    """T-J1: the standard variant fails on any change of its content."""
    file = encrypted(EnvelopeKind.W3C, pair)
    at = file.rindex(b"</xenc:CipherValue>") - 40
    for changed in (
        file[:at] + (b"A" if file[at : at + 1] != b"A" else b"B") + file[at + 1 :],
        file[: at - 100] + file[at + 40 :],
    ):
        path = tmp_path / "changed.xml"
        path.write_bytes(changed)
        done = subprocess.run(
            ["xmlsec1", "--decrypt", "--privkey-pem", str(pair.pem), str(path)], capture_output=True
        )
        assert done.returncode != 0


def test_keys_and_vectors_never_repeat(pair: KeyPair) -> None:
    files = [encrypted(EnvelopeKind.VENDOR, pair, some_lists(0)) for _ in range(200)]
    assert len({part(file, "Contenu") for file in files}) == len(files)


@pytest.mark.parametrize(
    "exports",
    [2_000, pytest.param(1_000_000, marks=[pytest.mark.faults, pytest.mark.timeout(900)])],
)
def test_no_key_and_no_vector_comes_twice_in_a_million_exports(exports: int) -> None:
    """T-J1, with a stub of the vendor's key that shows what would be encrypted for it."""
    shown: list[bytes] = []

    class Stub:
        def encrypt(self, block: bytes, padding: object) -> bytes:
            shown.append(block)
            return block

    for _ in range(exports):
        VendorEnvelope(lambda data: None, header=HEADER, public_key=cast("RSAPublicKey", Stub()))
    assert len({block[:16] for block in shown}) == len({block[16:32] for block in shown}) == exports


def test_the_document_follows_its_schema_with_hostile_names() -> None:
    checker = InnerChecker()
    content = clear()
    for at in range(0, len(content), 7):
        checker.feed(content[at : at + 7])
    checker.close()


def test_an_empty_list_is_left_out() -> None:
    out = BytesIO()
    write_document(out.write, HEADER, Lists(schools=[SchoolRow(0, "0541234A", "Collège")]))
    names = {etree.QName(child).localname for child in etree.fromstring(out.getvalue())}
    assert names == {"Nomenclatures", "Etablissements", "EtablissementsGeres"}


@pytest.mark.parametrize(
    "lists",
    [
        Lists(schools=[]),
        Lists(schools=[SchoolRow(0, "0541234A", "C")], guardians=[GuardianRow(1, "", "A", "x")]),
        Lists(schools=[SchoolRow(0, "0541234A", "C")], guardians=[GuardianRow(1, "N", "A", " ")]),
        Lists(schools=[SchoolRow(0, "54", "C")]),
    ],
    ids=["no school", "no name", "no identifier", "no UAI"],
)
def test_a_document_against_its_schema_is_never_given(lists: Lists, pair: KeyPair) -> None:
    with pytest.raises(SchemaBroken) as refused:
        encrypted(EnvelopeKind.VENDOR, pair, lists)
    assert "0541234A" not in str(refused.value)


def test_the_finished_envelope_is_checked_piece_by_piece(pair: KeyPair) -> None:
    file = encrypted(EnvelopeKind.VENDOR, pair, some_lists(3000))
    assert len(file) > 100_000

    def pieces(content: bytes) -> Iterator[bytes]:
        for at in range(0, len(content), 4096):
            yield content[at : at + 4096]

    check_outer(pieces(file))
    middle = len(file) // 2
    for broken in (
        file[:middle] + b"*" + file[middle + 1 :],
        file[:middle] + file[middle + 1 :],
        file[:-20],
        file.replace(b"UAI>", b"RNE>"),
    ):
        with pytest.raises(SchemaBroken):
            check_outer(pieces(broken))
