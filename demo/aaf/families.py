"""Families: children in one school or two, parents together or apart, contacts, organisations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from demo.aaf.names import (
    BOYS,
    FATHERS,
    GIRLS,
    MOTHERS,
    Name,
)
from demo.aaf.nomenclature import Level
from demo.aaf.places import STREETS, Town
from demo.aaf.schools import SchoolPlan, TaughtClass
from demo.aaf.surnames import SURNAMES

LEGAL = 1
IN_CHARGE = 2
CONTACT = 0

MOTHER, FATHER, SIBLING, GRANDPARENT, RELATIVE = "10", "20", "37", "38", "39"
EDUCATOR, FOSTER, CHILD_MINDER, GUARDIAN, WELFARE, OTHER = "41", "42", "43", "50", "51", "90"

_GIRLS, _BOYS, _MOTHERS, _FATHERS, _SURNAMES, _STREETS = (
    len(GIRLS),
    len(BOYS),
    len(MOTHERS),
    len(FATHERS),
    len(SURNAMES),
    len(STREETS),
)
_FIRST_IDS = {"pupil": 1_400_000, "parent": 2_100_000}
_ARRIVAL_IDS = {"pupil": 81_400_000, "parent": 82_100_000}
_HARD_CASE_IDS = {"pupil": 91_400_000, "parent": 92_100_000}
_STEP = 7
_TWO = tuple(f"{number:02d}" for number in range(100))
"""Ids are spaced, as those of a base in which much has been deleted."""


@dataclass(slots=True)
class Home:
    """Where people live; parents apart have two of them."""

    street: str
    town: Town
    phone: str


@dataclass(slots=True)
class Parent:
    """A responsible person or contact."""

    join_id: int
    surname: str
    birth_name: str
    given: Name | None
    """None: an organisation."""
    title: str
    home: Home
    mail_name: str
    children: list[int] = field(default_factory=list)
    is_legal: bool = False


@dataclass(slots=True)
class Pupil:
    """A pupil with the links that make ``ENTElevePersRelEleve``."""

    join_id: int
    surname: str
    given: str
    other_names: str
    title: str
    birth: tuple[int, int, int] | None
    """Year, month, day; None: the file says nothing."""
    school: SchoolPlan
    taught: TaughtClass | None
    choice: int
    home: Home | None
    home_parent: int
    links: list[str] = field(default_factory=list)
    legal_links: int = 0
    is_homonym: bool = False


@dataclass(slots=True)
class Family:
    """People whose records stand together."""

    pupils: list[Pupil]
    parents: list[Parent]


@dataclass(slots=True)
class Ids:
    """Join ids, one sequence per category; families that arrive later have their own."""

    pupil: int
    parent: int

    @classmethod
    def first(cls) -> Ids:
        """For the base delivery."""
        return cls(**_FIRST_IDS)

    @classmethod
    def of_hard_cases(cls) -> Ids:
        """For the families of `demo.aaf.hard_cases`."""
        return cls(**_HARD_CASE_IDS)

    @classmethod
    def of_arrivals(cls) -> Ids:
        """For the families that a later delivery adds."""
        return cls(**_ARRIVAL_IDS)

    def next_pupil(self) -> int:
        """The next pupil's id."""
        self.pupil += _STEP
        return self.pupil

    def next_parent(self) -> int:
        """The next parent's id."""
        self.parent += _STEP
        return self.parent


class FamilyMaker:
    """Draws the families of one school, one after the other, from one source of chance."""

    def __init__(
        self,
        *,
        random: Random,
        school: SchoolPlan,
        neighbour: SchoolPlan,
        towns: tuple[Town, ...],
        phone_prefix: str,
        ids: Ids,
        school_year: int,
    ) -> None:
        self._chance = random.random
        self._school = school
        self._neighbour = neighbour
        self._towns = towns
        self._phone_prefix = phone_prefix
        self._ids = ids
        self._year = school_year
        self._turn = 0
        self._former: Pupil | None = None

    def families(self, pupils: int) -> Iterator[Family]:
        """Families until the school has sent that many pupils somewhere."""
        left = pupils
        while left > 0:
            family = self._family(left)
            left -= len(family.pupils)
            yield family

    def _home(self) -> Home:
        chance = self._chance
        town = (
            self._towns[int(chance() * len(self._towns))] if chance() < 0.3 else self._school.town
        )
        number = int(chance() * 10_000)
        return Home(
            street=f"{1 + int(chance() * 140)} {STREETS[int(chance() * _STREETS)]}",
            town=town,
            phone=f"{self._phone_prefix} {_TWO[number // 100]} {_TWO[number % 100]}",
        )

    def _surname(self) -> Name:
        # the first names of the list come up more often, as in life
        chance = self._chance
        return SURNAMES[int(chance() * chance() * _SURNAMES) * 89 % _SURNAMES]

    def _parent(
        self, name: Name, home: Home, *, woman: bool, surname: Name | None = None
    ) -> Parent:
        chance = self._chance
        given = MOTHERS[int(chance() * _MOTHERS)] if woman else FATHERS[int(chance() * _FATHERS)]
        usage = surname or name
        return Parent(
            join_id=self._ids.next_parent(),
            surname=usage.upper,
            birth_name=name.upper,
            given=given,
            title="Mme" if woman else "M.",
            home=home,
            mail_name=f"{given.folded}.{usage.folded}",
        )

    def _family(self, left: int) -> Family:
        chance = self._chance
        father_name, mother_name = self._surname(), self._surname()
        home = self._home()
        draw = chance()
        parents: list[Parent] = []
        ties: list[tuple[Parent, str, int]] = []
        if draw < 0.02:  # nobody answers for these pupils
            pass
        elif draw < 0.03:  # child welfare: an organisation, and who looks after the child
            agency = self._organisation(home)
            foster = self._parent(mother_name, home, woman=True)
            ties = [(agency, WELFARE, LEGAL), (foster, FOSTER, IN_CHARGE)]
        elif draw < 0.045:
            guardian = self._parent(mother_name, home, woman=chance() < 0.6)
            ties = [(guardian, GUARDIAN, LEGAL)]
        elif draw < 0.15:
            ties = [(self._parent(mother_name, home, woman=True), MOTHER, LEGAL)]
        elif draw < 0.18:
            ties = [(self._parent(father_name, home, woman=False), FATHER, LEGAL)]
        else:
            apart = draw < 0.42
            married = mother_name if apart or chance() < 0.4 else father_name
            mother = self._parent(mother_name, home, woman=True, surname=married)
            father = self._parent(father_name, self._home() if apart else home, woman=False)
            # one in forty of the parents apart has lost parental authority
            level = CONTACT if apart and chance() < 0.025 else LEGAL
            ties = [(mother, MOTHER, LEGAL), (father, FATHER, level)]
        parents = [parent for parent, _, _ in ties]
        contacts = self._contacts(mother_name, father_name) if ties and chance() < 0.17 else []
        size = chance()
        count = min(left, 1 if size < 0.83 else 2 if size < 0.97 else 3)
        surname = father_name if len(ties) != 1 or ties[0][1] != MOTHER else mother_name
        if chance() < 0.04:
            surname = _joined(father_name, mother_name)
        pupils = self._children(count, surname, home if ties else None, ties, contacts)
        if count > 1 and len(ties) == 2 and chance() < 0.12:  # half-siblings
            other = self._parent(self._surname(), self._home(), woman=False)
            self._replace_father(pupils[-1], ties[1][0], other)
            parents.append(other)
        return Family(pupils, parents + [contact for contact, _ in contacts])

    def _organisation(self, home: Home) -> Parent:
        department = self._school.department
        return Parent(
            join_id=self._ids.next_parent(),
            surname=f"AIDE SOCIALE À L&apos;ENFANCE {department}",
            birth_name=f"AIDE SOCIALE À L&apos;ENFANCE {department}",
            given=None,
            title="",
            home=home,
            mail_name=f"ase.{department}",
        )

    def _contacts(self, mother: Name, father: Name) -> list[tuple[Parent, str]]:
        chance = self._chance
        draw = chance()
        name = mother if chance() < 0.5 else father
        link = (
            GRANDPARENT if draw < 0.45 else RELATIVE if draw < 0.65 else OTHER if draw < 0.8
            else CHILD_MINDER if draw < 0.9 else SIBLING if draw < 0.97 else EDUCATOR
        )  # fmt: skip
        return [(self._parent(name, self._home(), woman=chance() < 0.6), link)]

    def _children(
        self,
        count: int,
        surname: Name,
        home: Home | None,
        ties: list[tuple[Parent, str, int]],
        contacts: list[tuple[Parent, str]],
    ) -> list[Pupil]:
        chance = self._chance
        payer = 0 if len(ties) == 1 or chance() < 0.5 else 1
        pupils: list[Pupil] = []
        twins = count > 1 and chance() < 0.06
        for rank in range(count):
            school = self._neighbour if rank and chance() < 0.4 else self._school
            pupil = self._pupil(surname, school, home)
            if not rank:
                self._maybe_homonym(pupil)
            if twins and rank == 1 and pupil.school is pupils[0].school:
                pupil.birth, pupil.taught, pupil.choice = (
                    pupils[0].birth,
                    pupils[0].taught,
                    pupils[0].choice,
                )
            pupils.append(pupil)
            for position, (parent, link, level) in enumerate(ties):
                pays = 1 if position == payer and level == LEGAL else 0
                is_contact = 0 if level == LEGAL else 1
                pupil.links.append(f"{parent.join_id}${link}${pays}${level}${is_contact}${pays}")
                parent.children.append(pupil.join_id)
                if level == LEGAL and parent.given is not None:
                    pupil.legal_links += 1
                    parent.is_legal = True
            for contact, link in contacts:
                pupil.links.append(f"{contact.join_id}${link}$0$0$1$0")
                contact.children.append(pupil.join_id)
            if ties:
                pupil.home_parent = ties[0][0].join_id
        return pupils

    def _replace_father(self, pupil: Pupil, father: Parent, other: Parent) -> None:
        """The youngest has the same mother and another father."""
        links = []
        for link in pupil.links:
            join_id, rest = link.split("$", 1)
            links.append(f"{other.join_id}${rest}" if int(join_id) == father.join_id else link)
            if int(join_id) == father.join_id:
                other.is_legal = rest.split("$")[2] == "1"
        pupil.links = links
        father.children.remove(pupil.join_id)
        other.children.append(pupil.join_id)

    def _pupil(self, surname: Name, school: SchoolPlan, home: Home | None) -> Pupil:
        chance = self._chance
        girl = chance() < 0.49
        first = GIRLS[int(chance() * _GIRLS)] if girl else BOYS[int(chance() * _BOYS)]
        others = first.plain
        if chance() < 0.35:
            second = GIRLS[int(chance() * _GIRLS)] if girl else BOYS[int(chance() * _BOYS)]
            others = f"{first.plain}</value><value>{second.plain}"
        self._turn += 1
        taught = school.classes[self._turn % len(school.classes)]
        late = 1 if chance() < 0.06 else 0
        return Pupil(
            join_id=self._ids.next_pupil(),
            surname=surname.upper,
            given=first.plain,
            other_names=others,
            title="Mme" if girl else "M.",
            birth=self._birth(taught.level, late),
            school=school,
            taught=taught if chance() > 0.005 else None,
            choice=int(chance() * len(taught.subjects)),
            home=home,
            home_parent=0,
        )

    def _maybe_homonym(self, pupil: Pupil) -> None:
        """One pupil in 250 bears the names of the one before, of another family."""
        former, self._former = self._former, pupil
        if former is not None and pupil.home is not None and self._chance() < 0.004:
            pupil.surname, pupil.given, pupil.other_names, pupil.title = (
                former.surname,
                former.given,
                former.given,
                former.title,
            )
            pupil.is_homonym = True

    def _birth(self, level: Level, late: int) -> tuple[int, int, int]:
        chance = self._chance
        year = self._year - level.age - late
        return year, 1 + int(chance() * 12), 1 + int(chance() * 28)


def _joined(father: Name, mother: Name) -> Name:
    return Name(
        plain=f"{father.plain}-{mother.plain}",
        upper=f"{father.upper}-{mother.upper}",
        folded=father.folded + mother.folded,
    )
