"""What was typed into a search, as its indexes are asked."""

from __future__ import annotations

from dataclasses import dataclass

from directory.folded_names import FAMILY_SIGN, GIVEN_SIGN
from directory.forms.search import Criteria
from directory.search import INDEXED_LENGTH, folded_words, letters_of, signed, without_implied


@dataclass(frozen=True, slots=True)
class AskedWords:
    """How the family name begins, one way or another, and with what some word does each.

    One or two letters, of « Nom » or of everything that was typed, are a beginning of the family
    name. The words of « Nom » and « Prénom » carry their sign.
    """

    starts: list[str]
    words: list[str]

    @classmethod
    def of(cls, criteria: Criteria) -> AskedWords:
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
        """Those of the words that the index of words finds among few."""
        return [word for word in self.words if len(letters_of(word)) >= INDEXED_LENGTH]

    @property
    def two_letters(self) -> list[str]:
        """Those of the words that have two letters, and may be anything."""
        return [word for word in self.words if len(word) == INDEXED_LENGTH - 1]

    @property
    def family_starts(self) -> list[str]:
        """How a family name of the words of « Nom » begins (« le go »), if there are any."""
        letters = [letters_of(word) for word in self.words if word.startswith(FAMILY_SIGN)]
        return [" ".join(letters)] if letters else []

    @property
    def given_start(self) -> str:
        """How given names of the words begin in their index (« +jean +c »).

        Empty if words of something else, or several that may be anything, are asked for.
        """
        if len(self.words) == 1 and not self.words[0].startswith(FAMILY_SIGN):
            return GIVEN_SIGN + letters_of(self.words[0])
        is_given = all(word.startswith(GIVEN_SIGN) for word in self.words)
        return " ".join(self.words) if is_given else ""
