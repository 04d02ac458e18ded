"""What the dry run foretells is what the stand-in for Pronote does with the file."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from django.db import connection

from demo.pronote.base.base import Base
from demo.pronote.base.lists import csv_of, xlsx_of
from demo.pronote.base.people import Person as Listed
from demo.pronote.base.people import Population
from demo.pronote.reconciliation.importing import import_file
from directory.enums import MembershipRole, Profile, Relationship
from directory.models import Affiliation, Group, Membership, Person, Responsibility, School
from directory.names.folded import folded_names
from ent.text.folding import fold
from pronote_bridge.dry_run.enums import Reason
from pronote_bridge.dry_run.models import DryRun, DryRunLine
from pronote_bridge.enums import ListKind
from pronote_bridge.instances.models import Instance
from sso.release.models import ServiceIdentifier
from tests import factories as make
from tests.cast import Cast
from tests.demo_pronote.exporting import exported
from tests.pronote_bridge.dry_runs import compared
from tests.pronote_bridge.population import make_instance

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FAMILIES = (
    "Martin", "Bernard", "Thomas", "Petit", "Robert", "Richard", "Durand", "Dubois", "Moreau",
    "Laurent", "Simon", "Michel", "Lefebvre", "Leroy", "Roux", "David", "Bertrand", "Morel",
    "Fournier", "Girard", "Bonnet", "Dupont", "Lambert", "Fontaine", "Rousseau", "Le-Goff",
)  # fmt: skip
GIVEN = (
    "Léa", "Tom", "Manon", "Hugo", "Zoé", "Naël", "Jean-Paul", "Anaïs", "Maëlle", "Noé", "Inès",
    "Adam", "Chloé", "Éva", "Rayan", "Œuvré", "Lina", "Max",
)  # fmt: skip
POPULATIONS = {
    Population.STAFF: ListKind.STAFF,
    Population.TEACHERS: ListKind.TEACHERS,
    Population.GUARDIANS: ListKind.GUARDIANS,
    Population.PUPILS: ListKind.PUPILS,
}


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    """The vendor's key."""
    return generate_private_key(public_exponent=65537, key_size=2048)


Written = Callable[[Base, Population], bytes]


class Town:
    """A school's people on both sides: ours as rows, Pronote's with the differences of real life.

    Drawn from few names, so that homonyms are many; the same every time. There are guardians of one
    name with pupils of one name: the lists say the same of both, only Pronote's base knows.
    """

    def __init__(self, school: School, size: int, seed: int) -> None:
        self.random = random.Random(seed)
        self.school = school
        self.base = Base()
        self.people: list[Person] = []
        self.links: list[Responsibility] = []
        self.families = [f"{a} {b}" if b else a for a in FAMILIES for b in ("", *FAMILIES[:12])]
        self.classes = [
            make.make_class(school=school, code=f"{n}E{m}") for n in (3, 4) for m in (1, 2)
        ]
        pupils = size * 2 // 5
        for _ in range(pupils):
            self._pupil_with_parents()
        for profile in (Profile.TEACHER, Profile.STAFF):
            for _ in range((size - len(self.people)) // 2 if profile == Profile.TEACHER else 20):
                self._adult(profile)
        self._write()

    def _names(self) -> tuple[str, str]:
        return self.random.choice(self.families), self.random.choice(GIVEN)

    def _ours(self, profile: Profile, family: str, given: str, born: date | None = None) -> Person:
        sort_key, search_key = folded_names(family, given)
        person = Person(
            profile=profile,
            family_name=family,
            given_name=given,
            birth_date=born,
            main_school=self.school,
            sort_key=sort_key,
            search_key=search_key,
        )
        self.people.append(person)
        return person

    def _theirs(self, population: Population, family: str, given: str, **fields: Any) -> Listed:
        number = len(self.base.people) + 1
        listed = Listed(
            number=number,
            population=population,
            family_name=self._respelt(family),
            given_name=self._respelt(given),
            **fields,
        )
        self.base.people[number] = listed
        return listed

    def _respelt(self, name: str) -> str:
        """The same name as another office writes it; rarely another one."""
        draw = self.random.random()
        if draw < 0.5:
            return name.upper()
        if draw < 0.6:
            return name.replace("-", " ").replace("é", "e")
        if draw < 0.63:
            return f"{name}x"
        return name

    def _pupil_with_parents(self) -> None:
        family, given = self._names()
        born = date(2010, 1, 1) + timedelta(days=self.random.randrange(400))
        ours = self._ours(Profile.PUPIL, family, given, born)
        draw = self.random.random()
        theirs = self._theirs(
            Population.PUPILS,
            family,
            given,
            birth_date=None if draw < 0.02 else born + timedelta(days=draw > 0.97),
            class_name=self.random.choice(self.classes).code,
        )
        for name in self.random.sample(GIVEN, self.random.choice((1, 1, 2))):
            guardian = self._ours(Profile.GUARDIAN, family, name)
            self.links.append(
                Responsibility(
                    guardian=guardian,
                    pupil=ours,
                    relationship=Relationship.MOTHER,
                    level=1,
                    is_legal=True,
                )
            )
            self._theirs(Population.GUARDIANS, family, name, children=[theirs.number])

    def _adult(self, profile: Profile) -> None:
        family, given = self._names()
        self._ours(profile, family, given)
        is_teacher = profile == Profile.TEACHER
        self._theirs(Population.TEACHERS if is_teacher else Population.STAFF, family, given)

    def _write(self) -> None:
        Person.objects.bulk_create(self.people)
        Affiliation.objects.bulk_create(
            Affiliation(person=one, school=self.school, profile=one.profile) for one in self.people
        )
        Responsibility.objects.bulk_create(self.links)
        Membership.objects.bulk_create(
            Membership(person=one, group=self._class_of(one), role=MembershipRole.PUPIL)
            for one in self.people
            if one.profile == Profile.PUPIL
        )
        with connection.cursor() as cursor:  # as the server does by itself after an import
            cursor.execute("ANALYZE")

    def _class_of(self, person: Person) -> Group:
        return self.classes[person.pk % len(self.classes)]

    def lists(self, written: Written = csv_of) -> dict[ListKind, bytes]:
        """Pronote's own lists, as its client exports them."""
        return {kind: written(self.base, population) for population, kind in POPULATIONS.items()}


def foretold(dry_run: DryRun, instance: Instance) -> dict[tuple[ListKind, int], str]:
    """Return the identifier that each line is to get, by list and place in it."""
    ids = dict(
        ServiceIdentifier.objects.filter(service=instance.service, is_current=True).values_list(
            "person", "value"
        )
    )
    lines = DryRunLine.objects.of_run(dry_run).select_related("source")
    return {
        (ListKind(line.source.kind), line.number): ids[line.person_id] if line.person_id else ""
        for line in lines
    }


def done(base: Base) -> dict[tuple[ListKind, int], str]:
    """Return the identifier that each person of the base has, by list and place in it."""
    return {
        (kind, number): person.identifier
        for population, kind in POPULATIONS.items()
        for number, person in enumerate(base.members(population), start=2)
    }


def differences(
    told: dict[tuple[ListKind, int], str],
    found: dict[tuple[ListKind, int], str],
    alike: Collection[Collection[tuple[ListKind, int]]] = (),
) -> Sequence[tuple[ListKind, int]]:
    """Return the lines of which something else became than was foretold.

    Lines that are alike are told apart by nothing in the list: what becomes of them is foretold
    together.
    """
    assert told.keys() == found.keys()
    for places in alike:
        assert {told[place] for place in places} == {found[place] for place in places}
    together = {place for places in alike for place in places}
    return [place for place in told if told[place] != found[place] and place not in together]


def alike_lines(dry_run: DryRun) -> list[list[tuple[ListKind, int]]]:
    """Return the places of lines that say the same of other people."""
    groups: dict[tuple[str, str], list[tuple[ListKind, int]]] = defaultdict(list)
    lines = DryRunLine.objects.of_run(dry_run).filter(reason=Reason.LINES_ALIKE)
    for line in lines.select_related("source"):
        place = ListKind(line.source.kind), line.number
        groups[fold(line.name), fold(line.relatives)].append(place)
    return list(groups.values())


@pytest.mark.parametrize("size", [1_300, pytest.param(5_300, marks=pytest.mark.faults)])
def test_a_town_becomes_what_was_foretold(cast: Cast, key: RSAPrivateKey, size: int) -> None:
    """Five thousand people stand in ``make faults``; a quarter of them in every run."""
    instance = make_instance(cast.school_a)
    town = Town(cast.school_a, size=size, seed=15)
    dry_run = compared(instance, cast.manager_a, town.lists())
    import_file(town.base, exported(instance, key.public_key()), key)
    told, found, alike = foretold(dry_run, instance), done(town.base), alike_lines(dry_run)
    assert len(found) > 0.94 * size
    assert alike
    assert differences(told, found, alike) == []
    paired = sum(map(bool, found.values()))
    assert 0.5 * len(found) < paired < 0.98 * len(found)  # hard, and not hopeless


@pytest.mark.parametrize("written", [csv_of, xlsx_of])
@pytest.mark.parametrize("seed", range(4))
def test_small_schools_full_of_homonyms_become_what_was_foretold(
    cast: Cast, key: RSAPrivateKey, seed: int, written: Written
) -> None:
    instance = make_instance(cast.school_a)
    town = Town(cast.school_a, size=200, seed=seed)
    town.base.delegation.shows_identifiers = True
    for _ in range(2):  # the second time Pronote's column holds what the first import gave
        dry_run = compared(instance, cast.manager_a, town.lists(written))
        import_file(town.base, exported(instance, key.public_key()), key)
        told, alike = foretold(dry_run, instance), alike_lines(dry_run)
        assert differences(told, done(town.base), alike) == []
