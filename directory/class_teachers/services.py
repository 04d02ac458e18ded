"""Teachers attached to classes by hand: feeds of the first degree do not say who teaches whom.

Such an attachment is kept by imports and ends on its day, at the latest with the school year.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from directory.enums import MembershipRole, Source
from directory.models.groups import Group, Membership
from directory.models.persons import Person
from directory.models.schools import School
from directory.rights.actors import Actor
from directory.schools.school_year import end_of_school_year
from ent.audit.enums import Act as AuditAct
from ent.audit.origin import Origin
from ent.audit.services import record


@transaction.atomic
def attach_teacher(
    *,
    person: Person,
    groups: Iterable[Group],
    school: School,
    ends_on: datetime.date | None,
    actor: Actor,
    origin: Origin,
) -> int:
    """Attach *person* to these classes of *school* until *ends_on*; return how many are new.

    Who is attached already keeps their place until the new day.
    """
    last_day = end_of_school_year(timezone.localdate())
    if ends_on is not None and ends_on > last_day:
        raise ValidationError(
            f"Une classe finit avec l’année scolaire\u00a0: choisissez le {last_day:%d/%m/%Y} "
            "au plus tard."
        )
    made = 0
    for group in groups:
        found, is_new = Membership.objects.get_or_create(
            person=person,
            group=group,
            role=MembershipRole.TEACHER,
            defaults={"source": Source.MANUAL, "ends_on": ends_on or last_day},
        )
        if not is_new and found.source == Source.MANUAL:
            found.ends_on = ends_on or last_day
            found.save(update_fields=["ends_on"])
        made += is_new
    record(
        act=AuditAct.CLASS_GIVEN,
        actor=actor.uuid,
        subject=person.uuid,
        school_uai=school.uai,
        origin=origin,
        details={"count": made},
    )
    return made


@transaction.atomic
def detach_teacher(
    *, person: Person, group: Group, school: School, actor: Actor, origin: Origin
) -> bool:
    """Take back what was given by hand; what a feed says stays. Tell whether something went."""
    found = attached().filter(person=person, group=group)
    gone, _ = found.delete()
    if gone:
        record(
            act=AuditAct.CLASS_WITHDRAWN,
            actor=actor.uuid,
            subject=person.uuid,
            school_uai=school.uai,
            origin=origin,
        )
    return bool(gone)


def attached() -> QuerySet[Membership]:
    """The attachments made by hand."""
    return Membership.objects.filter(role=MembershipRole.TEACHER, source=Source.MANUAL)


def end_attachments() -> int:
    """Delete those whose last day is over; return how many."""
    return Membership.objects.filter(ends_on__lt=timezone.localdate()).delete()[0]
