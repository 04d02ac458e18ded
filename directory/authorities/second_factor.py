"""Authorities that bind the heads, managers and form teachers of their schools to a second factor.

For an academic account the academy's own method counts; whoever has none installs an application
of ours at the next page (`accounts.steps`).
"""

from __future__ import annotations

from typing import Final

from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone

from directory.enums import Role
from directory.models.roles import RoleGrant
from directory.models.schools import Authority

#: A head is an administrator of the school, by the feed.
BOUND_ROLES: Final = (Role.SCHOOL_ADMINISTRATOR, Role.CREDENTIALS_MANAGER, Role.FORM_TEACHER)
BINDING_AUTHORITIES: Final = "directory-binding-authorities"
_KEPT_SECONDS: Final = 60

#: For a statement about grants under the name `held`: does their school's authority bind them?
IS_BOUND_BY_AUTHORITY: Final = """
    held.role = ANY(%(roles_bound_by_authority)s::text[]) AND EXISTS (
        SELECT FROM directory_school bound
          JOIN directory_authority binding ON binding.id = bound.authority_id
         WHERE binding.second_factor_from <= (now() AT TIME ZONE 'Europe/Paris')::date
           AND bound.id = coalesce(held.school_id, (
               SELECT school_id FROM directory_group WHERE id = held.group_id)))
"""
PARAMETERS: Final = {"roles_bound_by_authority": [role.value for role in BOUND_ROLES]}


def is_bound_by_authority(person_id: int) -> bool:
    """Does the authority of a school bind somebody by the role that they have there?

    Asked at each page of whoever has such a role: a portal where no authority binds anybody pays
    one statement a minute for it.
    """
    authorities = cache.get(BINDING_AUTHORITIES)
    if authorities is None:
        today = timezone.localdate()
        binding = Authority.objects.filter(second_factor_from__lte=today)
        authorities = list(binding.values_list("pk", flat=True))
        cache.set(BINDING_AUTHORITIES, authorities, _KEPT_SECONDS)
    if not authorities:
        return False
    there = Q(school__authority__in=authorities) | Q(group__school__authority__in=authorities)
    grants = RoleGrant.objects.in_force().filter(person=person_id, role__in=BOUND_ROLES)
    return grants.filter(there).exists()
