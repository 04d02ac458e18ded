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

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator

from accounts.models import Account, ActivationCode
from accounts.perms import has_administrator_limits
from accounts.services.secrets import LONGEST_PASSWORD, normalise_password
from directory.enums import Degree, Profile
from directory.models import Person, Record
from ent.folding import fold
from ent.sealing import codes

SHORTEST_EVER = 8
_SHORTEST_TOKEN = 4
_SHORTEST_SCHOOL_WORD = 5
_BIRTH_FORMS = ("%d%m%Y", "%d%m%y", "%Y%m%d", "%y%m%d", "%m%d%Y", "%m%d%y")
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
class PasswordRules:
    """The rules that hold for one account."""

    minimum: int
    tokens: tuple[tuple[str, str], ...]
    code: ActivationCode | None

    @classmethod
    def of(cls, account: Account) -> PasswordRules:
        """Return the rules of the account; a handful of statements, on password pages only."""
        return cls(
            minimum=minimum_length(account),
            tokens=tuple(_tokens(account)),
            code=ActivationCode.objects.filter(account=account).first(),
        )

    def sentences(self) -> list[str]:
        """Return the rules as they are shown before typing."""
        return [
            f"au moins {self.minimum}\u00a0caractères (une phrase convient très bien)\u00a0;",
            "ni votre nom, ni votre identifiant, ni votre date de naissance\u00a0;",
            "ni le nom de votre établissement\u00a0;",
            "pas ce que tout le monde essaie («\u00a0motdepasse\u00a0»…)\u00a0;",
            "pas le code que vous avez reçu.",
        ]

    def faults(self, password: str, account: Account) -> list[str]:
        """Return the reasons to refuse the password, none when it is good."""
        password = normalise_password(password)
        found = list(self._faults_of_length(password))
        folded = fold(password).replace(" ", "")
        if _is_among_the_first_tried(password.lower(), folded):
            found.append("Ce mot de passe est parmi les premiers que l’on essaie.")
        for reason in dict.fromkeys(self._personal_reasons(folded)):
            found.append(f"Le mot de passe ne doit pas contenir {reason}.")
        if self._is_the_code(password, account):
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

    def _is_the_code(self, password: str, account: Account) -> bool:
        return self.code is not None and codes.matches(
            self.code.verifier, password, account.uuid, self.code.generation
        )


def minimum_length(account: Account) -> int:
    """Return the shortest password of the account: by role, degree and profile (a setting)."""
    lengths: dict[str, int] = settings.PASSWORD_MINIMUM_LENGTHS
    if has_administrator_limits(account):
        wanted = lengths["administrator"]
    elif account.person.profile == Profile.PUPIL and _is_of_first_degree(account.person):
        wanted = lengths["first_degree_pupil"]
    else:
        wanted = lengths["default"]
    return max(wanted, SHORTEST_EVER)


def _is_of_first_degree(person: Person) -> bool:
    degrees = set(Record.objects.filter(person=person).values_list("degree", flat=True))
    return degrees == {Degree.FIRST}


def _tokens(account: Account) -> Iterator[tuple[str, str]]:
    """Yield what the password must not contain, folded, with the words of the reason."""
    person = account.person
    yield from _words(account.login, "votre identifiant", joined=True)
    for name in (person.family_name, person.birth_name):
        yield from _words(name, "votre nom", joined=True)
    for name in (person.given_name, person.other_names):
        yield from _words(name, "votre prénom", joined=True)
    if person.ine:
        yield fold(person.ine)[:10], "votre INE"
    if person.birth_date is not None:
        for form in _BIRTH_FORMS:
            yield person.birth_date.strftime(form), "votre date de naissance"
    school = person.main_school
    if school is not None:
        yield school.uai.lower(), "le code de votre établissement"
        yield from _words(school.name, "le nom de votre établissement", joined=True, school=True)


def _words(
    text: str, reason: str, *, joined: bool = False, school: bool = False
) -> Iterator[tuple[str, str]]:
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
