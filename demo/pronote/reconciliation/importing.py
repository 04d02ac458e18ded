"""Importing a file into the base: opened, read, merged with what is known, matched.

A file may be full or differential, and does not say which: whom it does not name stays as before.
An identifier that somebody has is never taken away nor replaced by an import.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from demo.pronote.base.base import Base, ImportLine
from demo.pronote.base.people import Population
from demo.pronote.reconciliation.document import Document, read_document
from demo.pronote.reconciliation.envelope import FileRefused, open_envelope
from demo.pronote.reconciliation.matching import match


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One line of the supervision table."""

    population: Population
    people: int
    paired: int
    known: int
    """Whom the ENT named, whether paired or not."""

    @property
    def unpaired(self) -> int:
        """How many cells are empty."""
        return self.people - self.paired


def import_file(base: Base, content: bytes, key: RSAPrivateKey) -> ImportLine:
    """Take a file in; a file that is refused changes nothing."""
    opened = open_envelope(content, key)
    document = read_document(opened.document)
    if document.exported_at != opened.exported_at:
        raise FileRefused("L’enveloppe et le contenu du fichier n’ont pas la même date.")
    _check_school(base, opened.uai, document)
    for person in document.people:
        base.known[person.population, person.identifier] = person
    line = ImportLine(
        imported_at=datetime.now().astimezone().isoformat(timespec="seconds"),
        exported_at=opened.exported_at,
        partner=opened.partner,
        people=len(document.people),
        paired=match(base),
    )
    base.imports.append(line)
    return line


def _check_school(base: Base, uai: str, document: Document) -> None:
    """Refuse another school's file, when the base knows whose it is."""
    ours = base.school.uai.upper()
    if ours and ours != uai.upper() and ours not in document.managed:
        raise FileRefused(
            f"Ce fichier est celui de l’établissement {uai} : cette base est celle de "
            f"{base.school.name} ({base.school.uai})."
        )


def supervision(base: Base) -> list[Count]:
    """Count, for each list, who has an identifier and who has none."""
    return [
        Count(
            population=population,
            people=len(members := base.members(population)),
            paired=sum(one.is_paired for one in members),
            known=sum(listed is population for listed, _ in base.known),
        )
        for population in Population
    ]
