"""What tests of searching share: crowds of one name, who searches, the rule of who is found."""

from __future__ import annotations

from directory.enums import Profile, Role
from directory.models import Affiliation, Person, School
from directory.names.folded import folded_names
from directory.rights.actors import Actor, actor_for
from tests import factories as make
from tests.cast import Cast


def crowd_of(school: School, number: int, *, is_affiliated: bool = False, **fields: str) -> None:
    """Many persons of one name, who only have a main school unless *is_affiliated*."""
    family, given = fields["family_name"], fields.get("given_name", "")
    sort_key, search_key = folded_names(family, given)
    people = Person.objects.bulk_create(
        Person(
            profile=Profile.PUPIL,
            main_school=school,
            family_name=family,
            given_name=given,
            sort_key=sort_key,
            search_key=search_key,
        )
        for _ in range(number)
    )
    if is_affiliated:
        Affiliation.objects.bulk_create(
            Affiliation(person=person, school=school, profile=person.profile) for person in people
        )


def bears(person: Person, words: list[str]) -> bool:
    """The rule, written out: see ``directory.names.matching``."""
    names = person.search_key.split()
    if not any(len(word) > 2 for word in words):
        if not any(person.sort_key.startswith(word) for word in words):
            return False
        if len(words) == 1:
            return True
    return all(any(name.startswith(word) for name in names) for word in words)


def actor_named(who: str, cast: Cast) -> Actor:
    """Someone of the cast, or an administrator of one academy."""
    if who != "authority_administrator":
        return actor_for(getattr(cast, who))
    person = make.make_person(family_name="Académie", profile=Profile.GUEST)
    make.give_role(person=person, role=Role.ENT_ADMINISTRATOR, authority=cast.academy)
    return actor_for(person)
