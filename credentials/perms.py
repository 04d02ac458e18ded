"""Who may handle credential files: ENT administrators everywhere, administrators in their schools.

A manager of credentials and a form teacher hand slips over, they never hold a whole file. The rule
itself stands in the directory's table of acts (``Act.CREDENTIAL_FILES``).
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest

from accounts.enums import AccountKind, AccountState
from accounts.models import Account
from accounts.second_factor.services import has_authenticator
from directory.enums import Role
from directory.models import Person, RoleGrant, School
from directory.models.schools import SchoolQuerySet
from directory.rights.actors import Actor, actor_for, actor_of
from directory.rights.acts import Act
from directory.rights.perms import Verdict, can_rescue
from directory.rights.walls import visible_groups, visible_schools

_HELD_BY_TWO_PROOFS = (Role.ENT_ADMINISTRATOR, Role.SCHOOL_ADMINISTRATOR, Role.HELPDESK)
_ACADEMIC = (
    "Connexion par l’académie\u00a0: l’ENT ne détient aucun mot de passe. "
    "L’assistance de l’académie dépanne cette personne."
)
_BLOCKED = (
    "Ce compte est bloqué\u00a0: un administrateur de l’établissement doit d’abord le rétablir."
)
_CLOSED = "Ce compte est fermé\u00a0: la personne a quitté l’établissement ou n’a plus d’accès."


def may_open_desk(request: HttpRequest) -> bool:
    """Does the person who asks handle files somewhere?"""
    return actor_of(request).may(Act.CREDENTIAL_FILES)


def schools_with_files_of(actor: Actor) -> SchoolQuerySet:
    """Return the open schools whose files *actor* may make, download and delete."""
    return visible_schools(actor, Act.CREDENTIAL_FILES).active()


def may_still_handle_files(person_uuid: UUID, school: School) -> bool:
    """May this person handle the files of *school* at this very moment?

    Asked by the worker, long after the page: roles are read afresh, and somebody who left or
    whose account was blocked meanwhile has no right any more (T-F4).
    """
    actor = actor_still_in_charge(person_uuid)
    return actor is not None and schools_with_files_of(actor).filter(pk=school.pk).exists()


def may_open_slips(request: HttpRequest) -> bool:
    """Does the person who asks hand slips over somewhere: a school, or a class of their own?"""
    return actor_of(request).may(Act.SLIPS)


def may_rescue(request: HttpRequest) -> bool:
    """Does the person who asks rescue accounts somewhere?"""
    return actor_of(request).may(Act.RESCUE)


def may_rescue_account(actor: Actor, account: Account) -> Verdict:
    """May the actor rescue this account? The person's rank decides, then what the account is.

    An account that holds no secret, or that is closed, would only lose what it has.
    """
    if account.kind == AccountKind.ACADEMIC:
        return Verdict(is_allowed=False, reason=_ACADEMIC)
    verdict = can_rescue(actor, account.person)
    if not verdict or account.is_active:
        return verdict
    is_blocked = account.state == AccountState.BLOCKED
    return Verdict(is_allowed=False, reason=_BLOCKED if is_blocked else _CLOSED)


def schools_with_slips_of(actor: Actor) -> SchoolQuerySet:
    """Return the open schools where *actor* may print slips, be it for a single class."""
    groups = visible_groups(actor, Act.SLIPS)
    return School.objects.active().filter(
        Q(pk__in=visible_schools(actor, Act.SLIPS).values("pk")) | Q(pk__in=groups.values("school"))
    )


def actor_still_in_charge(person_uuid: UUID) -> Actor | None:
    """Return the actor as they are now, None when they left or their account was blocked.

    Asked by the worker, long after the page (T-F4).
    """
    person = Person.objects.filter(uuid=person_uuid, left_at__isnull=True).first()
    account = getattr(person, "account", None)
    if person is None or account is None or not account.is_active:
        return None
    return actor_for(person)


def may_enter_by_link(account: Account) -> bool:
    """Does a mailed link, with the password that was just chosen, open a session by itself?

    Not for whoever must prove more than a mailbox: administrators, the helpdesk, and whoever has a
    second factor. They sign in by a door like every day, where it is asked for (T-C10).
    """
    roles = RoleGrant.objects.in_force().filter(person=account.person_id)
    if account.is_operator or roles.filter(role__in=_HELD_BY_TWO_PROOFS).exists():
        return False
    return not has_authenticator(account)
