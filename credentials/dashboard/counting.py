"""Accounts counted by state: of schools, of profiles, of classes; a fixed number of statements.

Who is counted is exactly who « Fiches et lettres » would take: accounts that the ENT manages, of
people who are there, within what the actor may do (``Act.SLIPS``). So « Non activés » of a row is
the number of sheets that its button makes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import Now

from accounts.enums import AccountKind, AccountState
from accounts.models import ActivationCode
from credentials.choice.population import LOCAL_PROFILES
from credentials.enums import Progress
from credentials.perms import schools_with_slips_of
from directory.enums import GroupKind, MembershipRole, Profile
from directory.models import Affiliation, Group, Person, School
from directory.rights.actors import Actor
from directory.rights.acts import Act, Scope
from directory.rights.conditions import persons_for
from directory.rights.walls import visible_groups
from ent.pages.figures import count_capped


@dataclass(frozen=True, slots=True)
class Counts:
    """How many accounts stand where; the four numbers share the accounts out, none is in two."""

    active: int = 0
    handed: int = 0
    waiting: int = 0
    blocked: int = 0

    def __add__(self, other: Self) -> Counts:
        """Put two sets of accounts together that share nobody."""
        return Counts(
            *(getattr(self, one.name) + getattr(other, one.name) for one in fields(Counts))
        )

    @property
    def total(self) -> int:
        """All accounts."""
        return self.active + self.handed + self.waiting + self.blocked

    @property
    def pending(self) -> int:
        """Accounts whose owner has not signed in with the code yet, handed over or not."""
        return self.handed + self.waiting

    @property
    def percent(self) -> int:
        """The activated share; 100 only when nobody is missing, 0 only when nobody is there."""
        if self.active in (0, self.total):
            return 100 if self.active else 0
        return min(99, max(1, round(100 * self.active / self.total)))

    @property
    def percent_words(self) -> str:
        """« 43 », and « moins de 1 » where one would be said of next to nobody."""
        is_less = 0 < 100 * self.active < self.total
        return f"moins de\u00a0{self.percent}" if is_less else str(self.percent)

    @property
    def parts(self) -> list[tuple[str, int, int]]:
        """(kind, start, width) of each part of a bar that is a thousand wide; empty parts left out.

        The edges are rounded, not the widths: together the parts are the whole bar.
        """
        parts = []
        before = 0
        for one in fields(Counts):
            after = before + getattr(self, one.name)
            if after > before:
                start, end = (round(1000 * edge / self.total) for edge in (before, after))
                parts.append((one.name, start, end - start))
            before = after
        return parts


NOBODY = Counts()
_FIELDS = {
    Progress.ACTIVE: "active",
    Progress.HANDED: "handed",
    Progress.WAITING: "waiting",
    Progress.BLOCKED: "blocked",
}


def people_counted(actor: Actor, schools: Iterable[int] | QuerySet[School]) -> QuerySet[Person]:
    """Return the people of *schools* whose account the ENT manages, within the actor's reach."""
    there = Affiliation.objects.filter(school__in=schools)
    return Person.objects.filter(
        persons_for(actor, Act.SLIPS),
        pk__in=there.values("person"),
        left_at__isnull=True,
        profile__in=LOCAL_PROFILES,
        account__kind=AccountKind.LOCAL,
    ).order_by()


def count_waiting(actor: Actor) -> int:
    """Count the accounts still to be handed over, in all schools of *actor*; up to the cap.

    Over a portal or an authority the codes are walked and not the people: a cap is soon reached
    where many wait, and where few wait few codes are left.
    """
    if not any(
        reach.scope in (Scope.PORTAL, Scope.AUTHORITY) for reach in actor.reaches(Act.SLIPS)
    ):
        people = people_counted(actor, schools_with_slips_of(actor).order_by())
        return count_capped(people.annotate(progress=_progress()).filter(progress=Progress.WAITING))
    codes = ActivationCode.objects.filter(
        Q(handed_over_at__isnull=True) | Q(expires_at__lte=Now()),
        account__kind=AccountKind.LOCAL,
        account__state=AccountState.PENDING,
        account__person__in=Person.objects.filter(
            persons_for(actor, Act.SLIPS), left_at__isnull=True, profile__in=LOCAL_PROFILES
        ),
    )
    return count_capped(codes)


def count_by_profile(people: QuerySet[Person]) -> dict[Profile, Counts]:
    """Count by profile, in the order of the screens; one statement."""
    return _ordered(_counted(people, by=None).get(0, {}))


def count_by_school(
    people: QuerySet[Person], schools: QuerySet[School]
) -> dict[int, dict[Profile, Counts]]:
    """Count by school and profile; a parent of two schools counts in both; one statement."""
    within = people.filter(affiliations__school__in=schools)
    return {
        key: _ordered(of_it) for key, of_it in _counted(within, by="affiliations__school").items()
    }


def classes_with_counts(
    people: QuerySet[Person], *, school: School, actor: Actor
) -> list[tuple[Group, dict[Profile, Counts]]]:
    """Return the classes that the actor reaches, each with its pupils and their parents.

    Three statements. A parent of two pupils counts once in a class, and in each of two classes.
    """
    classes = list(
        visible_groups(actor, Act.SLIPS)
        .filter(school=school, kind=GroupKind.CLASS, is_present=True)
        .order_by("sort_key", "code", "pk")
    )
    pupils = _of_classes(people, "memberships", classes)
    parents = _of_classes(people, "children_links__pupil__memberships", classes)
    found = []
    for group in classes:
        both: dict[Profile, Counts] = dict(pupils.get(group.pk, {}))
        for profile, counts in parents.get(group.pk, {}).items():
            both[profile] = both.get(profile, NOBODY) + counts
        found.append((group, _ordered(both)))
    return found


def _of_classes(
    people: QuerySet[Person], path: str, classes: list[Group]
) -> dict[int, dict[Profile, Counts]]:
    within = people.filter(**{f"{path}__group__in": classes, f"{path}__role": MembershipRole.PUPIL})
    return _counted(within, by=f"{path}__group")


def total_of(counts: Mapping[Profile, Counts]) -> Counts:
    """All profiles together: nobody has two."""
    return sum(counts.values(), NOBODY)


def _ordered(counts: Mapping[Profile, Counts]) -> dict[Profile, Counts]:
    return {profile: counts[profile] for profile in LOCAL_PROFILES if profile in counts}


def _counted(people: QuerySet[Person], *, by: str | None) -> dict[int, dict[Profile, Counts]]:
    """Count each person once for each value of *by*; one statement."""
    rows: Iterable[Any] = (
        people.annotate(progress=_progress(), place=F(by) if by else Value(0))
        .values_list("place", "profile", "progress")
        .annotate(number=Count("pk", distinct=True))
    )
    numbers: dict[int, dict[Profile, dict[str, int]]] = defaultdict(dict)
    for place, profile, progress, number in rows:
        numbers[place].setdefault(Profile(profile), {})[_FIELDS[progress]] = number
    return {
        place: {profile: Counts(**of_it) for profile, of_it in profiles.items()}
        for place, profiles in numbers.items()
    }


def _progress() -> Case:
    """Where an account stands; a code past its date is to be handed over again."""
    handed = Q(
        account__activation_code__handed_over_at__isnull=False,
        account__activation_code__expires_at__gt=Now(),
    )
    return Case(
        When(account__state=AccountState.ACTIVE, then=Value(Progress.ACTIVE.value)),
        When(account__state=AccountState.BLOCKED, then=Value(Progress.BLOCKED.value)),
        When(handed, then=Value(Progress.HANDED.value)),
        default=Value(Progress.WAITING.value),
    )
