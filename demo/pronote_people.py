"""The base of the stand-in for Pronote: the demo school's people, written as a school writes them.

Made once, from the directory; from then on the two sides live apart. A few people are written
otherwise than in the feed (`_DIFFERENCES`), as in every school: the reconciliation leaves them to
a hand. Nobody has an identifier of the ENT yet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from directory.enums import GroupKind, Profile
from directory.models import Affiliation, Membership, Person, Responsibility, School

_TEACHING_FUNCTIONS: Final = ("ENS", "DOC")
_SPACES: Final = {Profile.HEAD: ["direction", "viescolaire"]}


@dataclass(slots=True, kw_only=True)
class _Line:
    """Somebody in a list of Pronote, as `demo.pronote` reads them."""

    number: int
    population: str
    family_name: str
    given_name: str
    birth_date: str | None = None
    class_name: str = ""
    function: str = ""
    children: list[int] = field(default_factory=list)
    spaces: list[str] = field(default_factory=list)


def write_base(school: School, path: Path, *, alike: Container[int]) -> None:
    """Write the people of a school; *alike* (keys of persons) stay as the feed has them."""
    lines = _Lines(school)
    lines.plant([line for pk, line in lines.of_person if pk not in alike])
    people = [asdict(line) for line in lines.all]
    text = {"school": {"uai": school.uai, "name": school.name}, "people": people}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(text, ensure_ascii=False, indent=1), encoding="utf-8")


class _Lines:
    """The four lists of a school; numbers are Pronote's own."""

    def __init__(self, school: School) -> None:
        self.all: list[_Line] = []
        self.of_person: list[tuple[int, _Line]] = []
        pupils = self._pupils(school)
        self._guardians(pupils)
        self._adults(school)

    def plant(self, free: list[_Line]) -> None:
        """Write a few people otherwise, and add and leave out some."""
        for population, changes in _DIFFERENCES.items():
            found = [line for line in free if line.population == population]
            # Far apart: nobody's parent or child is changed as well.
            step = max(1, len(found) // (len(changes) + 1))
            for rank, change in enumerate(changes, start=1):
                if rank * step < len(found):
                    change(found[rank * step])
        self.all += [
            _Line(
                number=len(self.all) + 1 + rank,
                population=population,
                family_name=family,
                given_name=given,
                birth_date=born,
            )
            for rank, (population, family, given, born) in enumerate(_ONLY_HERE)
        ]

    def _add(self, person: Person, population: str) -> _Line:
        line = _Line(
            number=len(self.all) + 1,
            population=population,
            family_name=person.family_name.upper(),
            given_name=person.given_name,
        )
        self.all.append(line)
        self.of_person.append((person.pk, line))
        return line

    def _pupils(self, school: School) -> dict[int, _Line]:
        classes = dict(
            Membership.objects.filter(
                group__school=school, group__kind=GroupKind.CLASS, person__profile=Profile.PUPIL
            )
            .order_by("group__code")
            .values_list("person_id", "group__code")
        )
        people = Person.objects.filter(
            affiliations__school=school, affiliations__profile=Profile.PUPIL, left_at=None
        )
        found = {}
        for person in people.order_by("sort_key", "pk").distinct():
            line = found[person.pk] = self._add(person, "eleves")
            # A secretary has asked the family for the date that the feed lacks.
            line.birth_date = person.birth_date.isoformat() if person.birth_date else "2013-10-12"
            line.class_name = classes.get(person.pk, "")
        return found

    def _guardians(self, pupils: dict[int, _Line]) -> None:
        links = Responsibility.objects.filter(
            pupil__in=pupils, is_legal=True, guardian__left_at=None
        )
        found: dict[int, _Line] = {}
        for link in links.select_related("guardian").order_by("guardian__sort_key", "guardian_id"):
            if link.guardian_id not in found:
                found[link.guardian_id] = self._add(link.guardian, "responsables")
            found[link.guardian_id].children.append(pupils[link.pupil_id].number)

    def _adults(self, school: School) -> None:
        """Staff and teachers; who is both stands in both lists."""
        places = (
            Affiliation.objects.filter(school=school, person__left_at=None)
            .exclude(profile__in=[Profile.PUPIL, Profile.GUARDIAN, Profile.CONTACT])
            .select_related("person")
            .order_by("person__sort_key", "person_id", "pk")
        )
        seen: set[tuple[int, str]] = set()
        for place in places:
            is_teaching = place.function_code in _TEACHING_FUNCTIONS
            population = "professeurs" if is_teaching else "personnels"
            if (place.person_id, population) in seen:
                continue
            seen.add((place.person_id, population))
            line = self._add(place.person, population)
            if is_teaching and place.person.birth_date:
                line.birth_date = place.person.birth_date.isoformat()
            if not is_teaching:
                line.function = place.function_label
                line.spaces = _SPACES.get(Profile(place.profile), ["viescolaire"])


def _forget_birth_date(line: _Line) -> None:
    line.birth_date = None


def _mistake_the_year(line: _Line) -> None:
    """A year too many, as in the file of an elder sister."""
    year, _, rest = (line.birth_date or "2014-02-03").partition("-")
    line.birth_date = f"{int(year) - 1}-{rest}"


def _lose_second_given_name(line: _Line) -> None:
    """« Anne-Sophie » is « Anne » for everybody; « Hugo » becomes « Hugo-Marie »."""
    first, hyphen, _ = line.given_name.partition("-")
    line.given_name = first if hyphen else f"{line.given_name}-Marie"


def _misspell(line: _Line) -> None:
    """One letter twice, as a hurried hand types."""
    line.family_name = line.family_name[:2] + line.family_name[1:]


def _lose_accents_and_hyphens(line: _Line) -> None:
    """What a program finds all the same: case, accents and hyphens do not count."""
    line.family_name = line.family_name.replace("-", " ").replace("’", " ").lower()


#: What is written otherwise in each list.
_DIFFERENCES: Final[dict[str, tuple[Callable[[_Line], None], ...]]] = {
    "eleves": (
        _forget_birth_date,
        _mistake_the_year,
        _lose_second_given_name,
        _lose_accents_and_hyphens,
        _misspell,
    ),
    "responsables": (_misspell, _lose_second_given_name, _lose_accents_and_hyphens),
    "professeurs": (_misspell, _lose_accents_and_hyphens),
    "personnels": (_lose_second_given_name,),
}
#: People whom the feed does not have yet, or not any more.
_ONLY_HERE: Final = (
    ("eleves", "ARRIVAGE", "Tom", "2013-06-18"),
    ("professeurs", "REMPLAÇANT", "Solène", None),
)
