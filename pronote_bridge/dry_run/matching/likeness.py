"""Whom to propose for a line that Pronote does not pair: what the two have in common, weighed.

The class counts here only: the file does not hold it, so Pronote cannot compare it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import islice
from typing import Final

from ent.text.folding import fold
from pronote_bridge.dry_run.matching.names import key_of
from pronote_bridge.dry_run.matching.people import Known, Listed, Owner, Register

MOST_PROPOSALS: Final = 5
_ENOUGH: Final = 5
#: Whoever bears a name that hundreds bear is found by its search box.
_MOST_WEIGHED: Final = 50
_SAME, _FAMILY, _GIVEN, _WORD, _BIRTH, _CHILD, _CLASS = 3, 4, 3, 2, 4, 4, 2
#: Of two given names that differ by a letter or two (« Mathis », « Mathys »).
_ALIKE: Final = 0.7


def proposals(person: Listed, register: Register, first: Iterable[Known]) -> tuple[int, ...]:
    """Return the members who may be meant: *first* those who fit, then the likeliest others."""
    weighed = {known.person_id: _weight(person, known) + 100 for known in first}
    for known in islice(_near(person, register), _MOST_WEIGHED):
        weight = _weight(person, known)
        if weight >= _ENOUGH:
            weighed.setdefault(known.person_id, weight)
    order = sorted(weighed, key=lambda person_id: (-weighed[person_id], person_id))
    return tuple(order[:MOST_PROPOSALS])


def is_theirs(person: Listed, owner: Owner, owner_children: Iterable[int]) -> bool:
    """May an identifier of *owner* be this line's own, though their names are not the same?

    Somebody who married, or whose given name was corrected, is still the same: a given name in
    common (or nearly) and, beside it, the birth date, a word of the family name, or a child.
    """
    key = key_of(owner.family_name, owner.given_name)
    if key.agrees(person.key):
        return True
    born = person.line.birth_date
    same_birth = born is not None and born == owner.birth_date
    if born is not None and owner.birth_date is not None and not same_birth:
        return False
    words = set(person.key.whole.split())
    shares_given = not words.isdisjoint(fold(owner.given_name).split())
    shares_family = not words.isdisjoint(fold(owner.family_name).split())
    shares_child = not person.children.isdisjoint(owner_children)
    if shares_given:
        return same_birth or shares_family or shares_child
    return same_birth and shares_family and _alike(person.key.whole, key.whole)


def _near(person: Listed, register: Register) -> Iterable[Known]:
    """Yield whoever shares something with a line, what says most first."""
    yield from register.by_name.get(person.key.whole, ())
    for child in sorted(person.children):
        yield from register.by_child.get(child, ())
    for family in _families(person):
        yield from register.by_family.get(family, ())
    if person.line.birth_date is not None:
        yield from register.by_birth.get(person.line.birth_date, ())


def _families(person: Listed) -> list[str]:
    """Return what may be the family name: each beginning and each end of both names in one."""
    if person.key.pair:
        family, given = person.key.pair
        return [family, given]  # sometimes the two columns were exchanged
    words = person.key.whole.split()
    cuts = range(1, len(words))
    return [" ".join(words[:cut]) for cut in cuts] + [" ".join(words[cut:]) for cut in cuts]


def _weight(person: Listed, known: Known) -> int:
    words = person.key.whole.split()
    family, given = known.key.pair or ("", "")
    rest = " ".join(word for word in words if word not in family.split())
    weight = _SAME if known.key.agrees(person.key) else 0
    weight += _in_common(words, family, _FAMILY)
    weight += _GIVEN if _alike(rest, given) else _in_common(words, given, _GIVEN)
    born = person.line.birth_date
    weight += _BIRTH if born is not None and born == known.member.birth_date else 0
    weight += 0 if person.children.isdisjoint(known.member.children_ids) else _CHILD
    classes = {fold(name) for name in known.member.class_names}
    weight += _CLASS if fold(person.line.class_name) in classes else 0
    return weight


def _in_common(words: Sequence[str], name: str, whole: int) -> int:
    """Return what a name weighs: all of its words, one of them, or none."""
    wanted = set(name.split())
    if wanted.issubset(words):
        return whole if wanted else 0
    return _WORD if wanted.intersection(words) else 0


def _alike(one: str, other: str) -> bool:
    """Are most letters the same, in the same order? The cheap bounds spare most comparisons."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE
