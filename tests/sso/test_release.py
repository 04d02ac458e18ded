"""Contracts, applied without a database: what leaves, in which words, and what never does."""

from __future__ import annotations

from datetime import date

import pytest

from directory.enums import Profile
from sso.enums import AttributeFormat, AttributeSource, ProfileVocabulary
from sso.release.rules import (
    Contract,
    NothingToRelease,
    PersonFacts,
    Rule,
    clean,
    profile_word,
    release,
)

KNOWN = PersonFacts(
    opaque_id="abc",
    login="lea.martin",
    profile=Profile.GUARDIAN,
    family_name="d’Ormesson",
    given_name="Léa",
    birth_date=date(1987, 1, 2),
)


@pytest.mark.parametrize(
    ("source", "written", "expected"),
    [
        (AttributeSource.FAMILY_NAME, AttributeFormat.UPPER, ["D’ORMESSON"]),
        (AttributeSource.FULL_NAME, AttributeFormat.PLAIN, ["Léa d’Ormesson"]),
        (AttributeSource.BIRTH_DATE, AttributeFormat.PLAIN, ["1987-01-02"]),
        (AttributeSource.BIRTH_DATE, AttributeFormat.ISO_DATE, ["1987-01-02"]),
        (AttributeSource.BIRTH_DATE, AttributeFormat.FRENCH_DATE, ["02/01/1987"]),
        (AttributeSource.PROFILE, AttributeFormat.PLAIN, ["National_2"]),
    ],
)
def test_an_attribute_is_written_as_its_rule_says(
    source: AttributeSource, written: AttributeFormat, expected: list[str]
) -> None:
    contract = Contract(
        rules=(Rule(name="x", source=source, format=written),),
        vocabulary=ProfileVocabulary.NATIONAL_NUMBERS,
    )
    assert release(contract, KNOWN).attributes == [("x", expected)]


def test_what_is_not_known_is_not_an_empty_attribute() -> None:
    contract = Contract(rules=(Rule(name="mail", source=AttributeSource.EMAIL),))
    assert release(contract, KNOWN).attributes == []


def test_every_source_can_be_released() -> None:
    for source in AttributeSource:
        release(Contract(rules=(Rule(name="x", source=source),)), KNOWN)


def test_a_missing_user_is_never_replaced() -> None:
    with pytest.raises(NothingToRelease):
        release(Contract(user=AttributeSource.EMAIL), KNOWN)


def test_an_empty_contract_is_the_opaque_identifier_alone() -> None:
    released = release(Contract(), KNOWN)
    assert (released.user, released.attributes) == ("abc", [])


def test_profiles_without_a_word_in_a_vocabulary_are_left_out() -> None:
    assert profile_word(ProfileVocabulary.SDET, Profile.GUEST) == ""
    assert profile_word(ProfileVocabulary.EDU_PERSON, Profile.PUPIL) == "student"
    assert profile_word(ProfileVocabulary.OURS, Profile.GUEST) == "invite"


@pytest.mark.parametrize("sign", ["\x00", "\x0b", "\x1f", "\x7f", "\ud800", "\uffff"])
def test_what_no_xml_may_hold_is_left_out(sign: str) -> None:
    assert clean(f"a{sign}b") == "ab"
