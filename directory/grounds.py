"""Among whom a search looks: few listed persons, those of whole academies, or everybody visible.

The smallest set that is sure to hold whoever answers leads; everything else is a condition.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.db.models import Max, Min, Q, QuerySet

from directory import scopes
from directory.actors import Actor, Grant
from directory.acts import Act, Scope
from directory.enums import AccessState, GroupKind, Profile
from directory.forms.search import LEAVING, NO_ACCOUNT, Criteria
from directory.lookups import MOST_HASHED
from directory.models import Affiliation, Group, Membership, Person, Responsibility, Teaching
from directory.querysets import PersonQuerySet
from directory.search import bearing, in_academies
from directory.word_index import academy_word

#: Reading the names of so many persons takes less than any other way of finding them.
FEW_PERSONS = 16_000
#: Of the persons of a class or a subject: beyond, a walk meets a thousand of them sooner.
FEW_OF_A_SET = 8_000
#: Of a thousand persons, so many must be of an academy for a walk to meet its own soon.
_MANY_OF_A_THOUSAND = 80
#: From here on an academy's word in the index of words would cost more than it leaves out.
_NEARLY_ALL_OF_A_THOUSAND = 900
_REMEMBERED_SECONDS = 600
_ACADEMIC = frozenset({Scope.AUTHORITY, Scope.AUTHORITY_STAFF})


@dataclass(frozen=True, slots=True)
class Ground:
    """Among whom to look: few listed persons, those of whole academies, or everybody visible."""

    persons: PersonQuerySet
    is_narrow: bool = False
    academies: tuple[int, ...] = ()
    is_dense: bool = False
    """A walk past everybody meets these persons soon."""
    indexed_academies: tuple[int, ...] = ()
    """Those worth asking for in the index of words."""


def parts_of(actor: Actor) -> list[Actor]:
    """Return the actor with each kind of grant alone, when one look-up does not serve them all.

    Whole academies, the staff of academies, and anything else are looked up differently; few
    persons, and everybody, are one look-up.
    """
    kinds: dict[Scope | None, list[Grant]] = {}
    for grant in actor.grants:
        for reach in replace(actor, grants=(grant,)).reaches(Act.SEARCH):
            kind = reach.scope if reach.scope in _ACADEMIC else None
            kinds.setdefault(kind, []).append(grant)
    if len(kinds) < 2 or actor.has_whole_portal(Act.SEARCH):
        return [actor]
    academic = [reach for reach in actor.reaches(Act.SEARCH) if reach.scope in _ACADEMIC]
    if scopes.few_persons_within(academic, most=FEW_PERSONS) is not None:
        return [actor]
    return [replace(actor, grants=tuple(grants)) for grants in kinds.values()]


def ground_of(part: Actor, actor: Actor, criteria: Criteria, long_words: list[str]) -> Ground:
    """Return whom *part* of the grants of *actor* shows, of the groups and kinds asked for.

    The groups are those of all grants. *long_words* are asked for as well: of everybody, their
    bearers may be few.
    """
    ground = _among(part, _sets(actor, criteria), criteria, long_words)
    persons = _in_state(ground.persons, criteria.state)
    if criteria.profile:
        persons = persons.filter(profile=criteria.profile)
    return replace(ground, persons=persons)


def _among(
    actor: Actor, sets: list[QuerySet[Any]], criteria: Criteria, long_words: list[str]
) -> Ground:
    """Return the persons to look among: those of the actor's who are in all the *sets* asked for.

    The first set that is small enough leads; the others are conditions. The
    planner would not find that out: it cannot know that a class is rarer than a name.
    """
    reaches = list(actor.reaches(Act.SEARCH))
    few: list[int] | ArraySubquery | None = None
    rest: list[Q] = []
    for identifiers in sets:
        number = identifiers[: MOST_HASHED + 1].count()
        if few is None and number <= FEW_OF_A_SET:
            few = ArraySubquery(identifiers)
        else:
            rest.append(_in_set(identifiers, number))
    visible = Person.objects.visible_to(actor)
    if few is None:
        # When the scope leads, whom it covers is known: the wall is not asked a second time.
        few = scopes.few_persons_within(reaches, most=FEW_PERSONS)
        if few is not None:
            visible = Person.objects.all()
    academies, is_staff_only = scopes.academies_within(reaches)
    share = 0
    if academies:
        share = _share_of(academies) if few is None else 0
        visible = in_academies(Person.objects.all(), academies)
        if is_staff_only:
            visible = visible.filter(profile__in=Profile.of_the_feed_staff())
    elif actor.has_whole_portal(Act.SEARCH):
        share = 1_000
    elif few is None:
        few = _bearers_if_few(long_words)
    persons = visible if few is None else visible.filter(pk__any_of=few)
    for condition in rest:
        persons = persons.filter(condition)
    return Ground(
        persons,
        is_narrow=few is not None,
        academies=tuple(academies),
        is_dense=share >= _MANY_OF_A_THOUSAND and not (rest or is_staff_only or criteria.state),
        indexed_academies=tuple(academies) if share < _NEARLY_ALL_OF_A_THOUSAND else (),
    )


def _in_set(identifiers: QuerySet[Any], number: int) -> Q:
    """Be in a set too large to lead: a hash of it is looked up, unless it is larger still."""
    if number > MOST_HASHED:
        return Q(pk__in=identifiers)
    return Q(pk__in_hash=identifiers[:MOST_HASHED])


def _bearers_if_few(long_words: list[str]) -> ArraySubquery | None:
    """Whoever bears the long words typed, of everybody: the last set that may be small."""
    if not long_words:
        return None
    bearers = bearing(Person.objects.all(), long_words).order_by().values("pk")
    return None if scopes.there_are_more(bearers, FEW_PERSONS) else ArraySubquery(bearers)


def _sets(actor: Actor, criteria: Criteria) -> list[QuerySet[Any]]:
    """The persons of the group, class, subject and schools asked for, the rarest first."""
    groups = Group.objects.visible_to(actor)
    sets: list[QuerySet[Any]] = []
    if criteria.group is not None:
        sets.append(_members(Membership.objects.filter(group=criteria.group), actor, criteria))
    if criteria.class_code:
        of_code = groups.filter(kind=GroupKind.CLASS, code__iexact=criteria.class_code)
        # Listed once: this set is counted, then looked up by each statement that follows.
        listed = list(of_code.order_by().values_list("pk", flat=True))
        sets.append(_members(Membership.objects.filter(group__any_of=listed), actor, criteria))
    if criteria.subject:
        taught = Teaching.objects.filter(subject__label=criteria.subject)
        is_everywhere = actor.has_whole_portal(Act.SEARCH)
        taught = taught if is_everywhere else taught.filter(group__in=groups)
        sets.append(taught.order_by().values("person"))
    if criteria.schools:
        there = Affiliation.objects.filter(school__in=criteria.schools)
        sets.append(there.order_by().values("person"))
    return sets


def _members(there: QuerySet[Membership], actor: Actor, criteria: Criteria) -> QuerySet[Any]:
    """The members of groups; asked for guardians, those of their pupils (« parents de 6A »).

    Of pupils whom the actor sees: who reads the groups of an academy and the pupils of one class
    would learn otherwise where the other children of a parent are (T-F5).
    """
    members = there.order_by().values("person")
    if criteria.profile not in (Profile.GUARDIAN, Profile.CONTACT):
        return members
    pupils = Responsibility.objects.filter(pupil__in=members)
    if not actor.has_whole_portal(Act.SEARCH):
        pupils = pupils.filter(pupil__in=Person.objects.visible_to(actor))
    return pupils.order_by().values("guardian").distinct()


def _in_state(found: PersonQuerySet, state: str) -> PersonQuerySet:
    if state == LEAVING:
        return found.filter(left_at__isnull=False)
    if state:
        wanted = AccessState.NONE if state == NO_ACCOUNT else AccessState(state)
        return found.filter(access_state=wanted, left_at__isnull=True)
    return found


def _share_of(academies: list[int]) -> int:
    """Of a thousand persons, how many are of *academies*, from a sample; remembered for a while.

    It decides how one looks up, not whom one finds.
    """
    key = f"share-of-{'-'.join(map(str, academies))}"
    known: int | None = cache.get(key)
    if known is None:
        wanted = {f"{academy_word(academy)} " for academy in academies}
        held = Person.objects.filter(pk__any_of=_sampled_ids()).values_list("academies", flat=True)
        known = sum(1_000 for one in held if any(word in one for word in wanted))
        known //= max(len(held), 1)
        cache.set(key, known, _REMEMBERED_SECONDS)
    return known


def _sampled_ids() -> range:
    """A thousand ids, as far from each other as they can be; of some nobody is left."""
    ends = Person.objects.aggregate(first=Min("pk"), last=Max("pk"))
    first, last = ends["first"] or 0, ends["last"] or 0
    return range(first, last + 1, (last - first) // 1_000 + 1)
