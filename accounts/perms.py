"""Who is held to stricter limits, and who may act on an account of somebody else."""

from __future__ import annotations

from accounts.models import Account
from directory.enums import Role
from directory.models import RoleGrant

_ADMINISTRATORS = (Role.ENT_ADMINISTRATOR, Role.SCHOOL_ADMINISTRATOR)


def has_administrator_limits(account: Account) -> bool:
    """Administrators open many files at once: longer password, shorter idle time."""
    return (
        account.is_operator
        or RoleGrant.objects.in_force()
        .filter(person=account.person_id, role__in=_ADMINISTRATORS)
        .exists()
    )
