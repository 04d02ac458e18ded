"""Reading the inner document, `PARTENAIRE_INDEX` of `rapprochementssoV2.0`.

Strict where the vendor's schema is: names, required attributes, no empty list, references that lead
somewhere. The message says which element and which line, never who.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from lxml import etree

from demo.pronote.base.people import EntPerson, Population
from demo.pronote.reconciliation.envelope import FileRefused

NAMESPACE: Final = "http://www.index-education.com/rapprochementssoV2.0"
#: The lists in the order of the schema, with their member and what it must have.
_LISTS: Final = {
    "Personnels": ("Personnel", Population.STAFF),
    "Professeurs": ("Professeur", Population.TEACHERS),
    "Responsables": ("Responsable", Population.GUARDIANS),
    "Eleves": ("Eleve", Population.PUPILS),
}
_ORDER: Final = ("Nomenclatures", "Etablissements", "EtablissementsGeres", *_LISTS)
_REQUIRED: Final = ("Ident", "Nom", "Prenom", "ID_Partenaire")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What one file says."""

    exported_at: str
    partner: str
    managed: frozenset[str]
    """UAI of the schools to initialise, in capitals."""
    people: list[EntPerson]


def read_document(content: bytes) -> Document:
    """Return the people of the file, or refuse it with the element and line."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise FileRefused(f"Le contenu n’est pas du XML (ligne {error.lineno}).") from None
    if root.tag != _tag("PARTENAIRE_INDEX"):
        raise FileRefused("Le contenu n’est pas un rapprochement (PARTENAIRE_INDEX).")
    parts = _parts(root)
    guardians = _guardians(parts.get("Responsables"))
    return Document(
        exported_at=_instant(root),
        partner=_attribute(root, "Partenaire"),
        managed=_managed(parts),
        people=[
            person
            for name, (member, population) in _LISTS.items()
            for person in _people(parts.get(name), member, population, guardians)
        ],
    )


def _instant(root: etree._Element) -> str:
    """Return `Date` as it is written, once it is known to be an instant with its offset."""
    text = _attribute(root, "Date")
    try:
        has_offset = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        has_offset = False
    if not has_offset:
        raise FileRefused("La date du fichier n’est pas lisible.")
    return text


def _parts(root: etree._Element) -> dict[str, etree._Element]:
    """Return the children of the root by name; their order and the required ones are checked."""
    parts = {_local(child): child for child in root.iterchildren("*")}
    names = [_local(child) for child in root.iterchildren("*")]
    if names != [name for name in _ORDER if name in parts]:
        raise FileRefused("Les listes du fichier ne sont pas dans l’ordre attendu.")
    for name in ("Etablissements", "EtablissementsGeres"):
        if name not in parts:
            raise FileRefused(f"Le fichier n’a pas d’élément {name}.")
    return parts


def _managed(parts: dict[str, etree._Element]) -> frozenset[str]:
    schools = {
        _attribute(school, "Ident"): _attribute(school, "Numero").upper()
        for school in _members(parts["Etablissements"], "Etablissement")
    }
    managed = set()
    for school in _members(parts["EtablissementsGeres"], "Etablissement"):
        ident = _attribute(school, "Ident")
        if ident not in schools:
            raise FileRefused(f"Établissement géré inconnu (ligne {school.sourceline}).")
        managed.add(schools[ident])
    return frozenset(managed)


def _guardians(part: etree._Element | None) -> dict[str, str]:
    """Return local number → identifier of the guardians."""
    if part is None:
        return {}
    return {
        _attribute(one, "Ident"): _attribute(one, "ID_Partenaire")
        for one in _members(part, "Responsable")
    }


def _people(
    part: etree._Element | None, member: str, population: Population, guardians: dict[str, str]
) -> Iterator[EntPerson]:
    if part is None:
        return
    seen: set[str] = set()
    for element in _members(part, member):
        ident, family, given, identifier = (_attribute(element, name) for name in _REQUIRED)
        if not ident.isdigit() or not identifier or identifier in seen:
            raise FileRefused(
                f"{member} sans numéro ou identifiant à lui (ligne {element.sourceline})."
            )
        seen.add(identifier)
        yield EntPerson(
            population=population,
            identifier=identifier,
            family_name=family,
            given_name=given,
            birth_date=_birth_date(element, is_required=population is Population.PUPILS),
            guardians=_links(element, guardians) if population is Population.PUPILS else (),
        )


def _links(pupil: etree._Element, guardians: dict[str, str]) -> tuple[str, ...]:
    found = []
    for link in pupil.iterchildren(_tag("Responsable")):
        ident = _attribute(link, "Ident")
        if ident not in guardians:
            raise FileRefused(f"Responsable d’élève inconnu (ligne {link.sourceline}).")
        found.append(guardians[ident])
    return tuple(found)


def _birth_date(element: etree._Element, *, is_required: bool) -> date | None:
    text = element.get("DateNaissance")
    if text is None and not is_required:
        return None
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise FileRefused(
            f"{_local(element)} sans date de naissance lisible (ligne {element.sourceline})."
        ) from None


def _members(part: etree._Element, member: str) -> list[etree._Element]:
    found = list(part.iterchildren("*"))
    if not found or any(one.tag != _tag(member) for one in found):
        raise FileRefused(f"La liste {_local(part)} est vide ou contient autre chose.")
    return found


def _attribute(element: etree._Element, name: str) -> str:
    value = element.get(name)
    if value is None:
        raise FileRefused(f"{_local(element)} sans {name} (ligne {element.sourceline}).")
    return str(value)


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname
