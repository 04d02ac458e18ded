"""Files of seeds: what is read, and each thing that is refused by its name."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from directory.enums import Profile, Role
from directory.models import RoleGrant
from ent.jobs.models import Job
from ent.jobs.running import run_now
from guichet.authority.models import Guichet
from guichet.enums import Algorithm, KeyState, SeedImportState
from guichet.keys.models import OtpKey
from guichet.keys.seeds import open_seed
from guichet.seed_files import pskc
from guichet.seed_files.faults import UnreadableFile
from guichet.seed_files.models import SeedImport
from guichet.seed_files.reading import Rules, SeedFile, read_seeds
from tests import factories as make
from tests.conftest import require
from tests.guichet import kit

SEED = b"12345678901234567890"
SHARED = "12345678901234567890123456789012"
TOTP = "urn:ietf:params:xml:ns:keyprov:pskc:totp"
CBC = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"


def read(content: str | bytes, *, transport: str = "", **rules: object) -> SeedFile:
    data = content.encode() if isinstance(content, str) else content
    return read_seeds(data, transport=transport, rules=Rules(**rules))  # type: ignore[arg-type]


def reasons(content: str | bytes, *, transport: str = "", **rules: object) -> str:
    try:
        found = read(content, transport=transport, **rules)
    except UnreadableFile as refused:
        return str(refused)
    assert not found.seeds
    return " ".join(fault.reason for fault in found.faults)


# --- PSKC ---


def figure(encryption: str, mac_key: str, secret: str, value_mac: str) -> str:
    """Figures 6 and 7 of RFC 6030, with what differs between them."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<pskc:KeyContainer Version="1.0" xmlns:pskc="urn:ietf:params:xml:ns:keyprov:pskc"
 xmlns:xenc11="http://www.w3.org/2009/xmlenc11#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
 xmlns:pkcs5="http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#"
 xmlns:xenc="http://www.w3.org/2001/04/xmlenc#">
<pskc:EncryptionKey>{encryption}</pskc:EncryptionKey>
<pskc:MACMethod Algorithm="http://www.w3.org/2000/09/xmldsig#hmac-sha1"><pskc:MACKey>
<xenc:EncryptionMethod Algorithm="{CBC}"/><xenc:CipherData><xenc:CipherValue>
{mac_key}</xenc:CipherValue></xenc:CipherData></pskc:MACKey></pskc:MACMethod>
<pskc:KeyPackage><pskc:DeviceInfo><pskc:SerialNo>987654321</pskc:SerialNo></pskc:DeviceInfo>
<pskc:Key Id="12345678" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp">
<pskc:AlgorithmParameters><pskc:ResponseFormat Length="8" Encoding="DECIMAL"/>
</pskc:AlgorithmParameters><pskc:Data><pskc:Secret><pskc:EncryptedValue>
<xenc:EncryptionMethod Algorithm="{CBC}"/><xenc:CipherData><xenc:CipherValue>
{secret}</xenc:CipherValue></xenc:CipherData></pskc:EncryptedValue>
<pskc:ValueMAC>{value_mac}</pskc:ValueMAC></pskc:Secret></pskc:Data></pskc:Key>
</pskc:KeyPackage></pskc:KeyContainer>"""


DERIVED = """<xenc11:DerivedKey><xenc11:KeyDerivationMethod
Algorithm="http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2"><pkcs5:PBKDF2-params>
<Salt><Specified>Ej7/PEpyEpw=</Specified></Salt><IterationCount>{rounds}</IterationCount>
<KeyLength>16</KeyLength><PRF/></pkcs5:PBKDF2-params></xenc11:KeyDerivationMethod>
<xenc11:MasterKeyName>My Password 1</xenc11:MasterKeyName></xenc11:DerivedKey>"""
FIGURE_6 = figure(
    "<ds:KeyName>Pre-shared-key</ds:KeyName>",
    "ESIzRFVmd4iZABEiM0RVZgKn6WjLaTC1sbeBMSvIhRejN9vJa2BOlSaMrR7I5wSX",
    "AAECAwQFBgcICQoLDA0OD+cIHItlB3Wra1DUpxVvOx2lef1VmNPCMl8jwZqIUqGv",
    "Su+NvtQfmvfJzF6bmQiJqoLRExc=",
)
FIGURE_7 = figure(
    DERIVED.format(rounds=1000),
    "2GTTnLwM3I4e5IO5FkufoOEiOhNj91fhKRQBtBJYluUDsPOLTfUvoU2dStyOwYZx",
    "oTvo+S22nsmS2Z/RtcoF8Hfh+jzMe0RkiafpoDpnoZTjPYZu6V+A4aEn032yCr4f",
    "LP6xMvjtypbfT9PdkJhBZ+D6O4w=",
)


@pytest.mark.parametrize(("text", "transport"), [(FIGURE_6, SHARED), (FIGURE_7, "qwerty")])
def test_the_encrypted_figures_of_rfc_6030_give_their_secret(text: str, transport: str) -> None:
    (raw,) = pskc.read_container(text.encode(), transport=transport)
    assert isinstance(raw, pskc.RawSeed)
    assert (raw.seed, raw.serial, raw.is_by_counter) == (SEED, "987654321", True)
    assert "compteur (HOTP)" in reasons(text, transport=transport, interval=60)


@pytest.mark.parametrize(
    ("text", "transport", "reason"),
    [
        (FIGURE_6, "", "hexadécimal"),
        (FIGURE_6, "00" * 16, "n’ouvre pas"),
        (FIGURE_7, "azerty", "n’ouvre pas"),
        (FIGURE_6.replace("Su+N", "Su+M"), SHARED, "contrôle (MAC) ne correspond pas"),
        (FIGURE_6.replace("AAECAwQF", "AAECAwQG"), SHARED, "contrôle (MAC) ne correspond pas"),
        (FIGURE_7.replace(">1000<", ">2000000000<"), "qwerty", "2000000000 tours"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]>" + FIGURE_6[39:], SHARED, "entités"),
        ("<a>" * 400 + "</a>" * 400, "", "XML"),
        ("<autre/>", "", "n’est pas un PSKC"),
        (FIGURE_6[:900], SHARED, "mal formé"),
        (FIGURE_6.replace("hmac-sha1", "hmac-zha9"), SHARED, "genre inconnu"),
    ],
)
def test_each_bad_container_is_refused_by_name(text: str, transport: str, reason: str) -> None:
    assert reason in reasons(text, transport=transport, interval=60)


def without_mac(text: str) -> str:
    start, end = text.index("<pskc:MACMethod"), text.index("</pskc:MACMethod>")
    return text[:start] + text[end + len("</pskc:MACMethod>") :]


def test_ciphertext_without_mac_is_refused() -> None:
    assert "sans MAC" in reasons(without_mac(FIGURE_6), transport=SHARED)
    start, end = FIGURE_6.index("<pskc:ValueMAC>"), FIGURE_6.index("</pskc:ValueMAC>")
    text = FIGURE_6[:start] + FIGURE_6[end + len("</pskc:ValueMAC>") :]
    assert "sans MAC" in reasons(text, transport=SHARED)


def openssl(*arguments: str, data: bytes) -> bytes:
    tool = shutil.which("openssl")
    require(tool is not None, "openssl")
    command = [str(tool), *arguments]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def by_openssl(seed: bytes, *, serial: str = "TST0001", **plain: str) -> str:
    """A container whose every byte of cryptography openssl made."""
    vectors = ("00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100")
    mac_key = hashlib.sha256(b"mac").digest()[:20]
    sealed = [
        bytes.fromhex(vector)
        + openssl("enc", "-aes-128-cbc", "-K", SHARED, "-iv", vector, data=data)
        for vector, data in zip(vectors, (mac_key, seed), strict=True)
    ]
    mac = openssl("dgst", "-sha1", "-mac", "HMAC", "-macopt", f"hexkey:{mac_key.hex()}", "-binary",
                  data=sealed[1])  # fmt: skip
    values = [base64.b64encode(one).decode() for one in (*sealed, mac)]
    text = figure("<ds:KeyName>Pre-shared-key</ds:KeyName>", *values)
    text = text.replace("987654321", serial).replace("pskc:hotp", "pskc:totp")
    text = text.replace('Length="8"', f'Length="{plain.get("digits", "6")}"')
    interval = plain.get("interval", "60")
    time = f"<pskc:TimeInterval><pskc:PlainValue>{interval}</pskc:PlainValue></pskc:TimeInterval>"
    return text.replace("</pskc:Secret>", "</pskc:Secret>" + time)


def test_a_file_put_together_with_openssl_alone_is_read() -> None:
    (seed,) = read(by_openssl(SEED), transport=SHARED).seeds
    assert (seed.seed, seed.serial, seed.interval, seed.digits) == (SEED, "TST0001", 60, 6)


def test_pskctool_accepts_what_these_tests_write(tmp_path: Path) -> None:
    tool = shutil.which("pskctool")
    require(tool is not None, "pskctool")
    path = tmp_path / "keys.xml"
    path.write_text(plain_container())
    done = subprocess.run(
        [str(tool), "--info", "--quiet", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (seed,) = read(path.read_bytes()).seeds
    assert seed.seed == SEED


def plain_container(*, algorithm: str = TOTP, seed: bytes = SEED) -> str:
    text = base64.b64encode(seed).decode()
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc"><KeyPackage><DeviceInfo>
<Manufacturer>oath.TST</Manufacturer><SerialNo>TST0009</SerialNo></DeviceInfo>
<Key Id="TST0009" Algorithm="{algorithm}"><AlgorithmParameters>
<ResponseFormat Length="6" Encoding="DECIMAL"/></AlgorithmParameters><Data><Secret>
<PlainValue>{text}</PlainValue></Secret><Time><PlainValue>0</PlainValue></Time>
<TimeInterval><PlainValue>60</PlainValue></TimeInterval></Data></Key></KeyPackage></KeyContainer>"""


@pytest.mark.parametrize(
    ("interval", "digits", "reason"),
    [("0", "6", "0 secondes"), ("30", "6", "30 secondes"), ("60", "8", "8 chiffres")],
)
def test_shapes_that_the_authority_has_not(interval: str, digits: str, reason: str) -> None:
    text = by_openssl(SEED, interval=interval, digits=digits)
    assert reason in reasons(text, transport=SHARED)


def test_short_seeds_and_unknown_kinds() -> None:
    assert "5 octets" in reasons(plain_container(seed=b"12345"))
    assert "type de clé est inconnu" in reasons(plain_container(algorithm="urn:autre"))


# --- CSV ---


def test_our_csv_and_oath_csv() -> None:
    ours = f"serial;seed;interval;digits;algorithm\nTST1;{SEED.hex()};60;6;SHA256\n"
    (seed,) = read(ours).seeds
    assert (seed.seed, seed.algorithm) == (SEED, Algorithm.SHA256)
    text = base64.b32encode(SEED).decode()
    oath = f"# fournisseur\nTST1,{SEED.hex()},TOTP,6,60\ntst2,{text},totp,6\n"
    first, second = read(oath, interval=60).seeds
    assert (first.serial, second.serial) == ("TST1", "TST2")
    assert first.seed == second.seed == SEED


def test_every_fault_of_a_file_is_told_at_once_and_good_lines_stay() -> None:
    text = (
        f"serial;seed;interval\nTST1;{SEED.hex()};60\nTST1;{SEED.hex()};60\n;{SEED.hex()};60\n"
        f"TST4;zz;60\nTST5;{SEED.hex()};\nTST6;{SEED.hex()};45\nTST7;{SEED.hex()[:20]};60\n"
    )
    found = read(text)
    assert [seed.serial for seed in found.seeds] == ["TST1"]
    assert [fault.line for fault in found.faults] == [3, 4, 5, 6, 7, 8]
    assert not any(SEED.hex()[:8] in fault.reason for fault in found.faults)
    assert "ne dit pas l’intervalle" in " ".join(fault.reason for fault in found.faults)
    assert "HOTP" in reasons(f"TST1,{SEED.hex()},HOTP,6,0")


@pytest.mark.parametrize(
    "content", [b"\x00\x01\x02", b"\xff\xfe\x41", b"bonjour", b"", b"%PDF-1.7"]
)
def test_another_format_is_told_what_is_read(content: bytes) -> None:
    assert "PSKC" in reasons(content)


# --- the import ---


@pytest.fixture
def desk(guichet: Guichet) -> Client:
    person = make.make_person(profile=Profile.ACADEMIC)
    RoleGrant.objects.create(person=person, role=Role.HELPDESK, authority=guichet.authority)
    agent = kit.make_agent("sacha", guichet=guichet, person=person)
    fob = kit.make_key(agent, guichet=guichet)
    client = Client()
    kit.enter_by_key(client, agent.uid, kit.PIN + fob.code())
    return client


def upload(client: Client, content: str, **typed: str) -> SeedImport:
    file = SimpleUploadedFile("keys.csv", content.encode())
    answer = client.post(
        "/assistance/import/", {"file": file, "transport": "", "interval": "", **typed}
    )
    assert answer.status_code == 303, answer.content.decode()[-2000:]
    return SeedImport.objects.latest("uploaded_at")


@pytest.mark.django_db
def test_a_file_is_sealed_read_confirmed_imported_and_wiped(desk: Client, guichet: Guichet) -> None:
    """A failed line and a known serial harm no existing key; no dump holds a seed (T-D15)."""
    known = kit.make_key(None, guichet=guichet, state=KeyState.STOCK, serial="TST1")
    seed = known.row.sealed_seed
    text = f"serial;seed;interval\nTST1;{SEED.hex()};60\nTST2;{SEED.hex()};60\nTST3;!!;60\n"
    received = upload(desk, text, transport="mot de passe du fournisseur")
    assert SEED.hex().encode() not in bytes(received.sealed or b"")
    run_now(Job.objects.get(kind="guichet.read_seeds"))
    page = desk.get(f"/assistance/import/{received.uuid}/").content.decode()
    assert "1 déjà" in page.replace("\n", " ")
    assert "Base32" in page
    assert not OtpKey.objects.filter(serial="TST2").exists()
    for _ in range(2):
        desk.post(f"/assistance/import/{received.uuid}/", {"importer": "1"})
    run_now(Job.objects.get(kind="guichet.import_seeds"))
    received.refresh_from_db()
    assert (received.state, received.sealed) == (SeedImportState.APPLIED, None)
    key = OtpKey.objects.get(serial="TST2")
    opened = open_seed(key.sealed_seed, authority=guichet.authority.uuid, serial="TST2")
    assert (opened, key.state) == (SEED, KeyState.STOCK)
    assert bytes(OtpKey.objects.get(serial="TST1").sealed_seed) == bytes(seed)


@pytest.mark.django_db
def test_an_unreadable_or_abandoned_file_is_wiped(desk: Client) -> None:
    refused = upload(desk, "bonjour")
    run_now(Job.objects.get(kind="guichet.read_seeds"))
    refused.refresh_from_db()
    assert (refused.state, refused.sealed) == (SeedImportState.REFUSED, None)
    left = upload(desk, f"TST1,{SEED.hex()},TOTP,6,60")
    desk.post(f"/assistance/import/{left.uuid}/", {"abandonner": "1"})
    left.refresh_from_db()
    assert (left.state, left.sealed) == (SeedImportState.CANCELLED, None)
