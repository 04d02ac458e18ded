"""The lists as Pronote exports them, as a text or as a workbook.

The text is CSV with `;`, in Windows-1252, dates as DD/MM/YYYY: a letter that Windows-1252 lacks
becomes a question mark, as in any such file. The workbook keeps every letter, its dates are dates,
and the guardians of a pupil stand in columns of their own, two for each. « Identifiant CAS »
is there when « Activer la gestion des identifiants ENT » is ticked.
"""

from __future__ import annotations

import csv
from io import StringIO

from demo.pronote.base.base import Base
from demo.pronote.base.people import Person, Population
from demo.pronote.base.workbooks import Cell, workbook

_COLUMNS = {
    Population.STAFF: ("Nom", "Prénom", "Fonction"),
    Population.TEACHERS: ("Nom", "Prénom", "Né(e) le"),
    Population.GUARDIANS: ("Nom", "Prénom", "Élèves"),
    Population.PUPILS: ("Nom", "Prénom", "Né(e) le", "Classe", "Responsables"),
}
IDENTIFIER = "Identifiant CAS"


def columns_of(base: Base, population: Population) -> tuple[str, ...]:
    """Return the headings of a list."""
    last = (IDENTIFIER,) if base.delegation.shows_identifiers else ()
    return (*_COLUMNS[population], *last)


def cells_of(base: Base, population: Population) -> list[tuple[Person, list[str]]]:
    """Return the lines of a list: the person, and a text per heading."""
    headings = columns_of(base, population)
    relatives = _relatives(base, population)
    return [
        (person, [_cell(person, heading, relatives) for heading in headings])
        for person in base.members(population)
    ]


def csv_of(base: Base, population: Population) -> bytes:
    """Return the list as a file."""
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns_of(base, population))
    writer.writerows(cells for _, cells in cells_of(base, population))
    return text.getvalue().encode("cp1252", errors="replace")


def xlsx_of(base: Base, population: Population) -> bytes:
    """Return the list as a workbook."""
    headings = columns_of(base, population)
    guardians = _guardians(base) if population is Population.PUPILS else {}
    most = max(map(len, guardians.values()), default=0)
    relatives = _relatives(base, population)

    def spread(heading: str, person: Person | None) -> list[Cell]:
        if heading == "Responsables":
            if person is None:
                return [f"{name} resp. {n + 1}" for n in range(most) for name in ("Nom", "Prénom")]
            cells = [name for one in guardians.get(person.number, ()) for name in _names(one)]
            return [*cells, *[""] * (2 * most - len(cells))]
        if person is None:
            return [heading]
        if heading == "Né(e) le":
            return [person.birth_date]
        return [_cell(person, heading, relatives)]

    people = [None, *base.members(population)]
    rows = [[cell for heading in headings for cell in spread(heading, one)] for one in people]
    return workbook(population.label, rows)


def _names(person: Person) -> tuple[str, str]:
    return person.family_name, person.given_name


def _guardians(base: Base) -> dict[int, list[Person]]:
    """Return the guardians of each pupil, by the pupil's number."""
    found: dict[int, list[Person]] = {}
    for guardian in base.members(Population.GUARDIANS):
        for number in guardian.children:
            found.setdefault(number, []).append(guardian)
    return found


def _cell(person: Person, heading: str, relatives: dict[int, str]) -> str:
    match heading:
        case "Nom":
            return person.family_name
        case "Prénom":
            return person.given_name
        case "Né(e) le":
            return person.born_on
        case "Classe":
            return person.class_name
        case "Fonction":
            return person.function
        case "Identifiant CAS":
            return person.identifier
        case _:
            return relatives.get(person.number, "")


def _relatives(base: Base, population: Population) -> dict[int, str]:
    """Return, by number, the names of somebody's children or guardians, separated by commas."""
    pupils = {one.number: one for one in base.members(Population.PUPILS)}
    names: dict[int, list[str]] = {}
    if population in (Population.GUARDIANS, Population.PUPILS):
        for guardian in base.members(Population.GUARDIANS):
            for number in guardian.children:
                if number in pupils and population is Population.PUPILS:
                    names.setdefault(number, []).append(guardian.name)
                elif number in pupils:
                    names.setdefault(guardian.number, []).append(pupils[number].name)
    return {number: ", ".join(found) for number, found in names.items()}
