"""The persons in an actor's reach as ids read from the links, for searches.

It says the same as :mod:`directory.rights.conditions` in a form that leads to faster plans: for a
school or a class, testing each person's row would read the whole table.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.db.models import Q, QuerySet

from directory.enums import MembershipRole
from directory.models.groups import Membership
from directory.models.persons import Affiliation, Responsibility
from directory.rights.actors import Reach
from directory.rights.acts import Scope

_REMEMBERED_SECONDS = 600


def few_persons_within(reaches: Iterable[Reach], *, most: int) -> list[int] | ArraySubquery | None:
    """Return all persons whom *reaches* cover, for ``pk__any_of``, when they are at most *most*.

    The same persons as ``conditions.persons_within``. ``None``: too many, or a whole portal.
    """
    schools: list[int | None] = []
    authorities: list[int | None] = []
    classes: list[int | None] = []
    for reach in reaches:
        match reach.scope:
            case Scope.SCHOOLS:
                schools.append(reach.school_id)
            case Scope.CLASSES:
                classes.append(reach.group_id)
            case Scope.AUTHORITY:
                authorities.append(reach.authority_id)
            case _:
                return None
    there = Affiliation.objects.filter(_schools_or_authorities(schools, authorities))
    affiliated = there.order_by().values_list("person", flat=True)
    if _are_many(affiliated, [] if schools else authorities, most):
        return None
    if not classes:
        return ArraySubquery(affiliated)
    pupils = Membership.objects.filter(group__in=classes, role=MembershipRole.PUPIL)
    parents = Responsibility.objects.filter(pupil__in=pupils.values("person"))
    found = {
        *affiliated,
        *pupils.values_list("person", flat=True),
        *parents.values_list("guardian", flat=True),
    }
    return list(found) if len(found) <= most else None


def _are_many(affiliated: QuerySet[Any, Any], authorities: list[int | None], most: int) -> bool:
    """Are there more than *most*? « Yes » is cached for whole academies.

    The answer decides which index is read, never whom a search finds.
    """
    if not authorities:
        return there_are_more(affiliated, most)
    key = f"more-than-{most}-in-{'-'.join(sorted(map(str, authorities)))}"
    if cache.get(key):
        return True
    are_many = there_are_more(affiliated, most)
    if are_many:
        cache.set(key, True, _REMEMBERED_SECONDS)
    return are_many


def academies_within(reaches: Iterable[Reach]) -> tuple[list[int], bool]:
    """Return the authorities that *reaches* cover whole, and whether they cover only their staff.

    Empty when the reaches are of several kinds: a school too, or all of one and the staff of
    another.
    """
    found = {(reach.scope, reach.authority_id) for reach in reaches}
    academies = [authority_id for _, authority_id in found if authority_id is not None]
    scopes = {scope for scope, _ in found}
    if len(academies) < len(found) or scopes not in ({Scope.AUTHORITY}, {Scope.AUTHORITY_STAFF}):
        return [], False
    return sorted(academies), scopes == {Scope.AUTHORITY_STAFF}


def affiliated_among(identifiers: list[int], academies: Iterable[int]) -> set[int]:
    """Return those of *identifiers* who are affiliated in a school of one of *academies*.

    The same persons as ``conditions.persons_within``, asked from the links.
    """
    there = Affiliation.objects.filter(person__any_of=identifiers, school__authority__in=academies)
    return set(there.order_by().values_list("person", flat=True))


def there_are_more(identifiers: QuerySet[Any, Any], most: int) -> bool:
    """Are there more than *most*? Counts no further."""
    return bool(identifiers[most : most + 1])


def _schools_or_authorities(schools: list[int | None], authorities: list[int | None]) -> Q:
    if not authorities:
        return Q(school__in=schools)
    return Q(school__in=schools) | Q(school__authority__in=authorities)
