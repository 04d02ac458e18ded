"""Where a signed-in person is: one of their schools, with what they are there (R-B8).

The choice is kept in the session. Without one it is the school that the sign-in came from, then
the main school, then the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest

from directory.enums import Profile
from directory.models import Affiliation, Person, School

CHOICE_KEY = "current_school"
"""In a session: the place that was chosen, as `SchoolPlace.key`."""
CAME_FROM_KEY = "school_uai"
"""In a session: the UAI of the school that the sign-in came from."""

_relations: list[str] = ["school"]


@dataclass(frozen=True)
class SchoolPlace:
    """A school and the profile that the person has in it."""

    school: School
    profile: Profile

    @property
    def key(self) -> str:
        """What the switch posts and the session keeps."""
        return f"{self.school.uai}/{self.profile.value}"


@dataclass(frozen=True, slots=True)
class _Known:
    """What a request has read, and for whom."""

    person_id: int
    places: list[SchoolPlace]


def read_with_schools(relation: str) -> None:
    """Read a row of a higher room with each school, in the same statement (its page and logo)."""
    wanted = f"school__{relation}"
    if wanted not in _relations:
        _relations.append(wanted)


def person_of(request: HttpRequest) -> Person | None:
    """Return the signed-in person, read with their session; None when nobody is."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    return cast("Person | None", getattr(user, "person", None))


def places_of(request: HttpRequest) -> list[SchoolPlace]:
    """Return every school and profile of the signed-in person, once each, in alphabetical order."""
    person = person_of(request)
    if person is None:
        return []
    known: _Known | None = getattr(request, "_school_places", None)
    if known is None or known.person_id != person.pk:  # somebody else may have signed in
        known = _Known(person.pk, _read_places(person))
        request._school_places = known  # type: ignore[attr-defined]  # noqa: SLF001
    return known.places


def _read_places(person: Person) -> list[SchoolPlace]:
    rows = (
        Affiliation.objects.filter(person=person, school__is_active=True)
        .select_related(*_relations)
        .order_by("school__search_key", "school__uai", "profile")
    )
    unique = {
        (row.school_id, row.profile): SchoolPlace(row.school, Profile(row.profile)) for row in rows
    }
    return list(unique.values())


def has_read_places(request: HttpRequest) -> bool:
    """Tell whether this request has read the schools of whoever is signed in."""
    return getattr(request, "_school_places", None) is not None


def current_place(request: HttpRequest) -> SchoolPlace | None:
    """Return the place in force; None for people of no school (ENT administrators)."""
    places = places_of(request)
    if not places:
        return None
    chosen = request.session.get(CHOICE_KEY, "")
    for place in places:
        if place.key == chosen:
            return place
    # What the sign-in kept is only the UAI of the page it came from.
    came_from = request.session.get(CAME_FROM_KEY, "")
    person = person_of(request)
    main = person.main_school_id if person is not None else None
    for place in places:
        if place.school.uai == came_from:
            return place
    return next((place for place in places if place.school.pk == main), places[0])


def choose_place(request: HttpRequest, *, key: str) -> SchoolPlace | None:
    """Keep the choice in the session; None (and nothing kept) when it is not one of theirs."""
    for place in places_of(request):
        if place.key == key:
            request.session[CHOICE_KEY] = key
            return place
    return None


def own_place(request: HttpRequest, school: School) -> SchoolPlace | None:
    """Return the signed-in person's place in *school*, None when they have none there."""
    return next((place for place in places_of(request) if place.school.pk == school.pk), None)
