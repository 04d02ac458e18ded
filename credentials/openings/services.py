"""What waits for an administrator, and allowing it."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from credentials.enums import OpeningState
from credentials.journal import OpeningAct
from credentials.openings.models import CodeOpening
from credentials.openings.telling import tell_allowed
from directory.models import Person
from directory.rights.actors import Actor, actor_of
from directory.rights.acts import Act
from directory.rights.walls import visible_schools
from ent.audit.origin import Origin
from ent.audit.services import record

#: Days that an opening is kept; the journal keeps it longer.
KEPT_DAYS = 30


def may_allow_openings(request: HttpRequest) -> bool:
    """Does the person who asks administer an authority, or the portal?"""
    return actor_of(request).may(Act.IMPORT)


def waiting_openings(actor: Actor, *, decided_too: bool = False) -> QuerySet[CodeOpening]:
    """Requests of today in the authorities that *actor* administers; one's own is for another."""
    states = [OpeningState.ASKED, OpeningState.ALLOWED] if decided_too else [OpeningState.ASKED]
    return (
        CodeOpening.objects.filter(
            state__in=states,
            day=timezone.localdate(),
            school__in=visible_schools(actor, Act.IMPORT).values("pk"),
        )
        .exclude(person=actor.person_id)
        .select_related("person", "school")
    )


@transaction.atomic
def allow(*, opening: CodeOpening, actor: Person, origin: Origin) -> bool:
    """Allow an opening for today; False when somebody has done so meanwhile."""
    changed = CodeOpening.objects.filter(pk=opening.pk, state=OpeningState.ASKED).update(
        state=OpeningState.ALLOWED, decided_by=actor.uuid
    )
    if not changed:
        return False
    tell_allowed(person=opening.person, name=opening.name)
    record(
        act=OpeningAct.ALLOWED,
        actor=actor.uuid,
        subject=opening.person.uuid,
        school_uai=opening.school.uai,
        origin=origin,
        details={"reference": opening.reference, "count": opening.codes},
    )
    return True


def forget_old_openings() -> None:
    """Delete what is older than a month."""
    CodeOpening.objects.filter(day__lt=timezone.localdate() - timedelta(days=KEPT_DAYS)).delete()
