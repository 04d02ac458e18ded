"""The words typed into a search, as the indexes of names are asked for them."""

from __future__ import annotations

from dataclasses import dataclass

from directory.names.folded import FAMILY_SIGN, GIVEN_SIGN
from directory.names.matching import INDEXED_LENGTH
from directory.names.words import folded_words, letters_of, signed, without_implied
from directory.search.forms import Criteria


@dataclass(frozen=True, slots=True)
class TypedWords:
    """``starts``: how the family name begins (any of them); ``words``: how some word begins (each).

    One or two letters, in « Nom » or alone in « Nom, prénom », are a beginning of the family name.
    Words of « Nom » and « Prénom » carry their sign (:mod:`directory.names.folded`).
    """

    starts: list[str]
    words: list[str]

    @classmethod
    def of(cls, criteria: Criteria) -> TypedWords:
        """Read the words out of the three fields of a search."""
        family, given = folded_words(criteria.family_name), folded_words(criteria.given_name)
        if family or given:
            given = without_implied(signed(given, GIVEN_SIGN))
            if len(" ".join(family)) < INDEXED_LENGTH:
                return cls(family, given)
            return cls([], without_implied([*signed(family, FAMILY_SIGN), *given]))
        words = folded_words(criteria.typed)
        if any(len(word) >= INDEXED_LENGTH for word in words):
            return cls([], without_implied(words))
        return cls(words, words if len(words) > 1 else [])

    @property
    def long_words(self) -> list[str]:
        """The words that are long enough for the index of words."""
        return [word for word in self.words if len(letters_of(word)) >= INDEXED_LENGTH]

    @property
    def two_letters(self) -> list[str]:
        """The words of two letters, without a sign."""
        return [word for word in self.words if len(word) == INDEXED_LENGTH - 1]

    @property
    def family_starts(self) -> list[str]:
        """The words of « Nom » as one beginning of a family name (« le go »), if there are any."""
        letters = [letters_of(word) for word in self.words if word.startswith(FAMILY_SIGN)]
        return [" ".join(letters)] if letters else []

    @property
    def given_start(self) -> str:
        """The beginning to look up in the index of given names (« +jean +c »).

        Empty when a word belongs to « Nom », or when several words have no sign.
        """
        if len(self.words) == 1 and not self.words[0].startswith(FAMILY_SIGN):
            return GIVEN_SIGN + letters_of(self.words[0])
        is_given = all(word.startswith(GIVEN_SIGN) for word in self.words)
        return " ".join(self.words) if is_given else ""
