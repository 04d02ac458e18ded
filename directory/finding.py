"""One look-up of a search: its count, its page and its facets all come from the same ids.

At most a thousand persons are found; beyond, the screen says « plus de 1 000 » and asks for more
letters. The look-up never reads more than that needs:

- few persons to look among (a school, a class, a group): their ids come first, by index, and
  their names are read; the thousand are the first by name.
- everybody, and nothing or one or two letters: the index of names is walked in its order and left
  at the thousandth.
- everybody, and longer words: first the family names that begin so, walked likewise; when they
  are fewer than the cap, whoever else bears the words, from the index of words.

``docs/decisions/0020-a-search-looks-up-once.md`` says why, and what it costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet

from directory import scopes
from directory.actors import Actor
from directory.acts import Act
from directory.enums import AccessState, GroupKind
from directory.forms.search import LEAVING, NO_ACCOUNT, Criteria
from directory.models import Affiliation, Group, Membership, Person, Teaching
from directory.querysets import PersonQuerySet
from directory.search import (
    COUNT_CAP,
    INDEXED_LENGTH,
    bearing,
    beginning_with,
    folded_words,
    match_part,
    order_few_by_name,
    ranges_of,
    with_word_starts,
)

#: Reading the names of so many persons takes less than walking an index past all the others.
FEW_PERSONS = 16_000


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a search found: at most ``COUNT_CAP`` persons, in the order in which they are shown.

    ``is_in_order``: they are the first by name. Otherwise they are too many to be sorted, and
    ``has_families_first`` says whether the family names that begin so come first.
    """

    profiles: dict[int, str]
    """The profile of each id, in the order shown."""
    is_capped: bool = False
    is_in_order: bool = True
    has_families_first: bool = False

    @property
    def identifiers(self) -> list[int]:
        """The ids, in the order shown."""
        return list(self.profiles)

    @property
    def count(self) -> int:
        """How many there are, at most one more than the cap."""
        return len(self.profiles) + self.is_capped


def look_up(actor: Actor, criteria: Criteria, *, descending: bool = False) -> Found:
    """Find whom *actor* may see and who answers to *criteria*, by name."""
    persons, is_narrow = _among(actor, criteria)
    persons = _in_state(persons, criteria.state)
    if criteria.profile:
        persons = persons.filter(profile=criteria.profile)
    parts = {"family_name": criteria.family_name, "given_name": criteria.given_name}
    if not is_narrow and (alone := _long_word_alone(criteria, parts)):
        return _by_field(persons, *alone, descending=descending)
    for field_name, typed in parts.items():
        persons = match_part(persons, typed, field=field_name, is_narrow=is_narrow)
    words = folded_words(criteria.typed)
    if criteria.typed.strip() and not words:
        return Found({})
    if is_narrow:
        persons = persons.matching(criteria.typed, is_narrow=True)
        return _capped(_first(order_few_by_name(persons, descending=descending)))
    if not words:
        return _capped(_first(persons.in_name_order(descending=descending)))
    if all(len(word) < INDEXED_LENGTH for word in words):
        return _capped(_walk(persons, words, words, descending=descending))
    return _by_words(persons, words, descending=descending)


def _first(ordered: PersonQuerySet, most: int = COUNT_CAP + 1) -> dict[int, str]:
    return dict(ordered.values_list("pk", "profile")[:most])


def _capped(profiles: dict[int, str]) -> Found:
    """The first by name."""
    if len(profiles) <= COUNT_CAP:
        return Found(profiles)
    return Found(dict(islice(profiles.items(), COUNT_CAP)), is_capped=True)


def _too_many(first: dict[int, str], others: dict[int, str]) -> Found:
    """A thousand of more: *first* those whose family name begins so, then whoever was met."""
    return Found(
        dict(islice((first | others).items(), COUNT_CAP)),
        is_capped=True,
        is_in_order=False,
        has_families_first=bool(first),
    )


def _walk(
    persons: PersonQuerySet, starts: list[str], words: list[str], *, descending: bool
) -> dict[int, str]:
    """Walk the index of names from each of *starts*, and stop at the cap."""
    found: dict[int, str] = {}
    ranges = ranges_of(starts)
    for start in reversed(ranges) if descending else ranges:
        others = [word for word in words if word != start]
        there = with_word_starts(beginning_with(persons, start), others)
        ordered = there.in_name_order(descending=descending)
        found |= _first(ordered, COUNT_CAP + 1 - len(found))
        if len(found) > COUNT_CAP:
            break
    return found


def _by_words(persons: PersonQuerySet, words: list[str], *, descending: bool) -> Found:
    """Whoever bears all the *words*; when they are too many, family names first."""
    long_words = [word for word in words if len(word) >= INDEXED_LENGTH]
    first: dict[int, str] = {}
    if len(words) == 1:
        first = _walk(persons, words, words, descending=descending)
        if len(first) > COUNT_CAP:
            return _too_many(first, {})
    bearers = (
        with_word_starts(bearing(persons, long_words), words)
        .order_by()
        .values_list("sort_key", "pk", "profile")[: COUNT_CAP + 1]
    )
    ranked = {pk: profile for _, pk, profile in sorted(bearers, reverse=descending)}
    if len(ranked) <= COUNT_CAP:
        return Found(ranked)
    first = first or _walk(persons, long_words, words, descending=descending)
    return _too_many(first, ranked)


def _long_word_alone(criteria: Criteria, parts: dict[str, str]) -> tuple[str, str] | None:
    """Return the field and its word, when one long word in one field is all that was typed."""
    typed = {field: folded_words(text) for field, text in parts.items() if text.strip()}
    if criteria.typed.strip() or len(typed) != 1:
        return None
    [(field, words)] = typed.items()
    return (field, words[0]) if len(words) == 1 and len(words[0]) >= INDEXED_LENGTH else None


def _by_field(persons: PersonQuerySet, field: str, word: str, *, descending: bool) -> Found:
    """Whoever bears the word as a family or a given name; of too many, family names first."""
    first: dict[int, str] = {}
    if field == "family_name":
        first = _walk(persons, [word], [word], descending=descending)
        if len(first) > COUNT_CAP:
            return _too_many(first, {})
    bearers = (
        match_part(persons, word, field=field)
        .order_by()
        .values_list("sort_key", "pk", "profile")[: COUNT_CAP + 1]
    )
    ranked = {pk: profile for _, pk, profile in sorted(bearers, reverse=descending)}
    if len(ranked) <= COUNT_CAP:
        return Found(ranked)
    return _too_many(first, ranked)


def _among(actor: Actor, criteria: Criteria) -> tuple[PersonQuerySet, bool]:
    """Return the persons to look among, and whether they are few.

    The first set that is small enough leads; the others are conditions. The
    planner would not find that out: it cannot know that a class is rarer than a name.
    """
    few: list[int] | ArraySubquery | None = None
    rest: list[QuerySet[Any]] = []
    for identifiers in _sets(actor, criteria):
        if few is None and not scopes.there_are_more(identifiers.order_by(), FEW_PERSONS):
            few = ArraySubquery(identifiers.order_by())
        else:
            rest.append(identifiers)
    visible = Person.objects.visible_to(actor)
    if few is None:
        # When the scope leads, whom it covers is known: the wall is not asked a second time.
        few = scopes.few_persons_within(actor.reaches(Act.SEARCH), most=FEW_PERSONS)
        if few is not None:
            visible = Person.objects.all()
    if few is None and (rest or not actor.has_whole_portal(Act.SEARCH)):
        few = _bearers_if_few(criteria)
    persons = visible if few is None else visible.filter(pk__any_of=few)
    for identifiers in rest:
        persons = persons.filter(pk__in=identifiers)
    return persons, few is not None


def _sets(actor: Actor, criteria: Criteria) -> list[QuerySet[Any]]:
    """The persons of the group, class, subject and schools asked for, the rarest first."""
    sets: list[QuerySet[Any]] = []
    if criteria.group is not None:
        sets.append(Membership.objects.filter(group=criteria.group).values("person"))
    if criteria.class_code:
        groups = Group.objects.visible_to(actor).filter(
            kind=GroupKind.CLASS, code__iexact=criteria.class_code
        )
        sets.append(Membership.objects.filter(group__in=groups).values("person"))
    if criteria.subject:
        taught = Teaching.objects.filter(
            subject__label=criteria.subject, group__in=Group.objects.visible_to(actor)
        )
        sets.append(taught.values("person"))
    if criteria.schools:
        sets.append(Affiliation.objects.filter(school__in=criteria.schools).values("person"))
    return sets


def _bearers_if_few(criteria: Criteria) -> ArraySubquery | None:
    """Whoever bears the long words typed, of everybody: the last set that may be small."""
    typed = f"{criteria.typed} {criteria.family_name} {criteria.given_name}"
    long_words = [word for word in folded_words(typed) if len(word) >= INDEXED_LENGTH]
    if not long_words:
        return None
    bearers = bearing(Person.objects.all(), long_words).order_by().values("pk")
    return None if scopes.there_are_more(bearers, FEW_PERSONS) else ArraySubquery(bearers)


def _in_state(found: PersonQuerySet, state: str) -> PersonQuerySet:
    if state == LEAVING:
        return found.filter(left_at__isnull=False)
    if state:
        wanted = AccessState.NONE if state == NO_ACCOUNT else AccessState(state)
        return found.filter(access_state=wanted, left_at__isnull=True)
    return found
