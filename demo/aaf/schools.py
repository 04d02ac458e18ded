"""The plan of an authority's schools: small, made first, kept in memory.

Everything that one school must know of another (to send a sibling, a shared teacher or a pupil
who moves there) stands in the plan, so that people can then be streamed school after school.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from demo.aaf import layout
from demo.aaf.names import to_xml
from demo.aaf.nomenclature import (
    ACADEMY_CYCLE,
    COLLEGE,
    LEGTA,
    SUBJECTS,
    Level,
    SchoolKind,
)
from demo.aaf.places import (
    SCHOOL_NAMES,
    STREETS,
    GeneratorAuthority,
    Town,
    capitals_without_accents,
    towns_of,
    uai,
)
from demo.aaf.spec import GeneratorSpec

_PUPILS_PER_CLASS = 26
_FIRST_STRUCTURE_ID = 4901
_STREET_KINDS = len(STREETS)


@dataclass(frozen=True, slots=True)
class TaughtClass:
    """A class, with the values that its pupils' records repeat, made once."""

    code: str
    level: Level
    value: str
    """``S$code`` as a ``<value>``."""
    subjects: tuple[tuple[str, str], ...]
    """Values of ENTEleveEnseignements and …CodeEnseignements, one pair per choice of options."""
    option_groups: tuple[str, ...]
    """For each of these choices, the values of ENTEleveGroupes."""
    option_group_counts: tuple[int, ...]
    half_groups: tuple[str, str]


@dataclass(frozen=True, slots=True)
class TeachingGroup:
    """A group within one class or across several."""

    code: str
    label: str
    class_codes: tuple[str, ...]
    subject: str
    """Subject taught to it, empty for a half class (any subject)."""


@dataclass(slots=True)
class SchoolPlan:
    """One school with classes."""

    index: int
    join_id: int
    uai: str
    kind: SchoolKind
    name: str
    """As in a file: « CLG$LES TILLEULS$VALMONCEL », escaped."""
    town: Town
    department: str
    pupils: int
    classes: tuple[TaughtClass, ...] = ()
    groups: tuple[TeachingGroup, ...] = ()
    record: str = field(default="", repr=False)


def _class_codes(kind: SchoolKind, pupils: int) -> Iterator[tuple[str, Level]]:
    """Class codes by level, in proportion of the levels' weights; at least one each."""
    levels = [level for level in kind.levels if level.weight]
    total = sum(level.weight for level in levels)
    wanted = max(len(levels), round(pupils / _PUPILS_PER_CLASS))
    for level in levels:
        count = max(1, round(wanted * level.weight / total))
        for number in range(count):
            letter = chr(ord("A") + number % 26) + (str(number // 26) if number >= 26 else "")
            digit = kind is not COLLEGE and level.class_prefix[-1].isalpha()
            yield (f"{level.class_prefix}{number + 1 if digit else letter}", level)


def _choices(level: Level) -> list[tuple[str, ...]]:
    """Every set of subjects that a pupil of the level may follow (empty: no option)."""
    found: list[tuple[str, ...]] = [level.common]
    for option in level.options:
        found = [(*codes, choice) if choice else codes for codes in found for choice in option]
    return [tuple(dict.fromkeys(codes)) for codes in found]


def _subject_values(codes: tuple[str, ...]) -> tuple[str, str]:
    labels = layout.values(to_xml(SUBJECTS[code]) for code in codes)
    return labels, layout.values(codes)


def _option_groups(codes_by_level: dict[Level, list[str]]) -> list[TeachingGroup]:
    """A group per level and option that part of the pupils choose, across all its classes."""
    groups = []
    for level, codes in codes_by_level.items():
        for code in dict.fromkeys(code for option in level.options for code in option if code):
            label = SUBJECTS[code]
            short = "".join(word[0] for word in label.replace("-", " ").split())[:5]
            name = f"{level.class_prefix.rstrip('-')}G {short}{code[3]}"
            groups.append(TeachingGroup(to_xml(name), to_xml(label), tuple(codes), code))
    return groups


def _plan_classes(plan: SchoolPlan) -> None:
    pairs = list(_class_codes(plan.kind, plan.pupils))
    codes_by_level: dict[Level, list[str]] = {}
    for code, level in pairs:
        codes_by_level.setdefault(level, []).append(code)
    option_groups = _option_groups(codes_by_level)
    groups = list(option_groups)
    classes = []
    for code, level in pairs:
        halves = (f"{code} GR1", f"{code} GR2")
        groups += [TeachingGroup(half, "", (code,), "") for half in halves]
        choices = _choices(level)
        of_class = [g for g in option_groups if code in g.class_codes]
        of_choice = [[g.code for g in of_class if g.subject in choice] for choice in choices]
        classes.append(
            TaughtClass(
                code=code,
                level=level,
                value=f"<value>{plan.join_id}${code}</value>",
                subjects=tuple(_subject_values(choice) for choice in choices),
                option_groups=tuple(
                    "".join(f"<value>{plan.join_id}${name}</value>" for name in names)
                    for names in of_choice
                ),
                option_group_counts=tuple(len(names) for names in of_choice),
                half_groups=(
                    f"<value>{plan.join_id}${halves[0]}</value>",
                    f"<value>{plan.join_id}${halves[1]}</value>",
                ),
            )
        )
    plan.classes = tuple(classes)
    plan.groups = tuple(groups)


def _record(plan: SchoolPlan, who: GeneratorAuthority, spec: GeneratorSpec) -> str:
    classes = [f"{c.code}${to_xml(c.level.label)}${c.level.mef}" for c in plan.classes]
    if plan.index == 0:
        classes *= 2  # real files list some schools' classes twice
    phone = f"{who.phone_prefix} {plan.index // 100 % 100:02d} {plan.index % 100:02d}"
    town = capitals_without_accents(plan.town.name.replace("&apos;", " "))
    attributes = {
        "ENTStructureJointure": [str(plan.join_id)],
        "ENTStructureUAI": [plan.uai],
        "ENTEtablissementUAI": [plan.uai],
        "ENTStructureSIREN": [f"19{plan.department[1:]}{plan.index:05d}00019"],
        "ENTStructureNomCourant": [plan.name],
        "ENTStructureTypeStruct": [plan.kind.type_label],
        "ENTStructureCodeTypeStruct": [plan.kind.type_code],
        "ENTEtablissementMinistereTutelle": [_ministry(who)],
        "ENTEtablissementCodeMinistereTutelle": ["02" if who.is_agricultural else "06"],
        "ENTEtablissementContrat": ["PR" if plan.index % 9 == 8 else "PU"],
        "street": [f"{1 + plan.index * 7 % 60} {STREETS[plan.index * 11 % _STREET_KINDS]}"],
        "postalCode": [plan.town.postal_code],
        "l": [town],
        "telephoneNumber": [phone],
        "facsimileTelephoneNumber": [phone[:-2] + "99"],
        "ENTStructureMailSI": [f"ce.{plan.uai.lower()}@{who.mail_domain}"],
        "ENTEtablissementBassin": [f"{who.number}{plan.department}$BASSIN {plan.department}"],
        "ENTServAcAcademie": [who.code],
        "ENTServAcCodeAcademie": [who.number],
        "ENTStructureClasses": classes,
        "ENTStructureGroupes": [
            "$".join((group.code, group.label, *group.class_codes)) for group in plan.groups
        ],
    }
    return layout.structure(attributes, spec.layout)


def _ministry(who: GeneratorAuthority) -> str:
    if who.is_agricultural:
        return "MINISTERE DE L&apos;AGRICULTURE"
    return "MINISTERE DE L&apos;EDUCATION NATIONALE"


def plan_schools(spec: GeneratorSpec, who: GeneratorAuthority) -> list[SchoolPlan]:
    """The schools of a delivery, neighbours side by side."""
    towns = towns_of(who)
    start = Random(f"{spec.seed}:{who.code}").randrange(len(towns))  # noqa: S311 - invented data
    first_serial = 9000 - (500 if who.is_agricultural else 0)
    plans = []
    for index in range(spec.schools):
        department, town = towns[(start + index) % len(towns)]
        kind = LEGTA if who.is_agricultural else ACADEMY_CYCLE[index % len(ACADEMY_CYCLE)]
        if spec.schools == 1 and not who.is_agricultural:
            kind = COLLEGE
        name = SCHOOL_NAMES[(start + index) % len(SCHOOL_NAMES)]
        town_name = town.name.upper().replace("&APOS;", "&apos;")
        plan = SchoolPlan(
            index=index,
            join_id=_FIRST_STRUCTURE_ID + index,
            uai=uai(department, first_serial + index),
            kind=kind,
            name=f"{kind.acronym}${to_xml(name)}${town_name}",
            town=town,
            department=department,
            pupils=spec.pupils_per_school,
        )
        _plan_classes(plan)
        plan.record = _record(plan, who, spec)
        plans.append(plan)
    return plans


_OTHER_KINDS = (
    ("RECTORAT", "RECTORAT", "ACADEMIE DE {authority}"),
    ("D.S.D.E.N.", "INSPECTIONS ACADEMIQUES", "DU DEPARTEMENT {department}"),
    ("CIO", "CENTRE D INFORMATION ET D ORIENTATION", "{town}"),
    ("SCE IA", "SERVICE DE L INSPECTION ACADEMIQUE", "BRIGADE DEPARTEMENTALE N{number}"),
    ("CMS", "SERVICE DE L INSPECTION ACADEMIQUE", "{town}"),
    ("IEN", "CIRCONSCRIPTIONS INSPECTION EDUC NAT", ""),
)


def other_structures(spec: GeneratorSpec, who: GeneratorAuthority) -> Iterator[str]:
    """Records of the structures that are listed without classes: nobody's school."""
    towns = towns_of(who)
    for index in range(spec.other_structures):
        department, town = towns[index % len(towns)]
        town_name = capitals_without_accents(town.name.replace("&apos;", " "))
        acronym, type_label, pattern = _OTHER_KINDS[0 if index == 0 else 1 + (index - 1) % 5]
        middle = pattern.format(
            authority=who.code, department=department, town=town_name, number=index
        )
        code = uai(department, 8000 + index - (500 if who.is_agricultural else 0))
        yield layout.structure(
            {
                "ENTStructureJointure": [str(other_structure_id(index))],
                "ENTStructureUAI": [code],
                "ENTEtablissementUAI": [code],
                "ENTStructureNomCourant": [f"{acronym}${middle}${town_name}"],
                "ENTStructureTypeStruct": [type_label],
                "ENTEtablissementMinistereTutelle": [_ministry(who)],
                "ENTEtablissementContrat": ["PU"],
                "street": [STREETS[index % _STREET_KINDS].upper().replace("&APOS;", "&apos;")],
                "postalCode": [town.postal_code],
                "l": [town_name],
                "ENTServAcAcademie": [who.code],
            },
            spec.layout,
        )


def other_structure_id(index: int) -> int:
    """Join id of the n-th structure without classes; 0 is the rectorat."""
    return 3001 + index
