"""The persons among whom a search looks: few listed ids, whole academies, or everybody visible.

The smallest set that is sure to hold all answers is listed first; all else becomes a condition.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.db.models import Max, Min, Q, QuerySet

from directory.enums import AccessState, GroupKind, Profile
from directory.models.groups import Membership, Teaching
from directory.models.persons import Affiliation, Person, PersonQuerySet, Responsibility
from directory.names.matching import bearing, in_academies
from directory.names.word_index import academy_word
from directory.rights.actors import Actor, Grant
from directory.rights.acts import Act, Scope
from directory.rights.walls import visible_groups, visible_persons
from directory.search.forms import LEAVING, NO_ACCOUNT, Criteria
from directory.search.reach import academies_within, few_persons_within, there_are_more
from ent.database.id_lookups import MOST_HASHED

#: Up to so many persons, reading all their names is faster than any index of names.
FEW_PERSONS = 16_000
#: The same for the persons of a class or a subject, which the index of names meets sooner.
FEW_OF_A_SET = 8_000
#: From this share of the portal on (per thousand), reading an index in order soon meets an academy.
MANY_PER_THOUSAND = 80
#: From this share on, the academy's word in the index of words costs more than it leaves out.
NEARLY_ALL_PER_THOUSAND = 900
_REMEMBERED_SECONDS = 600
_ACADEMIC = frozenset({Scope.AUTHORITY, Scope.AUTHORITY_STAFF})


@dataclass(frozen=True, slots=True)
class Candidates:
    """The persons among whom to look, and how they are best looked up."""

    persons: PersonQuerySet
    is_narrow: bool = False
    academies: tuple[int, ...] = ()
    is_dense: bool = False
    """Reading an index of everybody in its order meets these persons soon."""
    indexed_academies: tuple[int, ...] = ()
    """The academies that are worth a condition in the index of words."""


def parts_of(actor: Actor) -> list[Actor]:
    """Split the actor by kinds of grants that one look-up cannot serve together.

    Whole academies, the staff of academies, and all other grants are looked up differently. Few
    persons in all, or everybody, are one look-up.
    """
    kinds: dict[Scope | None, list[Grant]] = {}
    for grant in actor.grants:
        for reach in replace(actor, grants=(grant,)).reaches(Act.SEARCH):
            kind = reach.scope if reach.scope in _ACADEMIC else None
            kinds.setdefault(kind, []).append(grant)
    if len(kinds) < 2 or actor.has_whole_portal(Act.SEARCH):
        return [actor]
    academic = [reach for reach in actor.reaches(Act.SEARCH) if reach.scope in _ACADEMIC]
    if few_persons_within(academic, most=FEW_PERSONS) is not None:
        return [actor]
    return [replace(actor, grants=tuple(grants)) for grants in kinds.values()]


def candidates_of(
    part: Actor, actor: Actor, criteria: Criteria, long_words: list[str]
) -> Candidates:
    """Return the candidates of *part* (see :func:`parts_of`) under the filters of *criteria*.

    Groups are those that the whole *actor* sees. *long_words* are looked up too when all else is
    everybody: few persons may have them.
    """
    candidates = _among(part, _sets(actor, criteria), criteria, long_words)
    persons = _in_state(candidates.persons, criteria.state)
    if criteria.profile:
        persons = persons.filter(profile=criteria.profile)
    return replace(candidates, persons=persons)


def _among(
    actor: Actor, sets: list[QuerySet[Any]], criteria: Criteria, long_words: list[str]
) -> Candidates:
    """Return the actor's persons who are in all the *sets*.

    The first set that is small enough is listed by id; the others become conditions. The planner
    cannot choose this: it does not know that a class is rarer than a name.
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
    visible = visible_persons(actor)
    if few is None:
        # The ids listed are exactly those in reach: the wall's condition is not added again.
        few = few_persons_within(reaches, most=FEW_PERSONS)
        if few is not None:
            visible = Person.objects.all()
    academies, is_staff_only = academies_within(reaches)
    share = 0
    if academies:
        share = share_per_thousand(academies) if few is None else 0
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
    return Candidates(
        persons,
        is_narrow=few is not None,
        academies=tuple(academies),
        is_dense=share >= MANY_PER_THOUSAND and not (rest or is_staff_only or criteria.state),
        indexed_academies=tuple(academies) if share < NEARLY_ALL_PER_THOUSAND else (),
    )


def _in_set(identifiers: QuerySet[Any], number: int) -> Q:
    """The condition of being in a set too large to list: hashed, unless it is larger still."""
    if number > MOST_HASHED:
        return Q(pk__in=identifiers)
    return Q(pk__in_hash=identifiers[:MOST_HASHED])


def _bearers_if_few(long_words: list[str]) -> ArraySubquery | None:
    """List the persons who have all the long words, if they are few: the last set to try."""
    if not long_words:
        return None
    bearers = bearing(Person.objects.all(), long_words).order_by().values("pk")
    return None if there_are_more(bearers, FEW_PERSONS) else ArraySubquery(bearers)


def _sets(actor: Actor, criteria: Criteria) -> list[QuerySet[Any]]:
    """The ids of the persons of the group, class, subject and schools asked for, rarest first."""
    groups = visible_groups(actor)
    sets: list[QuerySet[Any]] = []
    if criteria.group is not None:
        sets.append(_members(Membership.objects.filter(group=criteria.group), actor, criteria))
    if criteria.class_code:
        of_code = groups.filter(kind=GroupKind.CLASS, code__iexact=criteria.class_code)
        # Listed once: the set is counted, then read by each statement that follows.
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
    """The members of groups; for the profile of guardians, the parents of their pupils.

    Only pupils whom the actor sees count: whoever reads the groups of an academy but the pupils of
    one class would otherwise learn where a parent's other children are (T-F5).
    """
    members = there.order_by().values("person")
    if criteria.profile not in (Profile.GUARDIAN, Profile.CONTACT):
        return members
    pupils = Responsibility.objects.filter(pupil__in=members)
    if not actor.has_whole_portal(Act.SEARCH):
        pupils = pupils.filter(pupil__in=visible_persons(actor))
    return pupils.order_by().values("guardian").distinct()


def _in_state(found: PersonQuerySet, state: str) -> PersonQuerySet:
    if state == LEAVING:
        return found.filter(left_at__isnull=False)
    if state:
        wanted = AccessState.NONE if state == NO_ACCOUNT else AccessState(state)
        return found.filter(access_state=wanted, left_at__isnull=True)
    return found


def share_per_thousand(academies: list[int]) -> int:
    """How many of a thousand persons are of *academies*: estimated from a sample, then cached.

    The figure decides which index is read, never whom a search finds.
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
    """A thousand evenly spaced ids; some belong to nobody any more."""
    ends = Person.objects.aggregate(first=Min("pk"), last=Max("pk"))
    first, last = ends["first"] or 0, ends["last"] or 0
    return range(first, last + 1, (last - first) // 1_000 + 1)
