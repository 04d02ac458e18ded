"""Pronote's file: a school, a group, and as many people as are asked for, against a bare loop.

Each export runs in a process of its own, as in a worker, so that its memory is its own. The floor
is one `lxml.xmlfile` that writes the same rows with the same attributes into one AES-128-CBC: no
schema, no compression, no base64. Ours writes the whole file from the same rows, checked: once from
rows at hand, and once from the base, where both read the rows that the rule has found. What an
export does beside (the rule, the digests, the encrypted storage, the rows that it leaves behind) is
in the seconds.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connection, transaction
from django.utils import timezone
from lxml import etree

from bench.lines import Line, median_of_three, rate
from bench.together import run_together
from directory.models import Authority, School
from pronote_bridge.enums import EnvelopeKind
from pronote_bridge.exports.making import header_of
from pronote_bridge.format.document import NAMESPACE, Lists
from pronote_bridge.format.envelopes import write_file
from pronote_bridge.format.public_keys import read_public_key
from pronote_bridge.format.rows import GuardianRow, PersonRow, PupilRow
from pronote_bridge.models import Instance, InstanceSchool, VendorPartner
from pronote_bridge.population.snapshot import fill_rows, read_lists, snapshot
from pronote_bridge.vendor.services import vendor_key, vendor_partner
from sso.models import Service

SCHOOL: Final = 3_000
GROUP: Final = 20_000
#: lxml's types know no default namespace, which is None.
_NAMESPACES: Final[Any] = {None: NAMESPACE}
_BLOCK_BYTES: Final = 16
_FILL: Final = (
    """INSERT INTO directory_person (uuid, profile, title, family_name, given_name, birth_name,
         other_names, birth_date, ine, email, home_phone, work_phone, mobile_phone, address,
         postal_code, town, country, main_school_id, login, access_state, source, sort_key,
         search_key, academies, siecle_id, mef_code, mef_label, level, boarding, pupil_status,
         created_at)
       SELECT gen_random_uuid(),
         CASE WHEN i %% 25 < 9 THEN 'eleve' WHEN i %% 25 < 24 THEN 'tuteur' ELSE 'enseignant' END,
         'Mme', 'Nom' || i, 'Prénom' || i %% 97, '', '', date '2010-01-01' + i %% 2000, '', '', '',
         '', '', '3 rue du Préau', '54000', 'Nancy', '', %(school)s, '', 'active', 'flux',
         'nom' || i || ' prenom', 'nom prenom', '', '', '', '', '', '', '', now()
       FROM generate_series(1, %(persons)s) i""",
    """INSERT INTO directory_affiliation (person_id, school_id, profile, function_code,
         function_label, post_code, post_label, source)
       SELECT id, main_school_id, profile, CASE profile WHEN 'enseignant' THEN 'ENS' ELSE '' END,
         '', '', '', 'flux' FROM directory_person WHERE main_school_id = %(school)s""",
    # Before the pairs are made: without statistics the planner compares everybody with everybody.
    "ANALYZE directory_person",
    """WITH pupil AS (
         SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM directory_person
         WHERE main_school_id = %(school)s AND profile = 'eleve'
       ), guardian AS (
         SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM directory_person
         WHERE main_school_id = %(school)s AND profile = 'tuteur'
       )
       INSERT INTO directory_responsibility (guardian_id, pupil_id, relationship, level,
         delivered_relationship, delivered_level, is_legal, is_financial, is_contact, is_payer,
         is_home, source)
       SELECT guardian.id, pupil.id, 10, 1, '', '', true, false, false, false, false, 'flux'
       FROM guardian JOIN pupil ON pupil.n = guardian.n %% (SELECT count(*) FROM pupil)""",
    "ANALYZE directory_affiliation",
    "ANALYZE directory_responsibility",
)


def measure_pronote(size: int) -> list[Line]:
    """A school, a group, and *size* people: seconds, rate beside the floor, memory."""
    _make_vendor()
    seconds, memory = _export(_fill(SCHOOL, "0549991A"))
    lines = [
        Line(
            work=f"Pronote's file of a school, {SCHOOL:,} people, the whole job",
            ours=f"{seconds:.2f} s",
            compare=seconds,
            compare_unit="s",
            goal=2,
            at_least=False,
        )
    ]
    group = _fill(GROUP, "0549992B")
    lines += [_memory_line(group, GROUP, memory), *_rate_lines(group)]
    if size > GROUP:
        lines.append(_memory_line(_fill(size, "0549993C"), size, memory))
    return lines


def _memory_line(instance: Instance, persons: int, memory: float) -> Line:
    seconds, more = _export(instance)
    return Line(
        work=f"{persons:,} people, {rate(persons, seconds)}: memory over that of the school",
        floor=f"{memory:.0f} MB",
        ours=f"{more:.0f} MB",
        compare=more / memory,
        goal=1.15,
        at_least=False,
    )


def _rate_lines(instance: Instance) -> list[Line]:
    """The file written from rows at hand, and from rows that are read, beside the same loop."""
    partner = vendor_partner()
    header = header_of(instance, partner, timezone.localtime())
    key = vendor_key(partner).rsa

    def ours(lists: Lists) -> None:
        write_file(len, kind=EnvelopeKind.VENDOR, header=header, lists=lists, public_key=key)

    with snapshot():
        fill_rows(instance)
        read = read_lists(instance)
        rows = Lists(
            schools=read.schools,
            staff=list(read.staff),
            teachers=list(read.teachers),
            guardians=list(read.guardians),
            pupils=list(read.pupils),
        )
        return [
            _rate_line("rows at hand", lambda: _write_bare(rows), lambda: ours(rows)),
            _rate_line(
                "rows read",
                lambda: _write_bare(read_lists(instance)),
                lambda: ours(read_lists(instance)),
            ),
        ]


def _rate_line(name: str, bare: Callable[[], None], ours: Callable[[], None]) -> Line:
    floor, mine = median_of_three(bare), median_of_three(ours)
    return Line(
        work=f"{GROUP:,} people, {name}: the file against xmlfile and AES alone",
        floor=rate(GROUP, floor),
        ours=rate(GROUP, mine),
        compare=floor / mine,
        goal=0.5,
    )


def _make_vendor() -> None:
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    key = read_public_key(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    VendorPartner.objects.create(
        partner_id="BANC",
        partner_name="Banc",
        container_version="1",
        public_key=key.pem,
        fingerprint=key.fingerprint,
        key_bits=key.bits,
        key_changed_at=timezone.now(),
    )


def _fill(persons: int, uai: str) -> Instance:
    """A school of so many people, with its instance."""
    authority, _ = Authority.objects.get_or_create(code="PRONOTE", name="Mesure", kind="academie")
    school = School.objects.create(
        authority=authority, uai=uai, name=f"École {uai}", slug=uai.lower(), is_active=True
    )
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _FILL:
            cursor.execute(statement, {"school": school.pk, "persons": persons})
    service = Service.objects.create(code=f"pronote-{uai.lower()}", name="Pronote", school=school)
    instance = Instance.objects.create(
        name=uai, address="https://pronote.invalid", service=service, key_school=school
    )
    InstanceSchool.objects.create(instance=instance, school=school)
    return instance


def _export(instance: Instance) -> tuple[float, float]:
    """Seconds of a full export whose identifiers are made already, and megabytes of its process.

    The first export makes the identifiers, once in the life of a school; the second is measured.
    """
    (answer,) = run_together("bench.pronote_worker", [[str(instance.uuid)]])
    seconds, megabytes = answer.split()
    return float(seconds), float(megabytes)


def _write_bare(lists: Lists) -> None:
    sink = _Sink(Cipher(AES(os.urandom(16)), CBC(os.urandom(16))).encryptor())
    named: tuple[tuple[str, Iterable[PersonRow]], ...] = (
        ("Personnel", lists.staff),
        ("Professeur", lists.teachers),
        ("Responsable", lists.guardians),
        ("Eleve", lists.pupils),
    )
    with (
        etree.xmlfile(sink, encoding="utf-8") as out,
        out.element(_tag("PARTENAIRE_INDEX"), nsmap=_NAMESPACES),
    ):
        for name, rows in named:
            with out.element(_tag(f"{name}s")):
                for row in rows:
                    out.write(_bare_element(_tag(name), row))


def _bare_element(tag: str, row: PersonRow) -> etree._Element:
    attributes = {
        "Ident": str(row.ident),
        "Nom": row.family_name,
        "Prenom": row.given_name,
        "ID_Partenaire": row.identifier,
    }
    if row.address.town:
        attributes["Adresse1"] = row.address.lines[0]
        attributes["CodePostal"], attributes["Ville"] = row.address.postal_code, row.address.town
    if isinstance(row, PupilRow):
        attributes["DateNaissance"] = row.birth_date.isoformat()
    element = etree.Element(tag, attributes, nsmap=_NAMESPACES)
    if isinstance(row, PupilRow):
        for ident in row.guardians:
            etree.SubElement(element, _tag("Responsable"), {"Ident": str(ident)})
    elif isinstance(row, GuardianRow) and row.civility is not None:
        etree.SubElement(element, _tag("Civilite"), {"Ident": str(row.civility)})
    return element


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


class _Sink:
    """Encrypts whole blocks and forgets: what becomes of the bytes is no part of the floor."""

    def __init__(self, encryptor: Any) -> None:
        self._encryptor = encryptor
        self._rest = b""

    def write(self, data: bytes) -> None:
        data = self._rest + data
        whole = len(data) // _BLOCK_BYTES * _BLOCK_BYTES
        self._rest = data[whole:]
        self._encryptor.update(data[:whole])
