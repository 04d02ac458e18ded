"""Who is held to stricter limits, and who may act on an account of somebody else."""

from __future__ import annotations

from typing import cast

from django.db.models import Q
from django.http import HttpRequest

from accounts.account.models import Account
from accounts.enums import AccountKind
from directory.authorities.second_factor import BOUND_ROLES, is_bound_by_authority
from directory.enums import Role
from directory.models import Person, RoleGrant
from directory.rights.actors import Actor, actor_of
from directory.rights.acts import Rank
from directory.rights.conditions import ranked_below
from directory.rights.perms import YES, Verdict

SECOND_FACTOR_ROLES = (Role.ENT_ADMINISTRATOR, Role.HELPDESK)
_ADMINISTRATORS = (Role.ENT_ADMINISTRATOR, Role.SCHOOL_ADMINISTRATOR)


def has_administrator_limits(account: Account) -> bool:
    """Administrators open many files at once: longer password, shorter idle time."""
    return (
        account.is_operator
        or RoleGrant.objects.in_force()
        .filter(person=account.person_id, role__in=_ADMINISTRATORS)
        .exists()
    )


def must_use_second_factor(request: HttpRequest) -> bool:
    """ENT administrators and helpdesk open everybody's account: a password alone is too little.

    Heads, managers and form teachers are bound by their authority, from the day it says.

    Roles are those of this very request: somebody who has just received one installs an
    application before the role opens anything (R-B7).
    """
    if cast("Account", request.user).is_operator:
        return True
    actor = actor_of(request)
    if any(actor.has_role(role) for role in SECOND_FACTOR_ROLES):
        return True
    return any(map(actor.has_role, BOUND_ROLES)) and is_bound_by_authority(actor.person_id)


def may_install_second_factor(request: HttpRequest) -> bool:
    """Local accounts may; of those who come from an academy, whose role demands it."""
    is_local = cast("Account", request.user).kind == AccountKind.LOCAL
    return is_local or must_use_second_factor(request)


def can_reset_second_factor(actor: Actor, account: Account) -> bool:
    """Another ENT administrator helps who lost their device; never oneself.

    Equals may help each other here, which rank forbids elsewhere: a reset opens nothing by itself
    (the password stays, every session ends), and without it one lost phone needs the machine. An
    administrator of one authority does not reach an administrator of the whole portal.
    """
    if account.person_id == actor.person_id:
        return False
    mine = {grant.authority_id for grant in actor.grants if grant.role == Role.ENT_ADMINISTRATOR}
    if not mine or None in mine:
        return bool(mine)
    within = Q(authority__in=mine) | Q(school__authority__in=mine)
    within |= Q(group__school__authority__in=mine)
    theirs = RoleGrant.objects.in_force().filter(person=account.person_id)
    return theirs.exists() and not theirs.exclude(within).exists()


def can_unbind(actor: Actor, account: Account) -> Verdict:
    """May the actor cut the account from its academy? Never one's own nor an equal's (rank).

    Whoever cuts decides who may be bound next: an ENT administrator's binding is cut from the
    machine itself, by ``manage.py unbind_account``.
    """
    if account.person_id == actor.person_id:
        return Verdict(
            is_allowed=False,
            reason="On ne détache pas son propre compte\u00a0: demandez à l’exploitant de l’ENT.",
        )
    below = Person.objects.filter(ranked_below(Rank.ENT_ADMINISTRATOR), pk=account.person_id)
    if not below.exists():
        return Verdict(
            is_allowed=False,
            reason="Cette personne administre l’ENT, comme vous\u00a0: personne ne la détache "
            "d’ici. L’exploitant de l’ENT le fait depuis le serveur.",
        )
    return YES
