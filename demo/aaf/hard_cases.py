"""Families that a reconciliation with a school's own base stumbles over, each with a reason.

Written on request (`GeneratorSpec.hard_cases`) into the first college of a delivery, beside the
families drawn by chance: the same at every run, under ids of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from demo.aaf.families import FATHER, LEGAL, MOTHER, Family, Home, Ids, Parent, Pupil
from demo.aaf.names import Name, parse_names
from demo.aaf.schools import SchoolPlan


@dataclass(frozen=True, slots=True)
class _Child:
    """A pupil of a case; the class is a rank among those of the college."""

    given: str
    is_girl: bool
    birth: tuple[int, int, int] | None
    class_rank: int


@dataclass(frozen=True, slots=True)
class _Case:
    """A family: its name, its children, and its parents as (family name, given name, mother?)."""

    name: str
    children: tuple[_Child, ...]
    parents: tuple[tuple[str, str, bool], ...]


_CASES: Final = (
    # Twins in one class, and parents of two.
    _Case(
        "Delaunay",
        (_Child("Rose", True, (2014, 5, 9), 1), _Child("Basile", False, (2014, 5, 9), 1)),
        (("Brunet", "Nathalie", True), ("Delaunay", "Éric", False)),
    ),
    # Homonyms born the same day: no program can tell them apart.
    _Case("Moreau", (_Child("Gabriel", False, (2013, 3, 14), 2),), (("Moreau", "Sophie", True),)),
    _Case("Moreau", (_Child("Gabriel", False, (2013, 3, 14), 3),), (("Haddad", "Leïla", True),)),
    # Homonyms whom the birth date tells apart.
    _Case("Petit", (_Child("Inès", True, (2012, 11, 2), 4),), (("Petit", "Hervé", False),)),
    _Case("Petit", (_Child("Inès", True, (2014, 1, 20), 0),), (("Roussel", "Karine", True),)),
    # A pupil without birth date cannot stand in the file, nor bring in a parent.
    _Case("Fontaine", (_Child("Salomé", True, None, 5),), (("Fontaine", "Yves", False),)),
    # Names that two bases rarely write alike.
    _Case(
        "Le Goff-N’Guyen",
        (_Child("Anne-Sophie", True, (2013, 7, 30), 6),),
        (("N’Guyen", "Thi-Hong", True),),
    ),
)


def families_of_hard_cases(school: SchoolPlan) -> list[Family]:
    """Return these families, in this college."""
    ids = Ids.of_hard_cases()
    return [
        _family(case, school, ids, Home(f"{rank} rue du Préau", school.town, "03 53 01 99 00"))
        for rank, case in enumerate(_CASES, start=1)
    ]


def _family(case: _Case, school: SchoolPlan, ids: Ids, home: Home) -> Family:
    parents = [
        _parent(name, given, home, ids, is_mother=is_mother)
        for name, given, is_mother in case.parents
    ]
    pupils = [_pupil(case.name, child, school, home, ids) for child in case.children]
    for pupil in pupils:
        for parent, (_, _, is_mother) in zip(parents, case.parents, strict=True):
            link = MOTHER if is_mother else FATHER
            pays = int(parent is parents[0])
            pupil.links.append(f"{parent.join_id}${link}${pays}${LEGAL}$0${pays}")
            pupil.legal_links += 1
            parent.children.append(pupil.join_id)
            parent.is_legal = True
        pupil.home_parent = parents[0].join_id
    return Family(pupils, parents)


def _parent(surname: str, given: str, home: Home, ids: Ids, *, is_mother: bool) -> Parent:
    name, first = _name(surname), _name(given)
    return Parent(
        join_id=ids.next_parent(),
        surname=name.upper,
        birth_name=name.upper,
        given=first,
        title="Mme" if is_mother else "M.",
        home=home,
        mail_name=f"{first.folded}.{name.folded}",
    )


def _pupil(surname: str, child: _Child, school: SchoolPlan, home: Home, ids: Ids) -> Pupil:
    given = _name(child.given).plain
    return Pupil(
        join_id=ids.next_pupil(),
        surname=_name(surname).upper,
        given=given,
        other_names=given,
        title="Mme" if child.is_girl else "M.",
        birth=child.birth,
        school=school,
        taught=school.classes[child.class_rank % len(school.classes)],
        choice=0,
        home=home,
        home_parent=0,
    )


def _name(text: str) -> Name:
    (name,) = parse_names(text)
    return name
