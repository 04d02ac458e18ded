"""From a spec to the files of a delivery, and to the truth about them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from demo.aaf import layout
from demo.aaf.families import (
    Family,
    FamilyMaker,
    Ids,
    Pupil,
)
from demo.aaf.files import CategoryWriter, delivery_folder
from demo.aaf.hard_cases import families_of_hard_cases
from demo.aaf.mutation import Mutation
from demo.aaf.names import to_xml
from demo.aaf.nomenclature import COLLEGE, LEVELS, SUBJECT_MISSING_FROM_FILE, SUBJECTS
from demo.aaf.places import GeneratorAuthority, authority, towns_of
from demo.aaf.records import parent_record, pupil_record
from demo.aaf.schools import (
    SchoolPlan,
    other_structure_id,
    other_structures,
    plan_schools,
)
from demo.aaf.spec import (
    DeliveryTruth,
    GeneratorSpec,
    SchoolTruth,
    keep,
)
from demo.aaf.staff import (
    StaffIdentities,
    StaffMember,
    staff_of,
    staff_record,
)


@dataclass(slots=True)
class _Writers:
    pupils: CategoryWriter
    parents: CategoryWriter
    staff: CategoryWriter


def generate(spec: GeneratorSpec, target: Path) -> DeliveryTruth:
    """Write a complete delivery into ``target`` (a folder, or a ``.tgz`` file).

    The same spec gives the same bytes. Schools are streamed one after the other: memory holds
    the plan of the schools (some kilobytes each), never the people.
    """
    who = authority(spec.authority)
    truth = DeliveryTruth(authority=who.code)
    plans = plan_schools(spec, who)
    with delivery_folder(target) as folder, _without_cycle_collector():

        def writer(category: str) -> CategoryWriter:
            return CategoryWriter(
                spec=spec, category=category, folder=folder, academy_number=who.number
            )

        truth.files += _write_structures(spec, who, plans, writer("EtabEducNat"), truth)
        if spec.nomenclatures:
            truth.files += _write_nomenclatures(
                spec, plans, writer("MefEducNat"), writer("MatiereEducNat"), truth
            )
        writers = _Writers(writer("Eleve"), writer("PersRelEleve"), writer("PersEducNat"))
        _write_people(spec, who, plans, writers, truth)
        for category in (writers.pupils, writers.parents, writers.staff):
            category.close()
            truth.files += category.names
    truth.files.sort()
    return truth


@contextmanager
def _without_cycle_collector() -> Iterator[None]:
    """People here never refer to each other in circles; looking for some costs an eighth."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _write_structures(
    spec: GeneratorSpec,
    who: GeneratorAuthority,
    plans: list[SchoolPlan],
    writer: CategoryWriter,
    truth: DeliveryTruth,
) -> list[str]:
    for record in other_structures(spec, who):
        writer.write(record)
    for plan in plans:
        writer.write(plan.record)
        truth.schools[plan.uai] = SchoolTruth(
            uai=plan.uai, name=plan.name, classes=len(plan.classes), groups=len(plan.groups)
        )
        truth.classes += len(plan.classes)
        truth.groups += len(plan.groups)
    truth.structures = spec.other_structures + len(plans)
    writer.close()
    return writer.names


def _write_nomenclatures(
    spec: GeneratorSpec,
    plans: list[SchoolPlan],
    mefs: CategoryWriter,
    subjects: CategoryWriter,
    truth: DeliveryTruth,
) -> list[str]:
    used = {level for plan in plans for level in plan.kind.levels}
    for level in LEVELS:
        if level in used:
            label = to_xml(level.label)
            mefs.write(layout.mef(level.mef, label, level.training_level, level.track, spec.layout))
            truth.mefs += 1
    for code, label in SUBJECTS.items():
        if code != SUBJECT_MISSING_FROM_FILE:
            subjects.write(layout.subject(code, to_xml(label)))
            truth.subjects += 1
    mefs.close()
    subjects.close()
    return mefs.names + subjects.names


def _write_people(
    spec: GeneratorSpec,
    who: GeneratorAuthority,
    plans: list[SchoolPlan],
    writers: _Writers,
    truth: DeliveryTruth,
) -> None:
    towns = tuple(town for _, town in towns_of(who))
    ids, later_ids = Ids.first(), Ids.of_arrivals()
    identities = StaffIdentities(who.mail_domain)
    rectorat = str(other_structure_id(0)) if spec.other_structures else ""
    if spec.hard_cases:
        school = min((plan for plan in plans if plan.kind is COLLEGE), key=lambda plan: plan.uai)
        for family in families_of_hard_cases(school):
            _write_family(family, None, who, writers, truth)
    for plan in plans:
        neighbour = plans[(plan.index + 1) % len(plans)]
        mutation = Mutation(spec, plan, plans)

        def maker(
            random: Random,
            ids: Ids,
            school: SchoolPlan = plan,
            neighbour: SchoolPlan = neighbour,
        ) -> FamilyMaker:
            return FamilyMaker(
                random=random,
                school=school,
                neighbour=neighbour,
                towns=towns,
                phone_prefix=who.phone_prefix,
                ids=ids,
                school_year=spec.date.year if spec.date.month >= 7 else spec.date.year - 1,
            )

        random = Random(f"{spec.seed}:{who.code}:{plan.uai}")  # noqa: S311 - invented data
        for family in maker(random, ids).families(plan.pupils):
            mutation.touch(family, truth)
            _write_family(family, mutation, who, writers, truth)
        for family in maker(mutation.random, later_ids).families(mutation.arriving_pupils()):
            truth.records_arrived += len(family.pupils) + len(family.parents)
            keep(truth.examples.arrived, family.pupils[0].join_id)
            _write_family(family, None, who, writers, truth)
        for member in staff_of(
            plan,
            neighbour,
            schools=len(plans),
            rectorat=rectorat,
            random=random,
            identities=identities,
        ):
            if mutation.keeps_staff(member, truth):
                variant = mutation.staff_variant(member, truth)
                writers.staff.write(staff_record(member, variant=variant))
                _count_staff(member, truth)


def _write_family(
    family: Family,
    mutation: Mutation | None,
    who: GeneratorAuthority,
    writers: _Writers,
    truth: DeliveryTruth,
) -> None:
    number = int(who.number)
    for pupil in family.pupils:
        variant = mutation.variant_of(pupil.join_id) if mutation else 0
        writers.pupils.write(
            pupil_record(
                pupil,
                variant=variant,
                authority_number=number,
                is_agricultural=who.is_agricultural,
            )
        )
        _count_pupil(pupil, truth)
    for parent in family.parents:
        variant = mutation.variant_of(parent.join_id) if mutation else 0
        writers.parents.write(parent_record(parent, variant=variant))
        truth.parents += 1
        if parent.is_legal:
            truth.parents_with_account += 1
        else:
            truth.contacts += 1
        if parent.given is None:
            truth.organisations += 1
            keep(truth.examples.organisations, parent.join_id)
    if len(family.pupils) > 1:
        _note_two_schools(family, truth)


def _note_two_schools(family: Family, truth: DeliveryTruth) -> None:
    school_of = {pupil.join_id: pupil.school.index for pupil in family.pupils}
    for parent in family.parents:
        if parent.is_legal and len({school_of[child] for child in parent.children}) > 1:
            keep(truth.examples.two_school_parents, parent.join_id)


def _count_pupil(pupil: Pupil, truth: DeliveryTruth) -> None:
    truth.pupils += 1
    truth.schools[pupil.school.uai].pupils += 1
    truth.links += len(pupil.links)
    truth.legal_links += pupil.legal_links
    if not pupil.links:
        truth.pupils_without_responsible += 1
        keep(truth.examples.orphans, pupil.join_id)
    if pupil.taught is None:
        truth.pupils_without_class += 1
    else:
        truth.class_memberships += 1
        truth.group_memberships += pupil.taught.option_group_counts[pupil.choice] + 1
    if pupil.is_homonym:
        truth.homonyms += 1
        keep(truth.examples.homonyms, pupil.join_id)


def _count_staff(member: StaffMember, truth: DeliveryTruth) -> None:
    truth.staff += 1
    if member.is_unattached:
        return
    truth.staff_with_account += 1
    schools = {school.uai for school, _ in member.functions}
    for code in schools:
        truth.schools[code].staff += 1
    if len(schools) > 1:
        truth.two_school_staff += 1
        if member.is_teaching:
            keep(truth.examples.two_school_teachers, member.join_id)
    if any(function.post == "D0010" for _, function in member.functions):
        truth.heads += 1
        keep(truth.examples.heads, member.join_id)
    for service in member.services:
        truth.form_teachers += len(service.form_classes)
        truth.teachings += len({(taught.code, subject) for taught, subject in service.classes})
        truth.teachings += len({(group.code, subject) for group, subject in service.groups})
