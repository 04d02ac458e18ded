"""One look-up of a search: its count, its page and its facets all come from the same ids.

At most a thousand persons are found; beyond, the screen says « plus de 1 000 » and asks for more
letters. The look-up never reads more than that needs:

- few persons to look among (a school, a class, a group): their ids come first, by index, and
  their names are read; the thousand are the first by name.
- everybody, and nothing or one or two letters: the index of names is walked in its order and left
  at the thousandth.
- everybody, and one longer word: first the family names that begin so, walked likewise; when they
  are fewer than the cap, whoever else bears the words, from the index of words.
- everybody, and several longer words: whoever bears them all, from the index of words.
- everybody, and « Prénom », or one longer word that may be a given name: the index of given names
  is walked, and left at the thousandth; then the index of words.
- an academy: the same, since the indexes of names and of words hold the academies of a person. That
  of given names does not: it is walked where an academy is a good part of the portal.

``docs/decisions/0020-a-search-looks-up-once.md`` says why, and what it costs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.db.models import Max, Min, Q, QuerySet

from directory import scopes
from directory.actors import Actor, Grant
from directory.acts import Act, Scope
from directory.enums import AccessState, GroupKind, Profile
from directory.folded_names import FAMILY_SIGN, GIVEN_SIGN
from directory.forms.search import LEAVING, NO_ACCOUNT, Criteria
from directory.lookups import MOST_HASHED
from directory.models import Affiliation, Group, Membership, Person, Teaching
from directory.querysets import PersonQuerySet
from directory.search import (
    COUNT_CAP,
    INDEXED_LENGTH,
    bearing,
    beginning_with,
    beginning_with_either,
    folded_words,
    in_academies,
    letters_of,
    of_given_name,
    order_few_by_name,
    ranges_of,
    signed,
    with_word_starts,
    without_implied,
)
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


_Row = tuple[str, int, str]
"""Folded name, id and profile: in this order, people are in the order of their names."""


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


@dataclass(frozen=True, slots=True)
class _Ground:
    """Among whom to look: few listed persons, those of whole academies, or everybody visible."""

    persons: PersonQuerySet
    is_narrow: bool = False
    academies: tuple[int, ...] = ()
    is_dense: bool = False
    """A walk past everybody meets these persons soon."""
    indexed_academies: tuple[int, ...] = ()
    """Those worth asking for in the index of words."""


def look_up(actor: Actor, criteria: Criteria, *, descending: bool = False) -> Found:
    """Find whom *actor* may see and who answers to *criteria*, by name."""
    typed = (criteria.typed, criteria.family_name, criteria.given_name)
    if any(text.strip() and not folded_words(text) for text in typed):
        return Found({})
    parts = [
        _look_up_within(part, actor, criteria, descending=descending) for part in _parts_of(actor)
    ]
    return parts[0] if len(parts) == 1 else _together(parts, descending=descending)


def _look_up_within(part: Actor, actor: Actor, criteria: Criteria, *, descending: bool) -> Found:
    """Find whom *part* of the grants of *actor* shows; the groups asked for are those of all."""
    ground = _among(part, _sets(actor, criteria), criteria)
    persons = _in_state(ground.persons, criteria.state)
    if criteria.profile:
        persons = persons.filter(profile=criteria.profile)
    found = _by_name(replace(ground, persons=persons), criteria, descending=descending)
    return _affiliated(found, ground.academies) if ground.academies else found


def _parts_of(actor: Actor) -> list[Actor]:
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


def _together(parts: list[Found], *, descending: bool) -> Found:
    """Whoever was found in one of *parts*, by name; nothing else is promised of too many."""
    profiles = {pk: profile for part in parts for pk, profile in part.profiles.items()}
    named = Person.objects.filter(pk__any_of=list(profiles)).values_list("sort_key", "pk")
    rows = sorted(((name, pk, profiles[pk]) for name, pk in named), reverse=descending)
    return Found(
        _profiles(rows[:COUNT_CAP]),
        is_capped=len(rows) > COUNT_CAP or any(part.is_capped for part in parts),
        is_in_order=all(part.is_in_order for part in parts),
    )


def _by_name(ground: _Ground, criteria: Criteria, *, descending: bool) -> Found:
    """Find those of *ground* whose names answer."""
    starts, words = _starts_and_words(criteria)
    persons = ground.persons
    if criteria.family_name.strip() or criteria.given_name.strip():
        persons = persons.matching(criteria.typed, is_narrow=ground.is_narrow)
    if ground.is_narrow:
        persons = beginning_with_either(with_word_starts(persons, words), starts)
        return _capped(_first(order_few_by_name(persons, descending=descending)))
    if starts:
        return _capped(_walk(persons, starts, words, descending=descending))
    if not words:
        return _capped(_first(persons.in_name_order(descending=descending)))
    return _by_words(replace(ground, persons=persons), words, descending=descending)


def _starts_and_words(criteria: Criteria) -> tuple[list[str], list[str]]:
    """Return how the family name begins, one way or another, and with what some word does each.

    One or two letters, of « Nom » or of everything that was typed, are a beginning of the family
    name. The words of « Nom » and « Prénom » carry their sign.
    """
    family, given = folded_words(criteria.family_name), folded_words(criteria.given_name)
    if family or given:
        given = without_implied(signed(given, GIVEN_SIGN))
        if len(" ".join(family)) < INDEXED_LENGTH:
            return family, given
        return [], without_implied([*signed(family, FAMILY_SIGN), *given])
    words = folded_words(criteria.typed)
    if any(len(word) >= INDEXED_LENGTH for word in words):
        return [], without_implied(words)
    return words, words if len(words) > 1 else []


def _first(ordered: PersonQuerySet, most: int = COUNT_CAP + 1) -> list[_Row]:
    return list(ordered.values_list("sort_key", "pk", "profile")[:most])


def _capped(rows: list[_Row]) -> Found:
    """The first by name."""
    return Found(_profiles(rows[:COUNT_CAP]), is_capped=len(rows) > COUNT_CAP)


def _too_many(first: list[_Row], others: list[_Row]) -> Found:
    """A thousand of more: *first* those whose family name begins so, then whoever was met."""
    return Found(
        dict(islice(_profiles([*first, *others]).items(), COUNT_CAP)),
        is_capped=True,
        is_in_order=False,
        has_families_first=bool(first),
    )


def _profiles(rows: Iterable[_Row]) -> dict[int, str]:
    return {pk: profile for _, pk, profile in rows}


def _walk(
    persons: PersonQuerySet, starts: list[str], words: list[str], *, descending: bool
) -> list[_Row]:
    """Walk the index of names from each of *starts*, and stop at the cap."""
    found: list[_Row] = []
    ranges = ranges_of(starts)
    for start in reversed(ranges) if descending else ranges:
        others = [word for word in words if word != start]
        there = with_word_starts(beginning_with(persons, start), others)
        ordered = there.in_name_order(descending=descending)
        found += _first(ordered, COUNT_CAP + 1 - len(found))
        if len(found) > COUNT_CAP:
            break
    return found


def _by_words(ground: _Ground, words: list[str], *, descending: bool) -> Found:
    """Whoever bears all the *words*; when they are too many, family names first.

    One long word, whatever stands beside it, asks the index of names first, and so do short words
    of « Nom »: no row is read of those whose family name begins so. Then the index of given names,
    if nothing but given names may be meant. The index of words is asked for the others.
    """
    long_words = _long(words)
    of_families = [letters_of(word) for word in long_words if not word.startswith(GIVEN_SIGN)]
    is_walked = len(long_words) == len(of_families) == 1
    two_letters = _two_letters_beside(long_words[0], words) if is_walked else []
    starts = of_families + two_letters if is_walked else []
    if not long_words:
        starts = _family_start(words)
    first = _walk(ground.persons, starts, words, descending=descending)
    if len(first) > COUNT_CAP:
        return _too_many(first, [])
    given = _given_start(words)
    if given and ground.is_dense:
        met = _first(of_given_name(ground.persons, given))
        ranked = sorted({*first, *met}, reverse=descending)
        if len(ranked) > COUNT_CAP:
            return _too_many(first, ranked)
    others = bearing(
        ground.persons,
        (long_words + two_letters) or words,
        ground.indexed_academies,
        is_first=not is_walked,
    )
    # Who bears the word twice is met again: only a full second look-up says that there are more.
    met = _first(with_word_starts(others, words).order_by())
    ranked = sorted({*first, *met}, reverse=descending)
    if len(ranked) <= COUNT_CAP:
        return Found(_profiles(ranked))
    if of_families and not is_walked:
        first = _walk(ground.persons, of_families, words, descending=descending)
    return _too_many(first, ranked)


def _two_letters_beside(long_word: str, words: list[str]) -> list[str]:
    """Return the words of two letters beside the beginning of a frequent given name (« mar da »).

    Frequent: more than a thousand of the portal. Family names that begin with the two letters are
    walked then as well, and the rows of all its bearers need not be read.
    """
    two_letters = [word for word in words if len(word) == INDEXED_LENGTH - 1]
    if not two_letters or long_word.startswith(FAMILY_SIGN):
        return []
    bearers = of_given_name(Person.objects.all(), GIVEN_SIGN + long_word)
    return two_letters if scopes.there_are_more(bearers.values("pk"), COUNT_CAP) else []


def _family_start(words: list[str]) -> list[str]:
    """Return how a family name of the words of « Nom » begins (« le go »), if there are any."""
    letters = [letters_of(word) for word in words if word.startswith(FAMILY_SIGN)]
    return [" ".join(letters)] if letters else []


def _given_start(words: list[str]) -> str:
    """Return how given names of *words* begin in their index (« +jean +c »).

    Empty if words of something else, or several that may be anything, are asked for.
    """
    if len(words) == 1 and not words[0].startswith(FAMILY_SIGN):
        return GIVEN_SIGN + letters_of(words[0])
    return " ".join(words) if all(word.startswith(GIVEN_SIGN) for word in words) else ""


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


def _long(words: list[str]) -> list[str]:
    return [word for word in words if len(letters_of(word)) >= INDEXED_LENGTH]


def _affiliated(found: Found, academies: Iterable[int]) -> Found:
    """Ask the wall about those who were found: the words of academies lead, they allow nothing."""
    there = scopes.affiliated_among(found.identifiers, academies)
    profiles = {pk: profile for pk, profile in found.profiles.items() if pk in there}
    return replace(found, profiles=profiles)


def _among(actor: Actor, sets: list[QuerySet[Any]], criteria: Criteria) -> _Ground:
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
        few = _bearers_if_few(criteria)
    persons = visible if few is None else visible.filter(pk__any_of=few)
    for condition in rest:
        persons = persons.filter(condition)
    return _Ground(
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


def _bearers_if_few(criteria: Criteria) -> ArraySubquery | None:
    """Whoever bears the long words typed, of everybody: the last set that may be small."""
    long_words = _long(_starts_and_words(criteria)[1])
    if not long_words:
        return None
    bearers = bearing(Person.objects.all(), long_words).order_by().values("pk")
    return None if scopes.there_are_more(bearers, FEW_PERSONS) else ArraySubquery(bearers)


def _sets(actor: Actor, criteria: Criteria) -> list[QuerySet[Any]]:
    """The persons of the group, class, subject and schools asked for, the rarest first."""
    groups = Group.objects.visible_to(actor)
    sets: list[QuerySet[Any]] = []
    if criteria.group is not None:
        sets.append(Membership.objects.filter(group=criteria.group))
    if criteria.class_code:
        of_code = groups.filter(kind=GroupKind.CLASS, code__iexact=criteria.class_code)
        # Listed once: this set is counted, then looked up by each statement that follows.
        listed = list(of_code.order_by().values_list("pk", flat=True))
        sets.append(Membership.objects.filter(group__any_of=listed))
    if criteria.subject:
        taught = Teaching.objects.filter(subject__label=criteria.subject)
        is_everywhere = actor.has_whole_portal(Act.SEARCH)
        sets.append(taught if is_everywhere else taught.filter(group__in=groups))
    if criteria.schools:
        sets.append(Affiliation.objects.filter(school__in=criteria.schools))
    return [links.order_by().values("person") for links in sets]


def _in_state(found: PersonQuerySet, state: str) -> PersonQuerySet:
    if state == LEAVING:
        return found.filter(left_at__isnull=False)
    if state:
        wanted = AccessState.NONE if state == NO_ACCOUNT else AccessState(state)
        return found.filter(access_state=wanted, left_at__isnull=True)
    return found
