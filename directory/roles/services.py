"""Roles given and withdrawn (R-D8)."""

from __future__ import annotations

import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from directory.enums import Role
from directory.models.groups import Group
from directory.models.persons import Person
from directory.models.roles import RoleGrant
from directory.models.schools import Authority, School
from directory.rights.actors import Actor, actor_for
from directory.rights.perms import can_give_role, can_withdraw_role
from directory.schools.school_year import end_of_school_year
from ent.audit.enums import Act as AuditAct
from ent.audit.origin import Origin
from ent.audit.services import record

_ALREADY = "Cette personne a déjà ce rôle ici."


def last_day_of(role: Role, today: datetime.date) -> datetime.date | None:
    """The latest end of a role given today: a form teacher's ends with the school year."""
    return end_of_school_year(today) if role is Role.FORM_TEACHER else None


def give_role(
    *,
    person: Person,
    role: Role,
    actor: Actor,
    origin: Origin,
    school: School | None = None,
    group: Group | None = None,
    authority: Authority | None = None,
    expires_on: datetime.date | None = None,
) -> RoleGrant:
    """Give *role* to *person* there, until *expires_on* (included) when there is an end.

    A form teacher's role ends with the school year at the latest, without a date at its end.
    The rights of the giver are read again inside the transaction: a right withdrawn between the
    page and the submit gives nothing (T-F4). Raises ``PermissionDenied`` or ``ValidationError``.
    """
    last_day = last_day_of(role, timezone.localdate())
    if last_day is not None and expires_on is not None and expires_on > last_day:
        raise ValidationError(
            f"Une classe finit avec l’année scolaire\u00a0: choisissez le {last_day:%d/%m/%Y} "
            "au plus tard."
        )
    expires_on = expires_on or last_day
    with transaction.atomic():
        giver = Person.objects.select_for_update(no_key=True).get(pk=actor.person_id)
        verdict = can_give_role(
            actor_for(giver),
            person=person,
            role=role,
            school=school,
            group=group,
            authority=authority,
        )
        if not verdict:
            raise PermissionDenied(verdict.reason)
        _close_expired(person=person, role=role, school=school, group=group, authority=authority)
        try:
            with transaction.atomic():
                grant = RoleGrant.objects.create(
                    person=person,
                    role=role,
                    school=school,
                    group=group,
                    authority=authority,
                    granted_by=giver,
                    expires_on=expires_on,
                )
        except IntegrityError as error:
            raise ValidationError(_ALREADY) from error
        record(
            act=AuditAct.ROLE_GRANTED,
            actor=actor.uuid,
            subject=person.uuid,
            school_uai=_school_uai(grant),
            authority_code=_authority_code(grant),
            origin=origin,
            details={"role": role.value, "grant": grant.uuid, "until": expires_on},
        )
    return grant


def withdraw_role(*, grant: RoleGrant, actor: Actor, origin: Origin) -> RoleGrant:
    """Withdraw a role with effect on its holder's next request.

    The row stays, withdrawn: a role that came from the feed does not come back with the next
    import. Withdrawing twice changes nothing more.
    """
    with transaction.atomic():
        kept = (
            RoleGrant.objects.select_for_update(of=("self",))
            .select_related("person", "school__authority", "group__school__authority", "authority")
            .get(pk=grant.pk)
        )
        actor_person = Person.objects.get(pk=actor.person_id)
        verdict = can_withdraw_role(actor_for(actor_person), kept)
        if not verdict:
            raise PermissionDenied(verdict.reason)
        if kept.withdrawn_at is not None:
            return kept
        kept.withdrawn_at = timezone.now()
        kept.withdrawn_by = actor_person
        kept.save(update_fields=["withdrawn_at", "withdrawn_by"])
        record(
            act=AuditAct.ROLE_WITHDRAWN,
            actor=actor.uuid,
            subject=kept.person.uuid,
            school_uai=_school_uai(kept),
            authority_code=_authority_code(kept),
            origin=origin,
            details={"role": kept.role, "grant": kept.uuid},
        )
    return kept


def _close_expired(
    *,
    person: Person,
    role: Role,
    school: School | None,
    group: Group | None,
    authority: Authority | None,
) -> None:
    """Close the same role that ran out: a row that is not withdrawn stands in the way of a new one.

    Nobody withdrew it: only what a person withdrew stops the next import from giving it.
    """
    former = RoleGrant.objects.filter(
        person=person,
        role=role,
        school=school,
        group=group,
        authority=authority,
        withdrawn_at__isnull=True,
        expires_on__lt=timezone.localdate(),
    )
    former.update(withdrawn_at=timezone.now())


def _place(grant: RoleGrant) -> School | None:
    return grant.group.school if grant.group is not None else grant.school


def _school_uai(grant: RoleGrant) -> str:
    place = _place(grant)
    return place.uai if place is not None else ""


def _authority_code(grant: RoleGrant) -> str:
    place = _place(grant)
    if place is not None:
        return place.authority.code
    return grant.authority.code if grant.authority is not None else ""
