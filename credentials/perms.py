"""Who may handle credential files: ENT administrators everywhere, administrators in their schools.

A manager of credentials and a form teacher hand slips over, they never hold a whole file.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from directory.enums import Role
from directory.models import Person, RoleGrant, School


def schools_with_files_of(person: Person) -> QuerySet[School]:
    """Return the open schools whose files *person* may make, download and delete, read afresh.

    An ENT administrator has the whole portal, or one authority when the role says so; an
    administrator of schools has those. Nobody else has any.
    """
    grants = RoleGrant.objects.in_force().filter(person=person)
    wide = grants.filter(role=Role.ENT_ADMINISTRATOR)
    schools = School.objects.active()
    if person.left_at is not None:
        return schools.none()
    if wide.filter(authority__isnull=True).exists():
        return schools
    return schools.filter(
        Q(authority__in=wide.values("authority"))
        | Q(pk__in=grants.filter(role=Role.SCHOOL_ADMINISTRATOR).values("school"))
    )


def can_handle_files(person: Person, school: School) -> bool:
    """May *person* make, download or delete the files of *school*, now?"""
    return schools_with_files_of(person).filter(pk=school.pk).exists()
