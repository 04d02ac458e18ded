"""The next delivery of the same authority: a share of the people changed, left, moved, arrived.

The base people are drawn exactly as without a mutation, so that everybody else's record is the
same to the byte; what happens to them is drawn from a second source of chance.
"""

from __future__ import annotations

from random import Random

from demo.aaf.families import Family, Pupil
from demo.aaf.records import parent_record, pupil_record
from demo.aaf.schools import SchoolPlan
from demo.aaf.spec import DeliveryTruth, GeneratorSpec, keep
from demo.aaf.staff import StaffMember

_CHANGED, _LEFT, _MOVED = 0.6, 0.8, 0.9
"""Cumulated shares; the rest of the fraction are arrivals."""


class Mutation:
    """What happens to the people of one school."""

    def __init__(self, spec: GeneratorSpec, school: SchoolPlan, schools: list[SchoolPlan]) -> None:
        self.random = Random(f"{spec.seed}:{school.uai}:next")  # noqa: S311 - invented data
        self._fraction = spec.mutate
        self._school = school
        self._schools = schools
        self._changed: set[int] = set()

    def variant_of(self, join_id: int) -> int:
        """1 for a record that changes, else 0."""
        return 1 if join_id in self._changed else 0

    def arriving_pupils(self) -> int:
        """How many pupils of new families come to this school."""
        expected = self._school.pupils * self._fraction * (1 - _MOVED)
        return int(expected + self.random.random()) if expected else 0

    def touch(self, family: Family, truth: DeliveryTruth) -> None:
        """Change, remove or move members of a family."""
        if not self._fraction:
            return
        self._changed.clear()
        chance = self.random.random
        for pupil in list(family.pupils):
            draw = chance() / self._fraction
            if draw < _CHANGED:
                self._change_pupil(pupil, truth)
            elif draw < _LEFT:
                self._remove(pupil, family, truth)
            elif draw < _MOVED and len(self._schools) > 2:
                self._move(pupil, truth)
        for parent in family.parents:
            if parent.join_id not in self._changed and chance() < self._fraction * _CHANGED:
                before, after = parent_record(parent, variant=0), parent_record(parent, variant=1)
                if before != after:
                    self._changed.add(parent.join_id)
                    truth.records_changed += 1

    def _change_pupil(self, pupil: Pupil, truth: DeliveryTruth) -> None:
        texts = {
            pupil_record(pupil, variant=variant, authority_number=0, is_agricultural=False)
            for variant in (0, 1)
        }
        if len(texts) == 2:
            self._changed.add(pupil.join_id)
            truth.records_changed += 1
            keep(truth.examples.changed, pupil.join_id)

    def _remove(self, pupil: Pupil, family: Family, truth: DeliveryTruth) -> None:
        """A pupil leaves; parents without another child leave with them, others change."""
        family.pupils.remove(pupil)
        truth.records_departed += 1
        keep(truth.examples.departed, pupil.join_id)
        for parent in list(family.parents):
            if pupil.join_id in parent.children:
                parent.children.remove(pupil.join_id)
                if not parent.children:
                    family.parents.remove(parent)
                    truth.records_departed += 1
                elif parent.join_id not in self._changed:
                    self._changed.add(parent.join_id)
                    truth.records_changed += 1

    def _move(self, pupil: Pupil, truth: DeliveryTruth) -> None:
        """Same key, other school: the one after the neighbour, in a class of like level."""
        target = self._schools[(pupil.school.index + 2) % len(self._schools)]
        pupil.school = target
        if pupil.taught is not None:
            taught = next(
                (one for one in target.classes if one.level is pupil.taught.level),
                target.classes[pupil.join_id % len(target.classes)],
            )
            pupil.taught = taught
            pupil.choice %= len(taught.subjects)
        truth.pupils_moved += 1
        keep(truth.examples.moved, pupil.join_id)

    def keeps_staff(self, member: StaffMember, truth: DeliveryTruth) -> bool:
        """Heads stay; a fifth of the fraction of the others leave."""
        if not self._fraction or any(function.code == "DIR" for _, function in member.functions):
            return True
        if self.random.random() < self._fraction * (_LEFT - _CHANGED):
            truth.records_departed += 1
            return False
        return True

    def staff_variant(self, member: StaffMember, truth: DeliveryTruth) -> int:
        """1 for a member of staff whose address changes."""
        has_mail = bool(member.identity[5])
        if self._fraction and has_mail and self.random.random() < self._fraction * _CHANGED:
            truth.records_changed += 1
            return 1
        return 0
