"""The list of « Rechercher un utilisateur »: criteria → persons, as rows that a page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import F

from directory.actors import Actor
from directory.acts import Act, Scope
from directory.enums import AccessState, GroupKind, Profile
from directory.forms.search import LEAVING, NO_ACCOUNT, Criteria
from directory.models import Affiliation, Group, Membership, Person, School, Teaching
from directory.querysets import PersonQuerySet
from directory.search import COUNT_CAP, match_part

STATE_TONES: Final = {
    AccessState.NONE: "neutral",
    AccessState.PENDING: "info",
    AccessState.ACTIVE: "good",
    AccessState.BLOCKED: "bad",
}
#: Beyond so many schools the index of names is the better way in.
_MOST_NARROW = 5
_NARROW_PERSONS = 8_000
_NARROW_SCOPES = frozenset({Scope.SCHOOLS, Scope.CLASSES})
_SORT_COLUMNS: Final = {
    "prenom": ("given_name",),
    "profil": ("profile",),
    "etat": ("left_at", "access_state"),
    "etablissement": ("main_school__name",),
}


@dataclass(slots=True)
class Row:
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


@dataclass(frozen=True, slots=True)
class Found:
    """The persons found: all their ids when they are few enough to be counted.

    The conditions of a search are then run once; count, page and facets work on the ids.
    """

    persons: PersonQuerySet
    identifiers: list[int] | None

    @property
    def is_capped(self) -> bool:
        """Are there more than were counted?"""
        return self.identifiers is None

    @property
    def count(self) -> int:
        """How many there are, at most one more than the cap."""
        return COUNT_CAP + 1 if self.identifiers is None else len(self.identifiers)


def look_up(actor: Actor, criteria: Criteria) -> Found:
    """Run a search once."""
    persons = find_persons(actor, criteria)
    identifiers = list(persons.order_by().values_list("pk", flat=True)[: COUNT_CAP + 1])
    if len(identifiers) > COUNT_CAP:
        return Found(persons=persons, identifiers=None)
    return Found(persons=Person.objects.filter(pk__any_of=identifiers), identifiers=identifiers)


def find_persons(actor: Actor, criteria: Criteria) -> PersonQuerySet:
    """Persons whom *actor* may see and who answer to *criteria*, in no order yet."""
    found, is_narrow = _start(actor, criteria)
    found = found.matching(criteria.typed, is_narrow=is_narrow)
    for field_name, typed in (
        ("family_name", criteria.family_name),
        ("given_name", criteria.given_name),
    ):
        found = match_part(found, typed, field=field_name, is_narrow=is_narrow)
    if criteria.profile:
        found = found.filter(profile=criteria.profile)
    if criteria.schools:
        found = found.in_schools(criteria.schools)
    if criteria.class_code:
        groups = Group.objects.visible_to(actor).filter(
            kind=GroupKind.CLASS, code__iexact=criteria.class_code
        )
        found = found.filter(pk__in=Membership.objects.filter(group__in=groups).values("person"))
    if criteria.group is not None:
        members = Membership.objects.filter(group=criteria.group)
        found = found.filter(pk__in=members.values("person"))
    if criteria.subject:
        taught = Teaching.objects.filter(
            subject__label=criteria.subject, group__in=Group.objects.visible_to(actor)
        )
        found = found.filter(pk__in=taught.values("person"))
    return _in_state(found, criteria.state)


def _start(actor: Actor, criteria: Criteria) -> tuple[PersonQuerySet, bool]:
    """Return the persons whom the actor sees, and whether they are few.

    A few schools are listed by id first: the planner cannot know that a name is rarer than a
    school, and reads the whole table for it.
    """
    visible = Person.objects.visible_to(actor)
    has_names = bool(criteria.typed or criteria.family_name or criteria.given_name)
    scopes = [reach.scope for reach in actor.reaches(Act.SEARCH)]
    if not has_names or len(scopes) > _MOST_NARROW or not _NARROW_SCOPES.issuperset(scopes):
        return visible, False
    identifiers = list(visible.order_by().values_list("pk", flat=True)[: _NARROW_PERSONS + 1])
    if len(identifiers) > _NARROW_PERSONS:
        return visible, False
    return Person.objects.filter(pk__any_of=identifiers), True


def _in_state(found: PersonQuerySet, state: str) -> PersonQuerySet:
    if state == LEAVING:
        return found.filter(left_at__isnull=False)
    if state:
        wanted = AccessState.NONE if state == NO_ACCOUNT else AccessState(state)
        return found.filter(access_state=wanted, left_at__isnull=True)
    return found


def order_persons(found: PersonQuerySet, sort: str) -> PersonQuerySet:
    """Order by one of the columns, then by name; anything else is the name."""
    key = sort.removeprefix("-")
    is_descending = sort.startswith("-")
    if key not in _SORT_COLUMNS:
        return found.in_name_order(descending=is_descending)
    columns = [
        F(column).desc(nulls_last=True) if is_descending else F(column).asc(nulls_last=True)
        for column in _SORT_COLUMNS[key]
    ]
    return found.order_by(*columns, "sort_key", "pk")


def build_rows(actor: Actor, persons: Sequence[Person]) -> list[Row]:
    """Complete a page of persons: two queries, whatever their number.

    A school outside the actor's reach is never named (T-F5): where the main school is one, the
    first school within reach stands in its place.
    """
    rows = {person.pk: Row(person=person) for person in persons}
    named = School.objects.named_to(actor)
    affiliations = (
        Affiliation.objects.filter(person__in=rows, school__in=named)
        .select_related("school")
        .order_by("pk")
    )
    for affiliation in affiliations:
        row = rows[affiliation.person_id]
        is_main = affiliation.school_id == row.person.main_school_id
        if row.school is None or (is_main and row.school.pk != affiliation.school_id):
            row.school = affiliation.school
            row.function = affiliation.function_label
    memberships = Membership.objects.filter(
        person__in=rows, group__kind=GroupKind.CLASS, group__school__in=named
    )
    for person_id, profile, code in memberships.order_by("group__sort_key", "pk").values_list(
        "person", "person__profile", "group__code"
    ):
        if profile == Profile.PUPIL and code not in rows[person_id].classes:
            rows[person_id].classes.append(code)
    return list(rows.values())
