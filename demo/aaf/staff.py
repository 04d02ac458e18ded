"""Staff of a school: who teaches what to whom, and everybody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from demo.aaf import nomenclature as codes
from demo.aaf.layout import (
    EMPTY,
    STAFF,
    value,
    values,
)
from demo.aaf.names import FATHERS, MOTHERS, to_xml
from demo.aaf.nomenclature import Discipline, Function
from demo.aaf.schools import SchoolPlan, TaughtClass, TeachingGroup
from demo.aaf.surnames import SURNAMES

_FORM_PERIOD = "008400"
_CLASSES_PER_TEACHER = {"020700": 5, "061300": 5, "030201": 6, "043700": 6, "100100": 7}
_HALF_CLASS_SUBJECTS = frozenset({"062300", "062900", "070800", "030201"})
_FIRST_ID = 310_000
_ARRIVAL_ID = 80_310_000
_STEP = 3


@dataclass(slots=True)
class Service:
    """What one teacher teaches in one school."""

    school: SchoolPlan
    classes: list[tuple[TaughtClass, str]] = field(default_factory=list)
    """Class and subject."""
    groups: list[tuple[TeachingGroup, str]] = field(default_factory=list)
    form_classes: list[TaughtClass] = field(default_factory=list)


@dataclass(slots=True)
class StaffMember:
    """One person of the staff file."""

    join_id: int = 0
    functions: list[tuple[SchoolPlan, Function]] = field(default_factory=list)
    discipline: Discipline | None = None
    services: list[Service] = field(default_factory=list)
    is_unattached: bool = False
    """Neither attachment nor function: must not become an account."""
    identity: tuple[str, str, str, str, str, str] = ("", "", "", "", "", "")
    """Birth date, birth name, usage name, given name, title, mail."""
    attachment: str = ""

    @property
    def is_teaching(self) -> bool:
        """Before pupils this year."""
        return any(service.classes or service.groups for service in self.services)


class StaffIdentities:
    """Draws who they are. One per delivery: academic addresses are numbered for homonyms."""

    def __init__(self, mail_domain: str) -> None:
        self._mail_domain = mail_domain
        self._numbers: dict[str, int] = {}
        self._id = _FIRST_ID
        self._arrival_id = _ARRIVAL_ID

    def give(self, member: StaffMember, random: Random, *, arrives: bool = False) -> None:
        """Fill in id, names and address."""
        chance = random.random
        if arrives:
            self._arrival_id += _STEP
            member.join_id = self._arrival_id
        else:
            self._id += _STEP
            member.join_id = self._id
        woman = chance() < 0.62
        names = MOTHERS if woman else FATHERS
        given = names[int(chance() * len(names))]
        birth = SURNAMES[int(chance() * len(SURNAMES))]
        usage = SURNAMES[int(chance() * len(SURNAMES))] if woman and chance() < 0.35 else birth
        year, month, day = 1960 + int(chance() * 42), 1 + int(chance() * 12), 1 + int(chance() * 28)
        base = f"{given.folded}.{usage.folded}"
        number = self._numbers[base] = self._numbers.get(base, 0) + 1
        mail = f"{base}{number if number > 1 else ''}@{self._mail_domain}"
        shown = usage.upper
        if usage is not birth and chance() < 0.3:
            shown = f"{birth.upper}-{shown}"
        member.identity = (
            "" if chance() < 0.05 else f"{day:02d}/{month:02d}/{year}",
            birth.upper,
            shown,
            given.upper,
            "Mme" if woman else "M.",
            "" if chance() < 0.06 else mail,
        )


def _discipline_of(subject: str) -> Discipline:
    for discipline in codes.DISCIPLINES:
        if subject in discipline.subjects:
            return discipline
    raise LookupError(subject)


_DISCIPLINES = {code: _discipline_of(code) for code in codes.SUBJECTS if code != _FORM_PERIOD}


def _teachers(school: SchoolPlan) -> list[StaffMember]:
    """Teachers such that every class has one for each of its subjects."""
    wanted: dict[str, list[TaughtClass]] = {}
    for taught in school.classes:
        options = (code for option in taught.level.options for code in option if code)
        for subject in dict.fromkeys((*taught.level.common, *options)):
            if subject != _FORM_PERIOD:
                wanted.setdefault(subject, []).append(taught)
    teachers: list[StaffMember] = []
    for subject, classes in wanted.items():
        discipline = _DISCIPLINES[subject]
        per_teacher = _CLASSES_PER_TEACHER.get(subject, 9)
        for start in range(0, len(classes), per_teacher):
            part = classes[start : start + per_teacher]
            teacher = _with_room(teachers, discipline, len(part), per_teacher)
            if teacher is None:
                teacher = StaffMember(discipline=discipline, services=[Service(school)])
                teacher.functions.append((school, _teaching(discipline)))
                teachers.append(teacher)
            service = teacher.services[0]
            service.classes += [(taught, subject) for taught in part]
            service.groups += _groups(school, subject, part)
    _name_form_teachers(school, teachers)
    return teachers


def _with_room(
    teachers: list[StaffMember], discipline: Discipline, count: int, per_teacher: int
) -> StaffMember | None:
    for teacher in teachers:
        taught = len(teacher.services[0].classes)
        if teacher.discipline is discipline and taught + count <= per_teacher:
            return teacher
    return None


def _teaching(discipline: Discipline) -> Function:
    return Function("ENS", "ENSEIGNEMENT", discipline.post, discipline.label, is_teaching=True)


def _groups(
    school: SchoolPlan, subject: str, part: list[TaughtClass]
) -> list[tuple[TeachingGroup, str]]:
    taught_codes = {taught.code for taught in part}
    return [
        (group, subject)
        for group in school.groups
        if (group.subject == subject and group.class_codes[0] in taught_codes)
        or (
            not group.subject
            and subject in _HALF_CLASS_SUBJECTS
            and group.class_codes[0] in taught_codes
        )
    ]


def _name_form_teachers(school: SchoolPlan, teachers: list[StaffMember]) -> None:
    """One form teacher a class, among those who teach it, the least burdened first."""
    candidates: dict[str, list[Service]] = {}
    for teacher in teachers:
        for taught, _ in teacher.services[0].classes:
            candidates.setdefault(taught.code, []).append(teacher.services[0])
    for taught in school.classes:
        chosen = min(candidates[taught.code], key=lambda service: len(service.form_classes))
        chosen.form_classes.append(taught)
        chosen.classes.append((taught, _FORM_PERIOD))


def _others(school: SchoolPlan, neighbour: SchoolPlan, schools: int) -> list[StaffMember]:
    """Heads, school life, library, office, and the school's share of the rare functions."""
    hundreds = 1 + school.pupils // 300
    found: list[list[tuple[SchoolPlan, Function]]] = [[(school, codes.HEAD)]]
    if school.pupils >= 200:
        found.append([(school, codes.DEPUTY_HEAD)])
    found += [[(school, codes.SCHOOL_LIFE)]] * hundreds
    found += [[(school, codes.LIBRARIAN)]] * (1 if school.pupils < 800 else 2)
    found += [[(school, office)] for office in codes.OFFICE[: 1 + hundreds]]
    found += [[(school, codes.ASSISTANT), (school, codes.ASSISTANT_POST)]] * (2 * hundreds)
    psychologist = [(school, codes.PSYCHOLOGIST)]
    if neighbour is not school:
        psychologist.append((neighbour, codes.PSYCHOLOGIST))
    found.append(psychologist)
    found.append([(school, codes.NO_FUNCTION)])
    rare = codes.RARE_FUNCTIONS
    share = max(2, min(-(-len(rare) // schools), school.pupils // 10))
    found += [
        [(school, rare[(school.index * share + rank) % len(rare)])]
        for rank in range(min(share, len(rare)))
    ]
    members = [StaffMember(functions=list(functions)) for functions in found]
    if school.index % 2 == 0:
        members.append(StaffMember(is_unattached=True))
    return members


def staff_of(
    school: SchoolPlan,
    neighbour: SchoolPlan,
    *,
    schools: int,
    rectorat: str,
    random: Random,
    identities: StaffIdentities,
) -> Iterator[StaffMember]:
    """The staff of a school; a twentieth of the teachers also teach at the neighbour."""
    chance = random.random
    teachers = _teachers(school)
    for rank, teacher in enumerate(teachers):
        shared = neighbour is not school and (rank % 20 == 3 or chance() < 0.02)
        if shared and teacher.discipline is not None:
            _share(teacher, teacher.discipline, neighbour)
        if rank % 17 == 5:  # a zone of replacement keeps an empty function beside the real one
            teacher.functions.insert(0, (school, codes.NO_FUNCTION))
    for member in (*_others(school, neighbour, schools), *teachers):
        identities.give(member, random)
        draw = chance()
        if not member.is_unattached:
            member.attachment = str(school.join_id) if draw < 0.7 else ""
            if draw > 0.97:
                member.attachment = rectorat
        yield member


def _share(teacher: StaffMember, discipline: Discipline, neighbour: SchoolPlan) -> None:
    """A complement of service: two classes of the neighbour, when its pupils learn the subject."""
    subject = teacher.services[0].classes[0][1]
    service = Service(neighbour)
    for taught in neighbour.classes:
        if subject in taught.level.common and len(service.classes) < 2:
            service.classes.append((taught, subject))
    teacher.functions.append((neighbour, _teaching(discipline)))
    teacher.services.append(service)


def staff_record(member: StaffMember, *, variant: int = 0) -> str:
    """The record; ``variant`` is what a later delivery changes (0: nothing)."""
    birth, birth_name, usage, given, title, mail = member.identity
    discipline = member.discipline
    classes: list[str] = []
    class_subjects: list[str] = []
    groups: list[str] = []
    group_subjects: list[str] = []
    form: list[str] = []
    mefs: list[str] = []
    labels: list[str] = []
    for service in member.services:
        school_id = service.school.join_id
        for taught, subject in service.classes:
            classes.append(f"{school_id}${taught.code}")
            class_subjects.append(f"{school_id}${taught.code}${subject}")
            mefs.append(f"{school_id}${taught.level.mef}${to_xml(taught.level.label)}")
            labels.append(f"{school_id}${to_xml(codes.SUBJECTS[subject])}")
        for group, subject in service.groups:
            groups.append(f"{school_id}${group.code}")
            group_subjects.append(f"{school_id}${group.code}${subject}")
        form += [f"{school_id}${taught.code}" for taught in service.form_classes]
    if member.join_id % 7:  # some real records repeat a class once per subject
        classes, groups = list(dict.fromkeys(classes)), list(dict.fromkeys(groups))
    functions = [
        f"{school.join_id}${f.code}${to_xml(f.label)}${f.post}${to_xml(f.post_label)}"
        for school, f in member.functions
    ]
    category = (
        f"{discipline.category}${discipline.category_label}" if discipline else "00$NON SPECIALISE"
    )
    teaches = any(f.is_teaching for _, f in member.functions)
    if variant:
        mail = mail.replace("@", f".{variant}@") if mail else ""
        birth = birth or "01/01/1970"
    return STAFF % (
        member.join_id,
        f"<value>{member.join_id}</value>",
        value(birth),
        f"<value>{birth_name}</value>",
        f"<value>{usage}</value>",
        f"<value>{given}</value>",
        f"<value>{title}</value>",
        value(mail),
        value(member.attachment),
        f"<value>{category}</value>",
        f"<value>{discipline.label}${discipline.category}</value>" if discipline else EMPTY,
        values(dict.fromkeys(mefs)),
        values(dict.fromkeys(labels)),
        values(classes),
        values(groups),
        values(class_subjects),
        values(group_subjects),
        values(form),
        values(functions),
        "<value>O</value>" if teaches else "<value>N</value>",
        "<value>O</value>" if member.is_teaching else "<value>N</value>",
    )
