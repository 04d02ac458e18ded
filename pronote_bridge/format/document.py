"""The inner layer, written as a stream: `PARTENAIRE_INDEX` of `rapprochementssoV2.0`.

Elements are qualified by one declaration at the root, all data stands in unqualified attributes, a
list without members is left out (the vendor's schema refuses an empty one). Persons come list by
list in the order of the schema, so that a million of them need no more memory than one.

The text is written as libxml2 writes it, so that whoever decrypts and serializes it again gets the
same bytes; `checking.InnerChecker` parses every byte of it on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, TypeVar

from pronote_bridge.format.rows import (
    CIVILITIES,
    MOST_ADDRESS_LINES,
    NO_ADDRESS,
    Address,
    GuardianRow,
    Header,
    PersonRow,
    PupilRow,
    SchoolRow,
    StaffRow,
    TeacherRow,
)

NAMESPACE: Final = "http://www.index-education.com/rapprochementssoV2.0"
_DECLARATION: Final = "<?xml version='1.0' encoding='UTF-8'?>\n"
_FLUSH_EVERY: Final = 500
_ESCAPES: Final = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "\t": "&#9;",
        "\n": "&#10;",
        "\r": "&#13;",
    }
)
_Row = TypeVar("_Row", bound=PersonRow)


@dataclass(frozen=True, slots=True)
class Lists:
    """The content of one file; each list is read once, in this order."""

    schools: Sequence[SchoolRow]
    staff: Iterable[StaffRow] = ()
    teachers: Iterable[TeacherRow] = ()
    guardians: Iterable[GuardianRow] = ()
    pupils: Iterable[PupilRow] = ()


def write_document(
    write: Callable[[bytes], Any], header: Header, lists: Lists, *, has_declaration: bool = True
) -> None:
    """Write the document in UTF-8. *has_declaration*: W3C XML Encryption holds an element only."""
    out = _Writer(write)
    if has_declaration:
        out.text(_DECLARATION)
    out.text(
        f'<PARTENAIRE_INDEX xmlns="{NAMESPACE}"{_attribute("Date", header.instant)}'
        f"{_attribute('Partenaire', header.partner_id)}"
        ' ProtocoleDelegationAuthentification="CAS">'
    )
    _write_civilities(out)
    _write_schools(out, lists.schools)
    _write_list(out, "Personnels", _staff, lists.staff)
    _write_list(out, "Professeurs", _teacher, lists.teachers)
    _write_list(out, "Responsables", _guardian, lists.guardians)
    _write_list(out, "Eleves", _pupil, lists.pupils)
    out.text("</PARTENAIRE_INDEX>")
    out.flush()


class _Writer:
    """Collects text, and gives it away in pieces."""

    def __init__(self, write: Callable[[bytes], Any]) -> None:
        self._write = write
        self._parts: list[str] = []
        self.text = self._parts.append

    def flush(self) -> None:
        """Give away what was written so far."""
        self._write("".join(self._parts).encode())
        self._parts.clear()


def _escaped(value: str) -> str:
    """Letters and digits are themselves, and most values hold nothing else."""
    return value if value.isalnum() else value.translate(_ESCAPES)


def _attribute(name: str, value: str) -> str:
    return f' {name}="{_escaped(value)}"'


def _write_civilities(out: _Writer) -> None:
    out.text("<Nomenclatures><Civilites>")
    for number, label in CIVILITIES.items():
        out.text(f'<Civilite Ident="{number}"{_attribute("Libelle", label)}/>')
    out.text("</Civilites></Nomenclatures>")


def _write_schools(out: _Writer, schools: Sequence[SchoolRow]) -> None:
    out.text("<Etablissements>")
    for school in schools:
        out.text(
            f'<Etablissement Ident="{school.ident}"{_attribute("Numero", school.uai)}'
            f"{_attribute('Nom', school.name)}{_address(school.address)}/>"
        )
    out.text("</Etablissements><EtablissementsGeres>")
    for school in schools:
        if school.is_managed:
            out.text(f'<Etablissement Ident="{school.ident}"/>')
    out.text("</EtablissementsGeres>")


def _write_list(
    out: _Writer, name: str, written: Callable[[_Row], str], rows: Iterable[_Row]
) -> None:
    members = iter(rows)
    first = next(members, None)
    if first is None:
        return
    out.text(f"<{name}>")
    for number, row in enumerate(chain([first], members), start=1):
        out.text(written(row))
        if number % _FLUSH_EVERY == 0:
            out.flush()
    out.text(f"</{name}>")


def _staff(row: StaffRow) -> str:
    return f"<Personnel{_person(row)}/>"


def _teacher(row: TeacherRow) -> str:
    born = f' DateNaissance="{row.birth_date.isoformat()}"' if row.birth_date is not None else ""
    return f"<Professeur{_person(row)}{born}/>"


def _guardian(row: GuardianRow) -> str:
    if row.civility is None:
        return f"<Responsable{_person(row)}/>"
    return f'<Responsable{_person(row)}><Civilite Ident="{row.civility}"/></Responsable>'


def _pupil(row: PupilRow) -> str:
    said = f'{_person(row)} DateNaissance="{row.birth_date.isoformat()}"'
    if row.sex is not None:
        said += f' Sexe="{row.sex.value}"'
    if row.national_number:
        said += _attribute("NumeroNational", row.national_number)
    if not row.guardians:
        return f"<Eleve{said}/>"
    guardians = "".join(f'<Responsable Ident="{ident}"/>' for ident in row.guardians)
    return f"<Eleve{said}>{guardians}</Eleve>"


def _person(row: PersonRow) -> str:
    address = _address(row.address) if row.address is not NO_ADDRESS else ""
    return (
        f' Ident="{row.ident}" Nom="{_escaped(row.family_name)}"'
        f' Prenom="{_escaped(row.given_name)}" ID_Partenaire="{_escaped(row.identifier)}"{address}'
    )


def _address(address: Address) -> str:
    lines = [line for line in address.lines if line][:MOST_ADDRESS_LINES]
    numbered = [(f"Adresse{number}", line) for number, line in enumerate(lines, start=1)]
    rest = (
        ("CodePostal", address.postal_code),
        ("Ville", address.town),
        ("Pays", address.country),
    )
    return "".join(_attribute(name, value) for name, value in (*numbered, *rest) if value)
