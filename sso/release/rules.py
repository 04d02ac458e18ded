"""What a service learns about somebody: its contract, and nothing else ever (R-G3).

Pure: a contract and what is known of a person go in, names and values come out. The preview of a
contract for a chosen person calls the same function as the validation.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from directory.enums import Profile
from sso.enums import AttributeFormat, AttributeSource, ProfileVocabulary

Attributes = list[tuple[str, list[str]]]

#: What an answer says of the sign-in itself, never of the person: the protocol's three, then what
#: services read the strength of a sign-in from at other servers. Some clients ignore the case.
_ABOUT_THE_SIGN_IN: Final = frozenset(
    name.lower()
    for name in (
        "authenticationDate",
        "longTermAuthenticationRequestTokenUsed",
        "isFromNewLogin",
        "authenticationMethod",
        "authnContext",
        "authnContextClass",
        "authn_method",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """What is known of a person, before any contract; the realm's policy says it."""

    opaque_id: str = ""
    login: str = ""
    person_uuid: str = ""
    profile: str = ""
    title: str = ""
    family_name: str = ""
    given_name: str = ""
    birth_date: date | None = None
    postal_code: str = ""
    email: str = ""
    main_school_uai: str = ""
    school_uais: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of a contract."""

    name: str
    source: AttributeSource
    format: AttributeFormat = AttributeFormat.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What a service is told: the user, and a list of attributes."""

    user: AttributeSource = AttributeSource.OPAQUE_ID
    rules: tuple[Rule, ...] = ()
    vocabulary: ProfileVocabulary = ProfileVocabulary.OURS

    def needs(self, *sources: AttributeSource) -> bool:
        """Does the contract release one of these? (Some cost a statement of their own.)"""
        return self.user in sources or any(rule.source in sources for rule in self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What leaves: the user, and each attribute with its values, never an empty one."""

    user: str
    attributes: Attributes


class NothingToRelease(Exception):
    """The contract names a user attribute that this person does not have: never a fallback."""


_NATIONAL_STAFF: Final = "National_4"
#: Profile → word, for each vocabulary. Sources: 4-pronote, part 2; SDET 6.3, ENTPersonProfils;
#: SupAnn 2020, eduPersonAffiliation.
_WORDS: Final[dict[ProfileVocabulary, dict[str, str]]] = {
    ProfileVocabulary.NATIONAL_NUMBERS: {
        Profile.PUPIL: "National_1",
        Profile.GUARDIAN: "National_2",
        Profile.TEACHER: "National_3",
        Profile.HEAD: _NATIONAL_STAFF,
        Profile.SCHOOL_LIFE: _NATIONAL_STAFF,
        Profile.LIBRARIAN: _NATIONAL_STAFF,
        Profile.STAFF: _NATIONAL_STAFF,
        Profile.ACADEMIC: _NATIONAL_STAFF,
        Profile.LOCAL_AUTHORITY: _NATIONAL_STAFF,
    },
    ProfileVocabulary.SDET: {
        Profile.PUPIL: "National_ELV",
        Profile.GUARDIAN: "National_TUT",
        Profile.TEACHER: "National_ENS",
        Profile.HEAD: "National_DIR",
        Profile.SCHOOL_LIFE: "National_EVS",
        Profile.LIBRARIAN: "National_DOC",
        Profile.STAFF: "National_ETA",
        Profile.ACADEMIC: "National_ACA",
        Profile.LOCAL_AUTHORITY: "National_COL",
    },
    ProfileVocabulary.EDU_PERSON: {
        Profile.STUDENT: "student",
        Profile.PUPIL: "student",
        Profile.GUARDIAN: "affiliate",
        Profile.TEACHER: "teacher",
        Profile.HEAD: "staff",
        Profile.SCHOOL_LIFE: "staff",
        Profile.LIBRARIAN: "staff",
        Profile.STAFF: "staff",
        Profile.ACADEMIC: "staff",
        Profile.LOCAL_AUTHORITY: "staff",
        Profile.GUEST: "affiliate",
    },
}


def release(contract: Contract, facts: PersonFacts) -> Released:
    """Apply a contract; `NothingToRelease` when the person has nothing to be named by."""
    users = _values(contract.user, AttributeFormat.PLAIN, contract, facts)
    if not users:
        raise NothingToRelease
    attributes = [
        (rule.name, values)
        for rule in contract.rules
        if (values := _values(rule.source, rule.format, contract, facts))
    ]
    return Released(user=users[0], attributes=attributes)


def is_reserved(name: str) -> bool:
    """Is it the protocol's own word, which no contract may give another meaning?"""
    return name.lower() in _ABOUT_THE_SIGN_IN


def profile_word(vocabulary: ProfileVocabulary, profile: str) -> str:
    """Return a profile in a vocabulary, "" where that vocabulary has no word for it."""
    if vocabulary == ProfileVocabulary.OURS:
        return profile
    return _WORDS[vocabulary].get(profile, "")


def clean(text: str) -> str:
    """Return the text without what no XML may hold (control characters but tab and line ends)."""
    if text.isprintable():
        return text
    return "".join(char for char in text if char in "\t\n" or _may_stand_in_xml(char))


def _may_stand_in_xml(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cs", "Cn"}


_TEXTS: Final[dict[AttributeSource, Callable[[PersonFacts], Iterable[str]]]] = {
    AttributeSource.OPAQUE_ID: lambda facts: [facts.opaque_id],
    AttributeSource.LOGIN: lambda facts: [facts.login],
    AttributeSource.PERSON_UUID: lambda facts: [facts.person_uuid],
    AttributeSource.FAMILY_NAME: lambda facts: [facts.family_name],
    AttributeSource.GIVEN_NAME: lambda facts: [facts.given_name],
    AttributeSource.FULL_NAME: lambda facts: [f"{facts.given_name} {facts.family_name}".strip()],
    AttributeSource.TITLE: lambda facts: [facts.title],
    AttributeSource.POSTAL_CODE: lambda facts: [facts.postal_code],
    AttributeSource.EMAIL: lambda facts: [facts.email],
    AttributeSource.MAIN_SCHOOL_UAI: lambda facts: [facts.main_school_uai],
    AttributeSource.SCHOOL_UAIS: lambda facts: facts.school_uais,
    AttributeSource.CLASSES: lambda facts: facts.classes,
}


def _values(
    source: AttributeSource, written: AttributeFormat, contract: Contract, facts: PersonFacts
) -> list[str]:
    if source == AttributeSource.BIRTH_DATE:
        texts: Iterable[str] = [_write_date(facts.birth_date, written)]
    elif source == AttributeSource.PROFILE:
        texts = [profile_word(contract.vocabulary, facts.profile)]
    else:
        texts = _TEXTS[source](facts)
    return [text for text in (_write(clean(text), written) for text in texts) if text]


def _write(text: str, written: AttributeFormat) -> str:
    if written == AttributeFormat.UPPER:
        return text.upper()
    return text.lower() if written == AttributeFormat.LOWER else text


def _write_date(day: date | None, written: AttributeFormat) -> str:
    if day is None:
        return ""
    if written == AttributeFormat.FRENCH_DATE:
        return f"{day.day:02}/{day.month:02}/{day.year:04}"
    return day.isoformat()
