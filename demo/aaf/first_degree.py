"""Complete deliveries of the first degree: nursery and elementary schools of invented people.

Their classes stand in no structure: pupils name them, by a number that stays and a label that holds
the teacher's name. Links carry no level.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from demo.aaf import layout
from demo.aaf.files import CategoryWriter, delivery_folder
from demo.aaf.layout import values
from demo.aaf.names import BOYS, FATHERS, GIRLS, MOTHERS, Name, to_xml
from demo.aaf.places import (
    SCHOOL_NAMES,
    STREETS,
    GeneratorAuthority,
    Town,
    authority,
    capitals_without_accents,
    towns_of,
    uai,
)
from demo.aaf.records import ine
from demo.aaf.spec import DeliveryTruth, GeneratorSpec, SchoolTruth, keep
from demo.aaf.surnames import SURNAMES

LEVELS = (
    ("1111", "PS", "1$CYCLE I"), ("1112", "MS", "1$CYCLE I"), ("1113", "GS", "1$CYCLE I"),
    ("1121", "CP", "2$CYCLE II"), ("1122", "CE1", "2$CYCLE II"), ("1123", "CE2", "2$CYCLE II"),
    ("1124", "CM1", "3$CYCLE III"), ("1125", "CM2", "3$CYCLE III"),
)  # fmt: skip
"""Code, label and cycle, from the youngest: three years old in the year of the first."""
_PUPILS_PER_CLASS = 24
_FIRST_STRUCTURE, _FIRST_SERIAL, _FIRST_CLASS = 60_001, 3001, 73_101
_FIRST_PUPIL, _FIRST_PARENT, _FIRST_AGENT, _STEP = 5_400_000, 6_100_000, 510_000, 7
_DIRECTION = "ENS$ENSEIGNEMENT$D0000$DIRECTION"
_TEACHING = "ENS$ENSEIGNEMENT$G0000$SANS SPECIALITE"
_EDUCATION_OFFICE = 60_000


@dataclass(slots=True)
class _Class:
    """A class: its number, the level of its pupils, its label."""

    number: int
    level: int
    label: str


@dataclass(slots=True)
class _Adult:
    """A guardian, with the link by which a child cites them."""

    join_id: int
    link: str
    surname: Name
    given: Name | None


class _Maker:
    """Writes the schools of a delivery one after the other."""

    def __init__(self, spec: GeneratorSpec, folder: Path, truth: DeliveryTruth) -> None:
        self._spec = spec
        self._truth = truth
        self.who: GeneratorAuthority = authority(spec.authority)
        self._towns = towns_of(self.who)
        self._random = Random(f"{spec.seed}:1D:{self.who.code}")  # noqa: S311 - invented data
        self._next = {"pupil": _FIRST_PUPIL, "parent": _FIRST_PARENT, "agent": _FIRST_AGENT}
        self._next_class = _FIRST_CLASS
        self.writers = {
            category: CategoryWriter(
                spec=spec, category=category, folder=folder, academy_number=self.who.number
            )
            for category in ("EtabEducNat", "Eleve", "PersRelEleve", "PersEducNat")
        }

    def write(self) -> None:
        """Everything."""
        self._structure(
            _EDUCATION_OFFICE, uai(self.who.departments[0], 2999), "IEN$$", "799",
            self._towns[0][1], "CIRCONSCRIPTIONS INSPECTION EDUC NAT",
        )  # fmt: skip
        for index in range(self._spec.schools):
            self._school(index)
        for writer in self.writers.values():
            writer.close()
            self._truth.files += writer.names
        self._truth.files.sort()

    def _id(self, kind: str) -> int:
        self._next[kind] += _STEP
        return self._next[kind]

    def _one(self, names: tuple[Name, ...]) -> Name:
        return names[int(self._random.random() * len(names))]

    def _object(self, category: str, join_id: int, attributes: dict[str, str]) -> None:
        kind = "categorieStructure" if category == "EtabEducNat" else "categoriePersonne"
        key = "ENTStructureJointure" if category == "EtabEducNat" else "ENTPersonJointure"
        whole = {key: f"<value>{join_id}</value>", **attributes}
        template = layout.record_template(kind, category, tuple(whole))
        self.writers[category].write(template % (join_id, *whole.values()))

    def _structure(
        self, join_id: int, code: str, name: str, kind_code: str, town: Town, kind: str
    ) -> None:
        street = STREETS[join_id % len(STREETS)]
        said = {
            "ENTStructureUAI": code,
            "ENTStructureSIREN": "",
            "ENTStructureNomCourant": name,
            "ENTStructureTypeStruct": kind,
            "ENTStructureCodeTypeStruct": kind_code,
            "ENTEcoleSecteur": "PU",
            "ENTStructureAdresse": f"{1 + join_id % 40} {street}",
            "ENTStructureCodePostal": town.postal_code,
            "ENTStructureVille": capitals_without_accents(town.name.replace("&apos;", " ")),
            "ENTStructureTelephone": f"{self.who.phone_prefix} {join_id % 100:02d} 50",
            "ENTStructureMailSI": f"ce.{code.lower()}@{self.who.mail_domain}",
            "ENTServAcAcademie": self.who.code,
            "ENTEcoleCirconscription": ""
            if join_id == _EDUCATION_OFFICE
            else str(_EDUCATION_OFFICE),
        }
        self._object(
            "EtabEducNat", join_id, {key: layout.value(text) for key, text in said.items()}
        )
        self._truth.structures += 1

    def _school(self, index: int) -> None:
        department, town = self._towns[(index * 5 + 3) % len(self._towns)]
        join_id, code = _FIRST_STRUCTURE + index, uai(department, _FIRST_SERIAL + index)
        name = SCHOOL_NAMES[(index * 7 + 5) % len(SCHOOL_NAMES)]
        shown = to_xml(f"E.P.PU${name}$") + capitals_without_accents(
            town.name.replace("&apos;", " ")
        )
        self._structure(join_id, code, shown, "151", town, "ECOLE DE NIVEAU ELEMENTAIRE")
        classes = list(self._classes(join_id))
        seen = SchoolTruth(uai=code, name=shown, classes=len(classes), staff=len(classes))
        self._truth.schools[code] = seen
        self._truth.classes += len(classes)
        left = self._spec.pupils_per_school
        while left > 0:
            children = min(left, self._random.choice((1, 1, 1, 2, 2, 3)))
            self._family(join_id, town, classes, children)
            left -= children
        seen.pupils = self._spec.pupils_per_school

    def _classes(self, school: int) -> Iterator[_Class]:
        """A class for each level, more for many pupils; each with a teacher, the first the head."""
        count = max(len(LEVELS), round(self._spec.pupils_per_school / _PUPILS_PER_CLASS))
        for number in range(count):
            woman = self._random.random() < 0.8
            surname = self._one(SURNAMES)
            title = "Mme" if woman else "M."
            level = number % len(LEVELS)
            label = f"{LEVELS[level][1]} {title.upper()} {surname.upper}"
            self._agent(school, surname, self._one(MOTHERS if woman else FATHERS), title,
                        is_head=number == 0)  # fmt: skip
            self._next_class += 1
            yield _Class(self._next_class, level, label)

    def _agent(self, school: int, surname: Name, given: Name, title: str, *, is_head: bool) -> None:
        join_id = self._id("agent")
        function = _DIRECTION if is_head else _TEACHING
        mail = f"{given.folded}.{surname.folded}.{join_id}@{self.who.mail_domain}"
        self._object("PersEducNat", join_id, {
            "ENTPersonNom": f"<value>{surname.upper}</value>",
            "ENTPersonNomPatro": f"<value>{surname.upper}</value>",
            "ENTPersonPrenom": f"<value>{given.upper}</value>",
            "ENTPersonCivilite": f"<value>{title}</value>",
            "ENTPersonMail": f"<value>{mail}</value>",
            "ENTPersonStructRattach": f"<value>{school}</value>",
            "ENTPersonFonctions": f"<value>{school}${function}</value>",
            "ENTEnsFonctionDir": layout.value(str(school) if is_head else ""),
            "ENTPersonCategorieEnseignant": "<value>O</value>",
        })  # fmt: skip
        self._truth.staff += 1
        self._truth.staff_with_account += 1
        self._truth.heads += is_head
        if is_head:
            keep(self._truth.examples.heads, join_id)

    def _family(self, school: int, town: Town, classes: list[_Class], children: int) -> None:
        chance = self._random.random
        surname = self._one(SURNAMES)
        adults = [_Adult(self._id("parent"), "10", surname, self._one(MOTHERS))]
        if chance() < 0.8:
            adults.append(_Adult(self._id("parent"), "20", surname, self._one(FATHERS)))
        if chance() < 0.1:
            link = "38" if chance() < 0.6 else "90"
            adults.append(_Adult(self._id("parent"), link, self._one(SURNAMES), self._one(MOTHERS)))
        if chance() < 0.01:
            adults.append(_Adult(self._id("parent"), "51", self._one(SURNAMES), None))
        ids = [self._pupil(school, classes, surname, adults) for _ in range(children)]
        street = f"{1 + int(chance() * 90)} {STREETS[int(chance() * len(STREETS))]}"
        for adult in adults:
            self._guardian(adult, town, street, ids)

    def _pupil(
        self, school: int, classes: list[_Class], surname: Name, adults: list[_Adult]
    ) -> int:
        chance = self._random.random
        join_id = self._id("pupil")
        girl = chance() < 0.49
        given = self._one(GIRLS if girl else BOYS)
        taught = classes[int(chance() * len(classes))]
        code, label, cycle = LEVELS[taught.level]
        born = self._spec.date.year - 3 - taught.level
        birth = f"{1 + int(chance() * 28):02d}/{1 + int(chance() * 12):02d}/{born}"
        place = f"{school}$11$ORDINAIRE${taught.number}${taught.label}"
        self._object("Eleve", join_id, {
            "ENTEleveINE": f"<value>{ine(join_id, int(self.who.number))}</value>",
            "ENTPersonDateNaissance": f"<value>{birth}</value>",
            "ENTPersonNom": f"<value>{surname.upper}</value>",
            "ENTPersonNomPatro": f"<value>{surname.upper}</value>",
            "ENTPersonPrenom": f"<value>{given.plain}</value>",
            "ENTPersonAutresPrenoms": f"<value>{given.plain}</value>",
            "ENTPersonCivilite": f"<value>{'Mme' if girl else 'M.'}</value>",
            "ENTEleveAutoriteParentale": values(f"{a.join_id}${a.link}" for a in adults),
            "ENTPersonStructRattach": f"<value>{school}</value>",
            "ENTPersonClasses": f"<value>{place}</value>",
            "ENTPersonGroupes": layout.EMPTY,
            "ENTEleveNiveau": f"<value>{code}${label}</value>",
            "ENTEleveCycle": f"<value>{cycle}</value>",
            "ENTEleveTypeClasse": "<value>11$ORDINAIRE</value>",
            "ENTEleveRestaurantScolaire": f"<value>{'O' if chance() < 0.7 else 'N'}</value>",
        })  # fmt: skip
        self._truth.pupils += 1
        self._truth.class_memberships += 1
        self._truth.links += len(adults)
        self._truth.legal_links += sum(a.link in ("10", "20") for a in adults)
        return join_id

    def _guardian(self, adult: _Adult, town: Town, street: str, children: list[int]) -> None:
        join_id, given = adult.join_id, adult.given
        hashed = join_id * 48_271 % 10_000
        phone = f"+33 6 39 98 {hashed // 100:02d} {hashed % 100:02d}"
        mail = f"{given.folded}.{join_id}@example.invalid" if given and join_id % 2 else ""
        self._object("PersRelEleve", join_id, {
            "ENTPersonNom": f"<value>{adult.surname.upper}</value>",
            "ENTPersonPrenom": layout.value(given.plain if given else ""),
            "ENTPersonCivilite": layout.value(
                "" if given is None else "M." if adult.link == "20" else "Mme"
            ),
            "ENTPersRelEleveTelMobile": f"<value>{phone}</value>",
            "ENTPersonMail": layout.value(mail),
            "ENTPersonAdresse": f"<value>{street}$$$</value>",
            "ENTPersonCodePostal": town.postal_value,
            "ENTPersonVille": town.name_value,
            "ENTPersonPays": "<value>FRANCE</value>",
            "ENTPersRelEleveEleve": values(map(str, children)),
        })  # fmt: skip
        self._truth.parents += 1
        if given is not None and adult.link in ("10", "20"):
            self._truth.parents_with_account += 1
        else:
            self._truth.contacts += 1
            self._truth.organisations += given is None


def generate_first_degree(spec: GeneratorSpec, target: Path) -> DeliveryTruth:
    """Write a complete delivery of the first degree; the same spec gives the same bytes."""
    truth = DeliveryTruth(authority=spec.authority)
    with delivery_folder(target) as folder:
        _Maker(spec, folder, truth).write()
    return truth
