"""Whose credentials: the one choice shared by slips, letters, mailings and rescues.

A `PopulationChoice` says it in words (profiles, classes, states…); `chosen_accounts` turns it into
accounts, always within what the actor may do; `tally` says beforehand how many there are, and why
the others are not among them. Nobody is left out without a reason that the screen shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Self
from uuid import UUID

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Now

from accounts.enums import AccountKind, AccountState
from accounts.models import Account, ActivationCode
from credentials.days import start_of_day
from credentials.enums import EmailPresence, LeftOut
from directory.enums import MembershipRole, Profile
from directory.models import Affiliation, Membership, Person, Responsibility
from directory.models.persons import NURSERY_LEVELS
from directory.rights.actors import Actor
from directory.rights.acts import Act
from directory.rights.conditions import persons_for
from messaging.addresses.known import reached_by_mail

#: Profiles whose accounts the ENT itself may manage, in the order of the screens.
LOCAL_PROFILES: Final = (Profile.PUPIL, Profile.GUARDIAN, Profile.GUEST, Profile.LOCAL_AUTHORITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationChoice:
    """What was ticked. Empty tuples ask for everybody; ``persons`` narrows to named people."""

    school_id: int
    profiles: tuple[Profile, ...] = ()
    groups: tuple[UUID, ...] = ()
    states: tuple[AccountState, ...] = (AccountState.PENDING,)
    email: EmailPresence = EmailPresence.ANY
    created_since: date | None = None
    is_only_not_handed_over: bool = False
    is_only_with_postal_address: bool = False
    is_without_nursery: bool = False
    persons: tuple[UUID, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what a row keeps of it: words and identifiers, no personal data."""
        return {
            "profiles": [profile.value for profile in self.profiles],
            "groups": [str(group) for group in self.groups],
            "states": [state.value for state in self.states],
            "email": self.email.value,
            "created_since": self.created_since.isoformat() if self.created_since else None,
            "is_only_not_handed_over": self.is_only_not_handed_over,
            "is_only_with_postal_address": self.is_only_with_postal_address,
            "is_without_nursery": self.is_without_nursery,
            "persons": [str(person) for person in self.persons],
        }

    @classmethod
    def from_json(cls, school_id: int, kept: Mapping[str, Any]) -> Self:
        """Read back what `as_json` gave."""
        since = kept["created_since"]
        return cls(
            school_id=school_id,
            profiles=tuple(Profile(value) for value in kept["profiles"]),
            groups=tuple(UUID(value) for value in kept["groups"]),
            states=tuple(AccountState(value) for value in kept["states"]),
            email=EmailPresence(kept["email"]),
            created_since=date.fromisoformat(since) if since else None,
            is_only_not_handed_over=kept["is_only_not_handed_over"],
            is_only_with_postal_address=kept["is_only_with_postal_address"],
            is_without_nursery=kept.get("is_without_nursery", False),
            persons=tuple(UUID(value) for value in kept["persons"]),
        )


@dataclass(frozen=True, slots=True)
class PopulationCounts:
    """How many accounts a choice holds, and how many people stand beside it, by reason."""

    chosen: int
    left_out: Mapping[LeftOut, int] = field(default_factory=dict)

    @property
    def reasons(self) -> list[tuple[LeftOut, int]]:
        """The reasons that concern somebody, in the order in which they are asked."""
        return [(reason, self.left_out[reason]) for reason in LeftOut if self.left_out.get(reason)]


def chosen_accounts(choice: PopulationChoice, *, actor: Actor, act: Act) -> QuerySet[Account]:
    """Return the accounts that *choice* holds among those on which *actor* may do *act*."""
    people = _population(choice).filter(persons_for(actor, act))
    return Account.objects.filter(person__in=people.values("pk")).exclude(_left_out(choice))


def tally(choice: PopulationChoice, *, actor: Actor, act: Act) -> PopulationCounts:
    """Count, in one statement, who is chosen and why the others of these classes are not."""
    counted = (
        _population(choice)
        .annotate(reason=_reason(choice, allowed=persons_for(actor, act)))
        .order_by()
        .values_list("reason")
        .annotate(Count("pk"))
    )
    by_reason = dict(counted)
    chosen = by_reason.pop("", 0)
    return PopulationCounts(chosen, {LeftOut(word): number for word, number in by_reason.items()})


def missing_persons(choice: PopulationChoice, *, actor: Actor, act: Act) -> int:
    """Return how many of the named people are not there, within the actor's reach (T-F3)."""
    there = Affiliation.objects.filter(school=choice.school_id).values("person")
    found = Person.objects.filter(persons_for(actor, act), uuid__in=choice.persons, pk__in=there)
    return len(set(choice.persons)) - found.count()


def _population(choice: PopulationChoice) -> QuerySet[Person]:
    """People of the school, of these profiles and classes, who are there and could sign in."""
    there = Affiliation.objects.filter(school=choice.school_id)
    people = Person.objects.filter(pk__in=there.values("person"), left_at__isnull=True)
    people = people.filter(profile__in=choice.profiles or LOCAL_PROFILES)
    if choice.groups:
        pupils = Membership.objects.filter(
            group__uuid__in=choice.groups,
            group__school=choice.school_id,
            role=MembershipRole.PUPIL,
        ).values("person")
        parents = Responsibility.objects.filter(pupil__in=pupils).values("guardian")
        people = people.filter(Q(pk__in=pupils) | Q(pk__in=parents))
    if choice.persons:
        people = people.filter(uuid__in=choice.persons)
    return people


def _conditions(choice: PopulationChoice, prefix: str) -> Iterable[tuple[LeftOut, Q]]:
    """Give each reason with its condition, in order; *prefix* leads from the row to the account."""
    person = "person__" if not prefix else ""
    yield LeftOut.ACADEMIC, Q(**{f"{prefix}kind": AccountKind.ACADEMIC})
    yield LeftOut.BLOCKED, Q(**{f"{prefix}state": AccountState.BLOCKED})
    yield LeftOut.STATE, ~Q(**{f"{prefix}state__in": choice.states})
    if choice.email != EmailPresence.ANY:
        key = "pk" if prefix else "person"
        is_reached = Q(reached_by_mail(_population(choice), person=key))
        if choice.email == EmailPresence.WITH:
            yield LeftOut.NO_EMAIL, ~is_reached
        else:
            yield LeftOut.HAS_EMAIL, is_reached
    if choice.created_since is not None:
        first: datetime = start_of_day(choice.created_since)
        yield LeftOut.OLDER, Q(**{f"{prefix}created_at__lt": first})
    if choice.is_only_with_postal_address:
        no_town = Q(**{f"{person}town": "", f"{person}postal_code": ""})
        yield LeftOut.NO_POSTAL_ADDRESS, Q(**{f"{person}address": ""}) | no_town
    if choice.is_without_nursery:
        yield (
            LeftOut.NURSERY,
            Q(**{f"{person}profile": Profile.PUPIL, f"{person}level__in": NURSERY_LEVELS}),
        )
    if choice.is_only_not_handed_over:
        account = "account__pk" if prefix else "pk"
        handed = ActivationCode.objects.filter(
            account=OuterRef(account), handed_over_at__isnull=False, expires_at__gt=Now()
        )
        yield LeftOut.HANDED_OVER, Q(Exists(handed))


def _left_out(choice: PopulationChoice) -> Q:
    """Accounts that the criteria leave out."""
    condition = Q(pk__in=[])
    for _, left_out in _conditions(choice, ""):
        condition |= left_out
    return condition


def _reason(choice: PopulationChoice, *, allowed: Q) -> Case:
    """The first reason that leaves a person out, "" for who is chosen."""
    within = Person.objects.filter(allowed).values("pk")
    return Case(
        When(account__isnull=True, then=Value(LeftOut.NO_ACCOUNT.value)),
        When(
            Q(account__kind=AccountKind.LOCAL) & ~Q(pk__in=within),
            then=Value(LeftOut.OUT_OF_REACH.value),
        ),
        *(
            When(condition, then=Value(reason.value))
            for reason, condition in _conditions(choice, "account__")
        ),
        default=Value(""),
    )
