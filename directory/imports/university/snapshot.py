"""One complete reading of a university's LDAP directory, written down as a delivery.

The whole of it or nothing: a limit, an outage or a base that moved in the middle refuses it before
anybody is compared, so that nobody leaves because a server answered half.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final
from xml.sax.saxutils import escape

from django.utils import timezone

from directory.enums import Profile
from directory.imports.layouts.errors import DeliveryRefused
from directory.models import LdapDirectory
from ent.ldap.client import Entry, LdapError, LdapFault, reading

READING_SECONDS: Final = 900
_MOST_CODES: Final = 40
_PROFILES: Final = {
    "student": Profile.STUDENT,
    "faculty": Profile.TEACHER,
    "teacher": Profile.TEACHER,
    "researcher": Profile.TEACHER,
    "employee": Profile.STAFF,
    "staff": Profile.STAFF,
}
_WORDS: Final = {
    LdapFault.NO_CLIENT: "le module LDAP n’est pas installé sur ce serveur "
    "(requirements/ldap.txt).",
    LdapFault.UNREACHABLE: "l’annuaire n’est pas joignable.",
    LdapFault.TLS: "le certificat de l’annuaire n’est pas accepté.",
    LdapFault.TIMEOUT: "l’annuaire n’a pas répondu dans le délai.",
    LdapFault.READER_REFUSED: "l’annuaire refuse le compte de lecture.",
    LdapFault.NO_BASE: "la base de recherche n’existe pas ou n’est plus visible.",
    LdapFault.TOO_MANY: "l’annuaire limite le nombre de réponses : le compte de lecture doit "
    "pouvoir tout lire par pages.",
    LdapFault.BROKEN: "l’annuaire a interrompu la lecture.",
}
#: Kept column → attribute of the directory; SupAnn's names unless an institution says others.
STANDARD_MAPPING: Final[Mapping[str, str]] = {
    "sn": "sn",
    "givenName": "givenName",
    "mail": "mail",
    "personalTitle": "supannCivilite",
    "ENTPersonDateNaissance": "supannOIDCDateDeNaissance",
    "affiliation": "eduPersonPrimaryAffiliation",
    "programme": "supannEtuEtape",
    "component": "supannEntiteAffectationPrincipale",
    "function": "title",
}
_DAY: Final = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_HEADER: Final = '<?xml version="1.0" encoding="UTF-8"?>\n<ficAlimMENESR>\n'
_FOOTER: Final = "</ficAlimMENESR>\n"


@dataclass(slots=True)
class Reading:
    """The codes that persons cite."""

    programmes: set[str] = field(default_factory=set)
    components: set[str] = field(default_factory=set)


def write_snapshot(directory: LdapDirectory, folder: Path) -> None:
    """Read every person of the directory, a page at a time, and write the files of a delivery."""
    mapping = {**STANDARD_MAPPING, **directory.mapping}
    day = f"{timezone.localdate():%Y%m%d}"
    noted = Reading()
    try:
        with (
            reading(directory.settings, seconds=READING_SECONDS) as connection,
            (folder / f"LDAP_Complet_{day}_PersEducNat_0000.xml").open(
                "w", encoding="utf-8"
            ) as stream,
        ):
            stream.write(_HEADER)
            attributes = tuple({directory.key_attribute, *filter(None, mapping.values())})
            for page in connection.pages(directory.people_filter, attributes):
                _write_page(stream, page, directory, mapping, noted)
            stream.write(_FOOTER)
    except LdapError as error:
        raise DeliveryRefused(f"ldap_{error.fault.value}", _WORDS[error.fault]) from None
    structure = folder / f"LDAP_Complet_{day}_EtabEducNat_0000.xml"
    structure.write_text("".join(_structure(directory, noted)), encoding="utf-8")


def _write_page(
    stream: IO[str],
    page: Iterable[Entry],
    directory: LdapDirectory,
    mapping: Mapping[str, str],
    noted: Reading,
) -> None:
    for entry in page:
        key = entry.first(directory.key_attribute).lower()  # none: the reader reports the object
        stream.write(_object("PersEducNat", "categoriePersonne", key, _values(
            entry, directory, mapping, noted
        )))  # fmt: skip


def _values(
    entry: Entry, directory: LdapDirectory, mapping: Mapping[str, str], noted: Reading
) -> dict[str, list[str]]:
    """What is kept of an entry, by the names of our layout."""

    def first(name: str) -> str:
        return entry.first(mapping[name]) if mapping[name] else ""

    def codes(name: str) -> list[str]:
        values = entry.values.get(mapping[name].lower(), ())
        return [_code(value) for value in values if _code(value)]

    university = directory.uai
    programmes, components = codes("programme"), codes("component")
    noted.programmes.update(programmes)
    noted.components.update(components)
    profile = _PROFILES.get(first("affiliation").lower(), Profile.STAFF)
    return {
        "sn": [first("sn")],
        "givenName": [first("givenName")],
        "mail": [first("mail")],
        "personalTitle": [first("personalTitle")],
        "ENTPersonDateNaissance": [_day(first("ENTPersonDateNaissance"))],
        "ENTPersonStructRattach": [university],
        "profile": [profile.value],
        "function": [first("function")],
        "programmes": [f"{university}${code}" for code in sorted(set(programmes))],
        "components": [f"{university}${code}" for code in sorted(set(components))],
    }


def _structure(directory: LdapDirectory, noted: Reading) -> Iterator[str]:
    yield _HEADER
    yield _object(
        "EtabEducNat",
        "categorieStructure",
        directory.uai,
        {
            "ENTStructureUAI": [directory.uai],
            "ENTStructureNomCourant": [directory.authority.name],
            "ENTStructureClasses": [f"{code}${code}" for code in sorted(noted.programmes)],
            "ENTStructureGroupes": [f"{code}${code}" for code in sorted(noted.components)],
        },
    )
    yield _FOOTER


def _object(category: str, kind: str, key: str, values: Mapping[str, list[str]]) -> str:
    attributes = "".join(
        f'<attr name="{name}">'
        + "".join(f"<value>{_escaped(value)}</value>" for value in several if value)
        + "</attr>\n"
        for name, several in values.items()
        if any(several)
    )
    return (
        f'<addRequest>\n<operationalAttributes><attr name="{kind}"><value>{category}</value></attr>'
        f"</operationalAttributes>\n<identifier><id>{_escaped(key)}</id></identifier>\n"
        f"<attributes>\n{attributes}</attributes>\n</addRequest>\n"
    )


def _escaped(value: str) -> str:
    """What XML cannot hold becomes a space, as line breaks do."""
    return escape("".join(char if char.isprintable() else " " for char in value))


def _code(value: str) -> str:
    """A code without its label (`{UAI:0541234A}L1-INFO`); « $ » separates in our files."""
    return value.rpartition("}")[2].replace("$", " ").strip()[:_MOST_CODES]


def _day(value: str) -> str:
    """`AAAA-MM-JJ` or `AAAAMMJJ` → `JJ/MM/AAAA`; something else is said as it stands."""
    found = _DAY.fullmatch(value)
    return f"{found[3]}/{found[2]}/{found[1]}" if found else value
