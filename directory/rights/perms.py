"""Questions about one person, role or place, answered with the business reason.

The table of acts and roles is :mod:`directory.rights.acts`. A question about an object re-reads it
through the walls, so that a page and the act that follows it are judged by the same condition.
"""

from __future__ import annotations

from dataclasses import dataclass

from directory.enums import Profile, Role
from directory.models.groups import Group
from directory.models.persons import Person
from directory.models.roles import RoleGrant
from directory.models.schools import Authority, School
from directory.rights.actors import Actor
from directory.rights.acts import (
    GIVEABLE_ROLES,
    RESCUED_PROFILES,
    ROLE_RANKS,
    Act,
    Rank,
)
from directory.rights.walls import persons_in_reach, visible_persons


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes, or no with the reason that a page shows."""

    is_allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.is_allowed


YES = Verdict(is_allowed=True)


def can_search(actor: Actor) -> bool:
    """Pupils and parents have no directory of others: minimal view (T-I3)."""
    return actor.may(Act.SEARCH)


def can_see_identity_details(actor: Actor, person: Person) -> bool:
    """Birth date, INE, address, phones: for those who keep the files of the school.

    A form teacher or a manager at a counter works with name, class and state; a pupil or a parent
    asks the school, which answers for the feed.
    """
    return (
        person.pk != actor.person_id
        and (actor.has_role(Role.ENT_ADMINISTRATOR) or actor.has_role(Role.SCHOOL_ADMINISTRATOR))
        and persons_in_reach(actor, Act.LIFE_CYCLE).filter(pk=person.pk).exists()
    )


def can_see_birth_date(actor: Actor, person: Person) -> bool:
    """At a counter two homonyms are told apart by the birth date, asked aloud."""
    if can_see_identity_details(actor, person):
        return True
    return (
        person.profile == Profile.PUPIL
        and actor.has_role(Role.CREDENTIALS_MANAGER)
        and visible_persons(actor, Act.RESCUE).filter(pk=person.pk).exists()
    )


def can_rescue(actor: Actor, person: Person) -> Verdict:
    """May the actor regenerate, unlock or change the login? Answers with the reason for a no."""
    if person.pk == actor.person_id:
        return Verdict(
            is_allowed=False, reason="On n’agit pas sur son propre compte : demandez à un collègue."
        )
    if not persons_in_reach(actor, Act.RESCUE).filter(pk=person.pk):
        return Verdict(is_allowed=False, reason="Votre rôle ne s’étend pas à cette personne.")
    if visible_persons(actor, Act.RESCUE).filter(pk=person.pk).exists():
        return YES
    if person.profile not in RESCUED_PROFILES:
        return Verdict(
            is_allowed=False,
            reason="Les personnels se connectent avec leur compte académique : "
            "l’assistance de leur académie les dépanne.",
        )
    return Verdict(
        is_allowed=False,
        reason="Cette personne a elle-même un rôle : seul un rôle supérieur peut agir.",
    )


def can_block(actor: Actor, person: Person) -> Verdict:
    """May the actor block or restore the account? Answers with the reason for a no."""
    if person.pk == actor.person_id:
        return Verdict(
            is_allowed=False, reason="On n’agit pas sur son propre compte : demandez à un collègue."
        )
    if visible_persons(actor, Act.LIFE_CYCLE).filter(pk=person.pk).exists():
        return YES
    if persons_in_reach(actor, Act.LIFE_CYCLE).filter(pk=person.pk).exists():
        return Verdict(
            is_allowed=False,
            reason="Cette personne a elle-même un rôle : seul un rôle supérieur peut agir.",
        )
    return Verdict(is_allowed=False, reason="Votre rôle ne s’étend pas à cette personne.")


def giveable_roles(actor: Actor, holder: Person) -> list[Role]:
    """Roles that the actor may give to *holder* somewhere, in the order of the vocabulary.

    A parent may write the page of the school; whatever opens the accounts of others is for staff.
    """
    allowed: set[Role] = set()
    for grant in actor.grants:
        allowed.update(GIVEABLE_ROLES.get(grant.role, ()))
    if holder.profile == Profile.GUARDIAN:
        allowed &= {Role.EDITOR}
    return [role for role in Role if role in allowed]


def can_hold_roles(actor: Actor, person: Person) -> Verdict:
    """May this person receive any role from the actor? Roles are for adults who are there."""
    if person.pk == actor.person_id:
        return Verdict(is_allowed=False, reason="On ne se donne pas un rôle à soi-même.")
    if person.profile in {Profile.PUPIL, Profile.CONTACT}:
        return Verdict(is_allowed=False, reason="Un élève ou un contact ne reçoit pas de rôle.")
    if person.left_at is not None:
        return Verdict(is_allowed=False, reason="Cette personne est en départ.")
    return YES


def can_give_role(
    actor: Actor,
    *,
    person: Person,
    role: Role,
    school: School | None = None,
    group: Group | None = None,
    authority: Authority | None = None,
) -> Verdict:
    """May the actor give *role* there to *person*? Heads make no administrators (R-D8)."""
    verdict = can_hold_roles(actor, person)
    if not verdict:
        return verdict
    if role in giveable_roles(actor, person) and _gives_there(
        actor, role=role, school=school, group=group, authority=authority
    ):
        return YES
    return Verdict(is_allowed=False, reason="Vous ne pouvez pas donner ce rôle à cet endroit.")


def can_withdraw_role(actor: Actor, grant: RoleGrant) -> Verdict:
    """Whoever may give a role there may withdraw it, except their own."""
    if grant.person_id == actor.person_id:
        return Verdict(is_allowed=False, reason="On ne se retire pas un rôle à soi-même.")
    allowed = _gives_there(
        actor,
        role=Role(grant.role),
        school=grant.school,
        group=grant.group,
        authority=grant.authority,
    )
    if allowed:
        return YES
    return Verdict(is_allowed=False, reason="Seul un administrateur ENT peut retirer ce rôle.")


def _gives_there(
    actor: Actor,
    *,
    role: Role,
    school: School | None,
    group: Group | None,
    authority: Authority | None,
) -> bool:
    if actor.is_head_of_portal:
        return True
    place = group.school if group is not None else school
    for grant in actor.grants:
        if role not in GIVEABLE_ROLES.get(grant.role, ()):
            continue
        if grant.role == Role.ENT_ADMINISTRATOR:
            # Within one authority: everything below, and no administrator beside oneself.
            there = place.authority_id if place else authority.pk if authority else None
            if there == grant.authority_id and ROLE_RANKS[role] < Rank.ENT_ADMINISTRATOR:
                return True
        elif place is not None and place.pk == grant.school_id:
            return True
    return False
