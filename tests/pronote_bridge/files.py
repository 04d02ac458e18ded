"""Reconciliation files of the tests: invented people with hostile names, and a key pair."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from pronote_bridge.enums import EnvelopeKind
from pronote_bridge.format.document import Lists, write_document
from pronote_bridge.format.envelopes import write_file
from pronote_bridge.format.rows import (
    Address,
    GuardianRow,
    Header,
    PupilRow,
    SchoolRow,
    Sex,
    StaffRow,
    TeacherRow,
)

HEADER = Header(
    partner_id="ENT_PREAU",
    partner_name="Préau & <associés>",
    exported_at=datetime(2026, 9, 1, 8, 30, 15, tzinfo=timezone(timedelta(hours=2))),
    uai="0541234A",
    version="1.0",
    description="rentrée",
)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key of the tests, in memory and as files for other programs."""

    private: rsa.RSAPrivateKey
    pem: Path
    der: Path


def make_key_pair(folder: Path) -> KeyPair:
    """Make a key pair of 2,048 bits and write its private half."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pair = KeyPair(private, folder / "private.pem", folder / "private.der")
    for path, encoding in ((pair.pem, Encoding.PEM), (pair.der, Encoding.DER)):
        path.write_bytes(private.private_bytes(encoding, PrivateFormat.PKCS8, NoEncryption()))
    return pair


def some_lists(pupils: int = 3) -> Lists:
    """Return one of each list; the names hold what XML and other programs stumble over."""
    address = Address(("12 rue de l’Écluse", "Bâtiment <B>"), "54000", "Nancy")
    return Lists(
        schools=[
            SchoolRow(0, "0541234A", "Collège « Émile & Fils »"),
            SchoolRow(1, "0541235B", "École d’où l’on vient", is_managed=False),
        ],
        staff=[StaffRow(0, "O’Brien", "Ménélas\u2028", "q1")],
        teachers=[TeacherRow(1, "Ng\u00a0Thị Ánh", "\u00c9lo\u00efse", "q2", birth_date=None)],
        guardians=[
            GuardianRow(10, "Dupont & Durand", 'Ana "Nine"', "q3", address, civility=1),
            GuardianRow(11, "Łukasz", "Ωmega", "q4"),
        ],
        pupils=[
            PupilRow(
                20 + number,
                "D" * 200,
                "Zoé <3",
                hashlib.sha256(str(number).encode()).hexdigest(),
                birth_date=date(2014, 2, 1 + number % 28),
                sex=Sex.FEMALE,
                guardians=(10, 11),
            )
            for number in range(pupils)
        ],
    )


def encrypted(kind: EnvelopeKind, pair: KeyPair, lists: Lists | None = None) -> bytes:
    """Return a whole encrypted file."""
    out = BytesIO()
    write_file(
        out.write,
        kind=kind,
        header=HEADER,
        lists=lists or some_lists(),
        public_key=pair.private.public_key(),
    )
    return out.getvalue()


def clear(*, has_declaration: bool = True) -> bytes:
    """Return the inner document in clear, which the product never keeps."""
    out = BytesIO()
    write_document(out.write, HEADER, some_lists(), has_declaration=has_declaration)
    return out.getvalue()
