"""Where a signed-in person is: one of their schools, with what they are there (R-B8).

The choice is kept in the session. Without one it is the school that the sign-in came from, then
the main school, then the first.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from directory.enums import Profile
from directory.models import Affiliation, Person, School

SESSION_KEY = "portal_place"


@dataclass(frozen=True)
class Place:
    """A school and the profile that the person has in it."""

    school: School
    profile: Profile

    @property
    def key(self) -> str:
        """What the switch posts and the session keeps."""
        return f"{self.school.uai}/{self.profile.value}"


def person_of(request: HttpRequest) -> Person | None:
    """The signed-in person, read once per request with their main school."""
    if not hasattr(request, "_portal_person"):
        user: AbstractBaseUser | None = getattr(request, "user", None)
        is_known = user is not None and user.is_authenticated
        request._portal_person = (  # type: ignore[attr-defined]  # noqa: SLF001
            Person.objects.select_related("main_school").filter(account=user.pk).first()
            if user is not None and is_known
            else None
        )
    return request._portal_person  # type: ignore[attr-defined,no-any-return]  # noqa: SLF001


def places_of(request: HttpRequest) -> list[Place]:
    """Every school and profile of the signed-in person, once each, in alphabetical order."""
    if not hasattr(request, "_portal_places"):
        person = person_of(request)
        rows = (
            Affiliation.objects.filter(person=person, school__is_active=True)
            .select_related("school__page__logo")
            .order_by("school__name", "school__uai", "profile")
            if person is not None
            else Affiliation.objects.none()
        )
        unique = {
            (row.school_id, row.profile): Place(row.school, Profile(row.profile)) for row in rows
        }
        request._portal_places = list(unique.values())  # type: ignore[attr-defined]  # noqa: SLF001
    return request._portal_places  # type: ignore[attr-defined,no-any-return]  # noqa: SLF001


def current_place(request: HttpRequest) -> Place | None:
    """The place in force; ``None`` for people of no school (ENT administrators)."""
    places = places_of(request)
    if not places:
        return None
    chosen = request.session.get(SESSION_KEY, "")
    for place in places:
        if place.key == chosen:
            return place
    # What the sign-in kept is only the UAI of the page it came from.
    came_from = request.session.get("school_uai", "")
    person = person_of(request)
    main = person.main_school.uai if person is not None and person.main_school else ""
    for uai in (came_from, main):
        for place in places:
            if place.school.uai == uai:
                return place
    return places[0]


def choose_place(request: HttpRequest, *, key: str) -> Place | None:
    """Keep the choice in the session; ``None`` (and nothing kept) when it is not one of theirs."""
    for place in places_of(request):
        if place.key == key:
            request.session[SESSION_KEY] = key
            return place
    return None
