"""Who may open a service: « Accès population » and « Accès utilisateur » (R-G2)."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from directory.models import Group, Person, School
from sso.catalogue.journal import ServiceAct
from sso.catalogue.locking import (
    ActorAndOrigin,
    actor_now,
    journal_change,
    lock_service,
)
from sso.catalogue.models import Service, ServiceAudience, ServiceGrant
from sso.catalogue.perms import is_tied_to_its_school, persons_for_services
from sso.enums import ServiceRight

_ALREADY = "Cette personne a déjà accès à ce service."


@transaction.atomic
def add_population(
    *,
    service: Service,
    profiles: Iterable[str],
    school: School | None,
    groups: Iterable[Group],
    by: ActorAndOrigin,
) -> int:
    """Open the service to these profiles, in that school or these classes; return what is new.

    No profile means every profile, no class the whole school, no school every school.
    """
    held = lock_service(service, by)
    chosen = list(groups)
    places: list[Group | None] = [*chosen] or [None]
    if is_tied_to_its_school(held, actor_now(by)) and (
        school is None or school.pk != held.school_id
    ):
        raise PermissionDenied("a school's service opens within its school")
    if any(school is None or group.school_id != school.pk for group in chosen):
        raise PermissionDenied("a class of another school")
    wanted = [
        ServiceAudience(service=held, profile=profile, school=school, group=group)
        for profile in (list(profiles) or [""])
        for group in places
    ]
    before = held.audiences.count()
    ServiceAudience.objects.bulk_create(wanted, ignore_conflicts=True)
    added = held.audiences.count() - before
    if added:
        journal_change(held, ServiceAct.POPULATION_ADDED, by, count=added)
    return added


@transaction.atomic
def remove_population(*, service: Service, audience: ServiceAudience, by: ActorAndOrigin) -> None:
    """Close the service to one population; named users keep their access."""
    held = lock_service(service, by)
    removed, _ = held.audiences.filter(pk=audience.pk).delete()
    if removed:
        journal_change(held, ServiceAct.POPULATION_REMOVED, by, count=removed)


@transaction.atomic
def grant_access(
    *, service: Service, person: Person, expires_on: datetime.date | None, by: ActorAndOrigin
) -> ServiceGrant:
    """Open the service to a named user, until a last day (included) when there is one."""
    held = lock_service(service, by)
    actor = actor_now(by)
    if not persons_for_services(actor).filter(pk=person.pk).exists():
        raise PermissionDenied("not a person of theirs")
    open_grants = held.grants.filter(
        person=person, right=ServiceRight.USE, withdrawn_at__isnull=True
    )
    # One that ran out was withdrawn by nobody, and stands in the way of a new one.
    open_grants.filter(expires_on__lt=timezone.localdate()).update(withdrawn_at=timezone.now())
    if open_grants.exists():
        raise ValidationError(_ALREADY)
    grant = ServiceGrant.objects.create(
        service=held,
        person=person,
        granted_by_id=actor.person_id,
        expires_on=expires_on,
    )
    journal_change(
        held,
        ServiceAct.GRANTED,
        by,
        subject=person.uuid,
        grant=grant.uuid,
        until=expires_on,
    )
    return grant


@transaction.atomic
def withdraw_access(*, grant: ServiceGrant, by: ActorAndOrigin) -> None:
    """Withdraw a named user's access, with effect on their next request; twice changes nothing."""
    held = lock_service(grant.service, by)
    kept = ServiceGrant.objects.select_for_update(of=("self",)).select_related("person")
    found = kept.get(pk=grant.pk)
    if found.withdrawn_at is not None:
        return
    found.withdrawn_at = timezone.now()
    found.save(update_fields=["withdrawn_at"])
    journal_change(held, ServiceAct.WITHDRAWN, by, subject=found.person.uuid, grant=found.uuid)
