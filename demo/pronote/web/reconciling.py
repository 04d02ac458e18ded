"""The administration of the reconciliation: import, supervision, pairings by hand."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Final

from demo.pronote.base.base import Base, PairingRefused
from demo.pronote.base.people import EntPerson, Pairing, Person, Population
from demo.pronote.reconciliation.envelope import FileRefused
from demo.pronote.reconciliation.importing import import_file, supervision
from demo.pronote.web.desk import HOME
from demo.pronote.web.messages import Response, Visit, go
from demo.pronote.web.pages import desk_page, page
from demo.pronote.web.paging import page_of

_MOST_CANDIDATES: Final = 30


def import_form(visit: Visit) -> Response:
    """The page where the ENT's file is given."""
    return _import_page(visit)


def take_file(visit: Visit) -> Response:
    """Import a file, or say why it is refused; a refused file changes nothing."""
    program = visit.program
    if not visit.request.file:
        return _import_page(
            visit, error="Choisissez le fichier que l’ENT vous a donné.", status=400
        )
    try:
        line = import_file(program.base, visit.request.file, program.key)
    except FileRefused as error:
        return _import_page(visit, error=str(error), status=400)
    program.note_change()
    visit.supervisor.notice = (
        f"Fichier importé : {line.people} personnes de l’ENT, {line.paired} nouveaux "
        "rapprochements. Rien n’est gardé avant « Enregistrer »."
    )
    return go(f"{HOME}rapprochement/{Population.PUPILS.value}?seulement=non")


def supervise(visit: Visit) -> Response:
    """The supervision table, and the lines of one population with their empty cells."""
    base = visit.program.base
    population = Population(visit.captured["population"])
    only = visit.request.query.get("seulement", "")
    people = [one for one in base.members(population) if not (only and one.is_paired)]
    return desk_page(
        visit,
        "supervision",
        tab="rapprochement",
        population=population,
        counts=supervision(base),
        only=only,
        page=page_of(
            [(one, _known(base, one)) for one in people], visit.request.query, seulement=only
        ),
        unpaired_known=sorted(base.unpaired_known(population), key=lambda one: one.name_key),
    )


def choose(visit: Visit) -> Response:
    """Whom of the ENT to pair somebody with: names that are near come first."""
    base, person = visit.program.base, _person(visit)
    if person is None:
        return _nobody()
    sought = visit.request.query.get("nom", "").strip()
    found = [
        one
        for one in base.unpaired_known(person.population)
        if sought.casefold() in one.name.casefold()
    ]
    found.sort(key=lambda one: (-_nearness(person, one), one.name_key))
    return desk_page(
        visit,
        "pairing",
        tab="rapprochement",
        population=person.population,
        person=person,
        relatives=_relatives(base, person),
        relation=_relation(person.population),
        known=_known(base, person),
        sought=sought,
        candidates=[(one, _relatives_of_ent(base, one)) for one in found[:_MOST_CANDIDATES]],
        more=max(0, len(found) - _MOST_CANDIDATES),
    )


def validate(visit: Visit) -> Response:
    """« Valider »: show the pair once more before it is made."""
    base, person = visit.program.base, _person(visit)
    if person is None:
        return _nobody()
    other = base.known.get((person.population, visit.request.form.get("identifiant", "")))
    if other is None:
        visit.supervisor.notice = "Choisissez une personne de l’ENT avant de valider."
        return go(visit.request.path.removesuffix("/valider"))
    return desk_page(
        visit,
        "confirm",
        tab="rapprochement",
        population=person.population,
        person=person,
        other=other,
        relatives=_relatives(base, person),
        relation=_relation(person.population),
        relatives_of_ent=_relatives_of_ent(base, other),
    )


def confirm(visit: Visit) -> Response:
    """« Confirmer »: pair the two."""
    program, person = visit.program, _person(visit)
    if person is None:
        return _nobody()
    other = program.base.known.get((person.population, visit.request.form.get("identifiant", "")))
    back = f"{HOME}rapprochement/{person.population.value}?seulement=non"
    if other is None:
        return go(back)
    try:
        program.base.pair(person, other, Pairing.BY_HAND)
    except PairingRefused as error:
        visit.supervisor.notice = str(error)
        return go(back)
    program.note_change()
    visit.supervisor.notice = f"{person.name} est rapproché de {other.name} (ENT)."
    return go(back)


def part(visit: Visit) -> Response:
    """Undo a pairing."""
    program, person = visit.program, _person(visit)
    if person is None:
        return _nobody()
    program.base.part(person)
    program.note_change()
    visit.supervisor.notice = f"Le rapprochement de {person.name} est défait."
    return go(f"{HOME}rapprochement/{person.population.value}")


def _import_page(visit: Visit, *, error: str = "", status: int = 200) -> Response:
    return desk_page(
        visit,
        "import",
        status=status,
        tab="import",
        error=error,
        backups=visit.program.backups()[:1],
    )


def _person(visit: Visit) -> Person | None:
    return visit.program.base.people.get(int(visit.captured["number"]))


def _nobody() -> Response:
    words = "Cette personne n’est plus dans la base."
    return page("refused", status=404, words=words, again="", spaces=[])


def _known(base: Base, person: Person) -> EntPerson | None:
    return base.known.get((person.population, person.identifier))


def _relation(population: Population) -> str:
    return "Élèves" if population is Population.GUARDIANS else "Responsables"


def _relatives(base: Base, person: Person) -> list[str]:
    """Return the names of somebody's children, or guardians."""
    if person.population is Population.GUARDIANS:
        return [one.name for one in base.children_of(person)]
    return [one.name for one in base.parents_of(person.number)]


def _relatives_of_ent(base: Base, other: EntPerson) -> list[str]:
    """Return the names of the children, or guardians, that the ENT's file gave somebody."""
    if other.population is Population.GUARDIANS:
        return [one.name for one in base.known.values() if other.identifier in one.guardians]
    guardians = (base.known.get((Population.GUARDIANS, one)) for one in other.guardians)
    return [one.name for one in guardians if one is not None]


def _nearness(person: Person, other: EntPerson) -> float:
    """Say from 0 to 2 how near two people are: their names, then their birth dates."""
    names = SequenceMatcher(None, " ".join(person.name_key), " ".join(other.name_key)).ratio()
    is_same_day = person.birth_date is not None and person.birth_date == other.birth_date
    return names + (1.0 if is_same_day else 0.0)
