"""The page that a refused person gets: why, for whom the service is, and whom to ask (R-G2)."""

from __future__ import annotations

from typing import Any

from directory.enums import Profile
from directory.models import Person, School
from directory.schools.current import SchoolPlace
from signin.destinations import connected_page
from sso.catalogue.models import Service
from sso.enums import Refusal


def refusal_context(
    service: Service, reason: Refusal, person: Person | None, place: SchoolPlace | None
) -> dict[str, Any]:
    """Return what the page shows; the contact is the service's own, else a school's.

    *place*: the school that the person is in, which the page names.
    """
    is_about_people = reason is Refusal.NOT_FOR_YOU
    return {
        "service": service,
        "reason": reason,
        "person": person,
        "place": place,
        "for_whom": _for_whom(service, person) if is_about_people else "",
        "school": _school_to_ask(service, person, place),
        "home_href": connected_page(),
    }


def _for_whom(service: Service, person: Person | None) -> str:
    """Say which profiles it is for; never which schools, classes or persons."""
    audiences = service.details.audiences
    if not audiences:
        return "Il est ouvert à quelques personnes, nommées une à une."
    profiles = {audience.profile for audience in audiences}
    if person is not None and ("" in profiles or person.profile in profiles):
        return (
            "Il est ouvert à votre profil dans certains établissements ou certaines classes"
            " seulement."
        )
    names = [str(profile.label).lower() for profile in Profile if profile.value in profiles]
    return f"Il est ouvert aux profils suivants\u00a0: {', '.join(names)}."


def _school_to_ask(
    service: Service, person: Person | None, place: SchoolPlace | None
) -> School | None:
    if service.school is not None:
        return service.school
    if place is not None:
        return place.school
    return person.main_school if person is not None else None
