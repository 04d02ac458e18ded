"""The list of « Rechercher un utilisateur »: the persons found, as rows that a page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import F
from django.db.models.functions import Lower

from directory.enums import AccessState, GroupKind, Profile
from directory.models.groups import Membership
from directory.models.persons import Affiliation, Person
from directory.models.schools import School
from directory.rights.actors import Actor
from directory.rights.walls import named_schools
from directory.search.results import SearchResult
from ent.database.ordering import folded
from ent.pages.labels import said_once

STATE_TONES: Final = {
    AccessState.NONE: "neutral",
    AccessState.PENDING: "info",
    AccessState.ACTIVE: "good",
    AccessState.BLOCKED: "bad",
}
_SORT_COLUMNS: Final[dict[str, tuple[F | Lower, ...]]] = {
    "prenom": (folded("given_name"),),
    "profil": (F("profile"),),
    "etat": (F("left_at"), F("access_state")),
    "etablissement": (F("main_school__search_key"),),
}


@dataclass(slots=True)
class PersonRow:
    """A person as a line: what tells homonyms apart, within what the actor may see."""

    person: Person
    school: School | None = None
    classes: list[str] = field(default_factory=list)
    function: str = ""

    @property
    def state_label(self) -> str:
        """The one state shown."""
        return self.person.state_label

    @property
    def state_tone(self) -> str:
        """Its colour, which only repeats the word."""
        return "warn" if self.person.left_at else STATE_TONES[AccessState(self.person.access_state)]

    @property
    def detail(self) -> str:
        """Class of a pupil, function of a member of staff."""
        return ", ".join(self.classes) or self.function


def sorted_by(found: SearchResult, sort: str) -> list[int]:
    """Return the ids found in the order of one of the columns, then by name.

    What is not a column keeps the order of names; so do more persons than were counted.
    """
    key = sort.removeprefix("-")
    if found.is_capped or key not in _SORT_COLUMNS:
        return found.identifiers
    is_descending = sort.startswith("-")
    columns = [
        column.desc(nulls_last=True) if is_descending else column.asc(nulls_last=True)
        for column in _SORT_COLUMNS[key]
    ]
    persons = Person.objects.filter(pk__any_of=found.identifiers)
    return list(persons.order_by(*columns, "sort_key", "pk").values_list("pk", flat=True))


def persons_in_order(identifiers: Sequence[int]) -> list[Person]:
    """Read the persons of one page; who has just been erased is not there any more."""
    persons = {person.pk: person for person in Person.objects.filter(pk__any_of=identifiers)}
    return [persons[pk] for pk in identifiers if pk in persons]


def build_rows(actor: Actor, persons: Sequence[Person]) -> list[PersonRow]:
    """Complete a page of persons: two queries at most, whatever their number.

    A school outside the actor's reach is never named (T-F5): where the main school is one, the
    first school within reach stands in its place.
    """
    rows = {person.pk: PersonRow(person=person) for person in persons}
    if not rows:
        return []
    named = named_schools(actor)
    affiliations = (
        Affiliation.objects.filter(person__any_of=list(rows), school__in=named)
        .select_related("school")
        .only("person_id", "function_label", "school__name")
        .order_by("pk")
    )
    for affiliation in affiliations:
        row = rows[affiliation.person_id]
        is_main = affiliation.school_id == row.person.main_school_id
        if row.school is None or (is_main and row.school.pk != affiliation.school_id):
            row.school = affiliation.school
            said = said_once((row.person.get_profile_display(), affiliation.function_label))
            row.function = ", ".join(said[1:])
    pupils = [pk for pk, row in rows.items() if row.person.profile == Profile.PUPIL]
    if pupils:
        memberships = Membership.objects.filter(
            person__any_of=pupils, group__kind=GroupKind.CLASS, group__school__in=named
        )
        for person_id, code in memberships.order_by("group__sort_key", "pk").values_list(
            "person", "group__code"
        ):
            if code not in rows[person_id].classes:
                rows[person_id].classes.append(code)
    return list(rows.values())
