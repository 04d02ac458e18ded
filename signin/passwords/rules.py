"""What a password must be, said before it is typed and checked after.

Length instead of composition (CNIL 2022-100): 12 characters, 15 for administrators, 8 for pupils of
the first degree. Refused, each with its reason: what everybody tries first, and what somebody who
knows the person would try (T-C2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from uuid import UUID

from django.contrib.auth.password_validation import CommonPasswordValidator

from ent.text.folding import fold
from signin import one_time_codes as codes
from signin.passwords.hashing import LONGEST_PASSWORD, normalise_password

SHORTEST_EVER = 8
#: Shown to everybody, so refused: a child is to see what a good one looks like, and make another.
EXAMPLE = "trois girafes sous la neige"
_SHORTEST_TOKEN = 4
_SHORTEST_SCHOOL_WORD = 5
_WORDS_OF_ANY_SCHOOL = frozenset(
    [
        "college",
        "lycee",
        "ecole",
        "elementaire",
        "maternelle",
        "primaire",
        "general",
        "generale",
        "technologique",
        "professionnel",
        "professionnelle",
        "agricole",
        "public",
        "publique",
        "prive",
        "privee",
        "polyvalent",
        "etablissement",
        "regional",
        "regionale",
        "departemental",
        "notre",
        "saint",
        "sainte",
        "institut",
    ]
)
_NOT_LETTERS = re.compile(r"[^a-z]+")
_PADDING = re.compile(r"^[^a-z]+|[^a-z]+$")
# What fingers run along: digits, the alphabet, the rows of both keyboards.
_ROWS = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "azertyuiopqsdfghjklmwxcvbn",
    "qwertyuiopasdfghjklzxcvbnm",
)
_SHARE_OF_STEPS = 0.7


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivedCode:
    """The one-time code that somebody holds, as the database recognises it."""

    verifier: bytes
    principal: UUID
    generation: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PasswordRules:
    """The rules that hold for one person."""

    minimum: int
    """The least number of characters."""
    tokens: tuple[tuple[str, str], ...]
    """What the password must not contain, folded, each with the words of the reason."""
    code: ReceivedCode | None

    def sentences(self) -> list[str]:
        """Return the rules as they are shown before typing."""
        return [
            (
                f"au moins {self.minimum}\u00a0caractères\u00a0: une petite phrase qui fait une "
                f"image, comme «\u00a0{EXAMPLE}\u00a0» (inventez la vôtre)\u00a0;"
            ),
            "ni votre nom, ni votre identifiant, ni votre date de naissance\u00a0;",
            "ni le nom de votre établissement\u00a0;",
            "pas ce que tout le monde essaie («\u00a0motdepasse\u00a0»…)\u00a0;",
            "pas le code que vous avez reçu.",
        ]

    def faults(self, password: str) -> list[str]:
        """Return the reasons to refuse the password, none when it is good."""
        password = normalise_password(password)
        found = list(self._faults_of_length(password))
        folded = fold(password).replace(" ", "")
        if _is_among_the_first_tried(password.lower(), folded):
            found.append("Ce mot de passe est parmi les premiers que l’on essaie.")
        for reason in dict.fromkeys(self._personal_reasons(folded)):
            found.append(f"Le mot de passe ne doit pas contenir {reason}.")
        if fold(EXAMPLE).replace(" ", "") in folded:
            found.append("Cette phrase est l’exemple de la page\u00a0: inventez la vôtre.")
        if self._is_the_code(password):
            found.append("Choisissez autre chose que le code que vous avez reçu.")
        return found

    def _faults_of_length(self, password: str) -> Iterator[str]:
        if "\x00" in password:
            yield "Le mot de passe contient un caractère qui ne se tape pas."
        if len(password) > LONGEST_PASSWORD:
            yield f"Le mot de passe compte plus de {LONGEST_PASSWORD}\u00a0caractères."
        if len(password) < self.minimum:
            yield (
                f"Le mot de passe compte {len(password)}\u00a0caractères\u00a0; il en faut au"
                f" moins {self.minimum}."
            )
        elif len(set(password)) < 4:
            yield "Le mot de passe répète toujours les mêmes caractères."

    def _personal_reasons(self, folded: str) -> Iterator[str]:
        letters = _NOT_LETTERS.sub("", folded)
        for token, reason in self.tokens:
            # A name of two or three letters is in too many words: refused only when it is all.
            if token in folded if len(token) >= _SHORTEST_TOKEN else token == letters:
                yield reason

    def _is_the_code(self, password: str) -> bool:
        return self.code is not None and codes.matches(
            self.code.verifier, password, self.code.principal, self.code.generation
        )


def forbidden_words(
    text: str, reason: str, *, joined: bool = False, school: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield the words of a name, each with the reason; of a school's, those that say which one."""
    words = fold(text).split()
    if joined and len(words) > 1:
        yield "".join(words), reason
    for word in words:
        if school and (len(word) < _SHORTEST_SCHOOL_WORD or word in _WORDS_OF_ANY_SCHOOL):
            continue
        if len(word) > 1 and not word.isdigit():
            yield word, reason


def _is_among_the_first_tried(lowered: str, folded: str) -> bool:
    """Tell whether it is a common word, alone, lengthened by digits or said twice, or a row.

    A minimum of twelve characters is met by everybody in the same ways: « motdepasse1234 »,
    « soleilsoleil », « 123456789012 ».
    """
    common = _common_passwords()
    bare = _PADDING.sub("", folded)
    forms = {lowered, folded, bare, _unit(folded), _unit(bare)}
    return not forms.isdisjoint(common) or _is_a_row(folded)


def _unit(text: str) -> str:
    """Return what the text repeats: ``soleil`` for ``soleilsoleil``, itself otherwise."""
    return text[: (text + text).find(text, 1)] if text else ""


def _is_a_row(text: str) -> bool:
    """Tell whether most steps from one character to the next follow a row, either way."""
    steps = [a + b for a, b in pairwise(text)]
    rows = [row[::way] for row in _ROWS for way in (1, -1)]
    followed = sum(any(step in row for row in rows) for step in steps)
    return bool(steps) and followed / len(steps) > _SHARE_OF_STEPS


@cache
def _common_passwords() -> frozenset[str]:
    """Django's list (20,000 entries by Royce Williams, BSD), and what keyboards here suggest."""
    ours = {
        "azertyuiop",
        "azertyuiopq",
        "azertyuiopqs",
        "motdepasse",
        "motdepasse123",
        "azerty123456",
    }
    return frozenset(CommonPasswordValidator().passwords | ours)
