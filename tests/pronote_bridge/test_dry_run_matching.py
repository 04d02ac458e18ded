"""What Pronote will do with a line is foretold from names, birth dates and children."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from pronote_bridge.dry_run.enums import IdentifierCheck, Outcome, Reason
from pronote_bridge.dry_run.matching.comparison import compare
from pronote_bridge.dry_run.matching.people import Owner, Result
from pronote_bridge.dry_run.reading.lists import ListLine
from pronote_bridge.enums import ListKind
from pronote_bridge.population.members import Member

BORN = date(2012, 3, 4)
OTHER_DAY = date(2012, 4, 3)


def member(
    person_id: int,
    family_name: str,
    given_name: str,
    *,
    kind: ListKind = ListKind.PUPILS,
    born: date | None = BORN,
    classes: tuple[str, ...] = (),
    children: tuple[int, ...] = (),
) -> Member:
    """Somebody of the file; their identifier is « id » and their number."""
    return Member(
        person_id=person_id,
        kind=kind,
        family_name=family_name,
        given_name=given_name,
        birth_date=born if kind == ListKind.PUPILS else None,
        identifier=f"id{person_id}",
        class_names=classes,
        children_ids=children,
    )


def owners_of(*members: Member) -> dict[str, Owner]:
    """Whose identifiers these are."""
    return {
        one.identifier: Owner(one.person_id, True, one.family_name, one.given_name, one.birth_date)
        for one in members
    }


def pupil(number: int, family_name: str, given_name: str, born: date | None = BORN) -> ListLine:
    """One line of the pupils' list."""
    return ListLine(number, family_name, given_name, birth_date=born)


def pupils(lines: Sequence[ListLine], *members: Member) -> list[Result]:
    """Compare a list of pupils."""
    return compare({ListKind.PUPILS: lines}, members, owners_of(*members))[ListKind.PUPILS]


def told(result: Result) -> tuple[Outcome, Reason, int | None]:
    """Return what is foretold of one line."""
    return result.outcome, result.reason, result.person_id


@pytest.mark.parametrize(
    ("family_name", "given_name", "is_exact"),
    [
        ("Le Goff", "Léa-Maëlle", True),
        ("LE GOFF", "Léa-Maëlle", False),
        ("Le-Goff", "LEA MAELLE", False),
        (" le  goff", "le\u0301a maelle", False),
    ],
)
def test_the_same_names_and_birth_date_are_a_pair_however_they_are_written(
    family_name: str, given_name: str, *, is_exact: bool
) -> None:
    (result,) = pupils([pupil(2, family_name, given_name)], member(1, "Le Goff", "Léa-Maëlle"))
    assert told(result) == (Outcome.MATCHED, Reason.SAME_BIRTH_DATE, 1)
    assert result.is_exact is is_exact


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (pupil(2, "Martin", "Léa", OTHER_DAY), Reason.OTHER_BIRTH_DATE),
        (pupil(2, "Martin", "Léa", None), Reason.NO_BIRTH_DATE),
        (ListLine(2, "Martin", "Léa", birth_text="31/02/2012"), Reason.BAD_BIRTH_DATE),
        (pupil(2, "Martine", "Léa"), Reason.NO_SUCH_NAME),
        (pupil(2, "Mar?in", "Léa"), Reason.LOST_LETTERS),
        (pupil(2, "", ""), Reason.NO_NAME),
        (pupil(2, "Léa", "Martin"), Reason.NO_SUCH_NAME),
    ],
)
def test_who_is_not_paired_says_why(line: ListLine, reason: Reason) -> None:
    (result,) = pupils([line], member(1, "Martin", "Léa"))
    assert told(result) == (Outcome.UNMATCHED, reason, None)


def test_homonyms_of_other_birth_dates_are_told_apart_and_twins_are_two() -> None:
    results = pupils(
        [
            pupil(2, "Martin", "Léa"),
            pupil(3, "Martin", "Léa", OTHER_DAY),
            pupil(4, "Martin", "Tom"),
        ],
        member(1, "Martin", "Léa"),
        member(2, "Martin", "Léa", born=OTHER_DAY),
        member(3, "Martin", "Tom"),
    )
    assert [result.person_id for result in results] == [1, 2, 3]


def test_two_people_of_the_file_for_one_line_are_ambiguous() -> None:
    twins = (member(1, "Martin", "Léa", classes=("4E1",)), member(2, "MARTIN", "Lea"))
    (result,) = pupils([ListLine(2, "Martin", "Léa", birth_date=BORN, class_name="4e1")], *twins)
    assert told(result) == (Outcome.AMBIGUOUS, Reason.SEVERAL_PERSONS, None)
    assert result.proposals == (1, 2)  # the class says who is likelier


def test_two_lines_for_one_person_are_homonyms() -> None:
    lines = [pupil(2, "Martin", "Léa"), pupil(3, "MARTIN", "LÉA"), pupil(4, "Martin", "Léa", None)]
    results = pupils(lines, member(1, "Martin", "Léa"))
    assert [result.outcome for result in results] == [
        Outcome.HOMONYM,
        Outcome.HOMONYM,
        Outcome.UNMATCHED,
    ]


def test_names_of_other_scripts_are_compared_and_never_all_the_same() -> None:
    results = pupils(
        [pupil(2, "Иванов", "Иван"), pupil(3, "李", "明")],
        member(1, "ИВАНОВ", "Иван"),
        member(2, "王", "明"),
    )
    assert [result.person_id for result in results] == [1, None]


@pytest.mark.parametrize("text", ["LE GOFF Léa", "Mme LE GOFF Léa", "Le Goff Léa", "le goff lea"])
def test_both_names_in_one_column_are_compared(text: str) -> None:
    line = ListLine(2, full_name=text, birth_date=BORN)
    (result,) = pupils([line], member(1, "Le Goff", "Léa"), member(2, "Goff", "Léa"))
    assert result.person_id == 1


def test_capitals_part_two_names_in_one_column() -> None:
    people = (member(1, "Martin", "Jean Paul"), member(2, "Martin Jean", "Paul"))
    lines = [
        ListLine(2, full_name="MARTIN Jean Paul", birth_date=BORN),
        ListLine(3, full_name="MARTIN JEAN Paul", birth_date=BORN),
    ]
    assert [result.person_id for result in pupils(lines, *people)] == [1, 2]
    (unclear,) = pupils([ListLine(2, full_name="martin jean paul", birth_date=BORN)], *people)
    assert unclear.outcome == Outcome.AMBIGUOUS


@pytest.mark.parametrize("kind", [ListKind.TEACHERS, ListKind.STAFF])
def test_adults_are_paired_by_their_names_alone(kind: ListKind) -> None:
    lines = [ListLine(2, "Durand", "Anne", birth_date=BORN), ListLine(3, "Petit", "Luc")]
    people = (
        member(1, "Durand", "Anne", kind=kind),
        member(2, "Petit", "Luc", kind=kind),
        member(3, "Petit", "Luc", kind=kind),
        member(4, "Durand", "Anne"),
    )
    results = compare({kind: lines}, people, {})[kind]
    assert [told(result) for result in results] == [
        (Outcome.MATCHED, Reason.SAME_NAMES, 1),
        (Outcome.AMBIGUOUS, Reason.SEVERAL_PERSONS, None),
    ]


FAMILY = (
    member(1, "Martin", "Léa"),
    member(2, "Martin", "Tom"),
    member(3, "Petit", "Ana"),
    member(10, "Martin", "Claire", kind=ListKind.GUARDIANS, children=(1, 2)),
    member(11, "Petit", "Claire", kind=ListKind.GUARDIANS, children=(3,)),
    member(12, "Martin", "Paul", kind=ListKind.GUARDIANS, children=(1,)),
    member(13, "Martin", "Paul", kind=ListKind.GUARDIANS, children=(3,)),
)
CHILDREN = [
    pupil(2, "MARTIN", "Léa"),
    pupil(3, "MARTIN", "Tom"),
    pupil(4, "PETIT", "Ana"),
    pupil(5, "INCONNU", "Max"),
]


def guardians(*lines: ListLine, children: Sequence[ListLine] = CHILDREN) -> list[Result]:
    """Compare a list of guardians beside that of the pupils."""
    lists = {ListKind.GUARDIANS: lines, ListKind.PUPILS: children}
    return compare(lists, FAMILY, owners_of(*FAMILY))[ListKind.GUARDIANS]


@pytest.mark.parametrize(
    ("children", "name", "expected"),
    [
        ("MARTIN Léa, MARTIN Tom", "Claire", (Outcome.MATCHED, Reason.SAME_CHILD, 10)),
        ("MARTIN Tom", "Claire", (Outcome.MATCHED, Reason.SAME_CHILD, 10)),
        ("MARTIN Léa", "Paul", (Outcome.MATCHED, Reason.SAME_CHILD, 12)),
        ("PETIT Ana", "Paul", (Outcome.MATCHED, Reason.SAME_CHILD, 13)),
        ("MARTIN Léa / PETIT Ana", "Paul", (Outcome.AMBIGUOUS, Reason.SEVERAL_PERSONS, None)),
        ("PETIT Ana", "Claire", (Outcome.UNMATCHED, Reason.OTHER_CHILDREN, None)),
        ("INCONNU Max", "Claire", (Outcome.UNMATCHED, Reason.CHILD_UNMATCHED, None)),
        ("", "Claire", (Outcome.UNMATCHED, Reason.NO_CHILD, None)),
        ("MARTIN Léa", "Zoé", (Outcome.UNMATCHED, Reason.NO_SUCH_NAME, None)),
    ],
)
def test_guardians_are_paired_through_their_children(
    children: str, name: str, expected: tuple[Outcome, Reason, int | None]
) -> None:
    with_children = ListLine(9, "PETIT", "Claire", children=("PETIT Ana",))
    line = ListLine(2, "MARTIN", name, children=(children,) if children else ())
    assert told(guardians(line, with_children)[0]) == expected


def test_the_pupils_list_may_name_the_guardians_instead() -> None:
    children = [
        ListLine(2, "MARTIN", "Léa", birth_date=BORN, guardians=("MARTIN Claire", "MARTIN Paul")),
        ListLine(3, "PETIT", "Ana", birth_date=BORN, guardians=("MARTIN Paul",)),
    ]
    claire, paul = guardians(
        ListLine(2, "MARTIN", "Claire"), ListLine(3, "MARTIN", "Paul"), children=children
    )
    assert (claire.person_id, paul.outcome) == (10, Outcome.AMBIGUOUS)


def test_of_two_pupils_of_one_name_the_one_whose_line_names_the_guardian_counts() -> None:
    people = (
        member(1, "Martin", "Léa"),
        member(2, "Martin", "Léa", born=OTHER_DAY),
        member(10, "Martin", "Paul", kind=ListKind.GUARDIANS, children=(1,)),
        member(11, "Martin", "Luc", kind=ListKind.GUARDIANS, children=(2,)),
        member(12, "Martin", "Luc", kind=ListKind.GUARDIANS, children=(1,)),
    )
    lists = {
        ListKind.PUPILS: [
            ListLine(2, "MARTIN", "Léa", birth_date=BORN, guardians=("MARTIN Paul",)),
            ListLine(3, "MARTIN", "Léa", birth_date=OTHER_DAY, guardians=("MARTIN Luc",)),
        ],
        ListKind.GUARDIANS: [ListLine(2, "MARTIN", "Luc", children=("MARTIN Léa",))],
    }
    (luc,) = compare(lists, people, {})[ListKind.GUARDIANS]
    assert luc.person_id == 11


#: Two pupils of one name, and for each a guardian; the guardians have one name too.
NAMESAKES = (
    member(1, "Martin", "Léa"),
    member(2, "Martin", "Léa", born=OTHER_DAY),
    member(10, "Martin", "Luc", kind=ListKind.GUARDIANS, children=(1,)),
    member(11, "Martin", "Luc", kind=ListKind.GUARDIANS, children=(2,)),
)


def namesakes(*lines: ListLine, born: date = OTHER_DAY, named: int = 1) -> list[Result]:
    """Compare guardians with two pupils of one name, each of whom names Luc."""
    lucs = ("MARTIN Luc",) * named
    pupils_list = [
        ListLine(2, "MARTIN", "Léa", birth_date=BORN, guardians=lucs),
        ListLine(3, "MARTIN", "Léa", birth_date=born, guardians=lucs),
    ]
    lists = {ListKind.PUPILS: pupils_list, ListKind.GUARDIANS: lines}
    return compare(lists, NAMESAKES, owners_of(*NAMESAKES))[ListKind.GUARDIANS]


def luc(number: int, *, children: str = "MARTIN Léa", identifier: str = "") -> ListLine:
    """One line of a guardian."""
    return ListLine(number, "MARTIN", "Luc", children=(children,), identifier=identifier)


def test_guardians_of_one_name_with_pupils_of_one_name_are_paired_each() -> None:
    results = namesakes(luc(2), luc(3))
    assert {told(result) for result in results} == {
        (Outcome.MATCHED, Reason.LINES_ALIKE, 10),
        (Outcome.MATCHED, Reason.LINES_ALIKE, 11),
    }


def test_of_guardians_of_one_name_one_is_paired_when_one_of_the_pupils_is() -> None:
    one, other = namesakes(luc(2), luc(3), born=date(2012, 5, 6))
    assert told(one) == (Outcome.MATCHED, Reason.LINES_ALIKE, 10)
    assert told(other) == (Outcome.UNMATCHED, Reason.LINES_ALIKE, None)


@pytest.mark.parametrize(
    "results",
    [
        namesakes(luc(2), luc(3), luc(4)),  # which of three answers for nobody?
        namesakes(luc(2), luc(3), named=2),  # each pupil has two of that name
        namesakes(luc(2, children="MARTIN Léa, MARTIN Léa"), luc(3)),
    ],
)
def test_guardians_whom_nothing_gives_one_pupil_each_are_left_to_a_hand(
    results: list[Result],
) -> None:
    assert {result.outcome for result in results} == {Outcome.HOMONYM}


def test_of_guardians_of_one_name_the_last_without_identifier_is_paired() -> None:
    found, rest = namesakes(luc(2, identifier="id11"), luc(3))
    assert (found.check, rest.person_id) == (IdentifierCheck.OURS, 10)


def test_guardians_alone_are_looked_for_by_their_children_in_the_file_or_by_name() -> None:
    named = ListLine(2, "MARTIN", "Paul", children=("PETIT Ana",))
    (result,) = compare({ListKind.GUARDIANS: [named]}, FAMILY, {})[ListKind.GUARDIANS]
    assert told(result) == (Outcome.MATCHED, Reason.SAME_CHILD, 13)
    lines = [ListLine(2, "MARTIN", "Claire"), ListLine(3, "MARTIN", "Paul")]
    claire, paul = compare({ListKind.GUARDIANS: lines}, FAMILY, {})[ListKind.GUARDIANS]
    assert told(claire) == (Outcome.MATCHED, Reason.NAMES_ALONE, 10)
    assert paul.outcome == Outcome.AMBIGUOUS


def with_identifier(
    identifier: str, family_name: str = "Martin", given_name: str = "Léa"
) -> ListLine:
    """A line that has an identifier already."""
    return ListLine(2, family_name, given_name, birth_date=BORN, identifier=identifier)


LEA, TOM, ANA = FAMILY[:3]


@pytest.mark.parametrize(
    ("line", "check", "owner"),
    [
        (with_identifier("id1"), IdentifierCheck.OURS, 1),
        (with_identifier("ID1"), IdentifierCheck.OURS, 1),
        (with_identifier("id2"), IdentifierCheck.OTHER, 2),
        (with_identifier("id3"), IdentifierCheck.OTHER, 3),
        (with_identifier("rien"), IdentifierCheck.UNKNOWN, None),
        (with_identifier("vieux"), IdentifierCheck.FORMER, 1),
        (with_identifier("vieux", "Petit", "Ana"), IdentifierCheck.OTHER, 1),
        # Renamed since: the same given name and the same day.
        (with_identifier("id1", "Dupont", "Léa"), IdentifierCheck.OURS, 1),
        (with_identifier("id1", "Dupont", "Max"), IdentifierCheck.OTHER, 1),
        # A twin who is not in the file.
        (with_identifier("id1", "Martin", "Hector"), IdentifierCheck.OTHER, 1),
    ],
)
def test_each_identifier_of_the_list_is_checked(
    line: ListLine, check: IdentifierCheck, owner: int | None
) -> None:
    owners = owners_of(*FAMILY) | {"vieux": Owner(1, False, "Martin", "Léa", BORN)}
    (result,) = compare({ListKind.PUPILS: [line]}, FAMILY, owners)[ListKind.PUPILS]
    assert (result.check, result.owner_id) == (check, owner)
    is_ours = check == IdentifierCheck.OURS
    assert result.outcome == (Outcome.MATCHED if is_ours else Outcome.UNMATCHED)


def test_who_has_their_pair_already_is_proposed_to_no_other_line() -> None:
    lines = [with_identifier("id1"), pupil(3, "Martin", "Léa")]
    first, second = pupils(lines, LEA)
    assert told(first) == (Outcome.MATCHED, Reason.IDENTIFIER, 1)
    assert told(second) == (Outcome.UNMATCHED, Reason.TAKEN, None)


def test_an_identifier_leads_to_the_guardians_of_whoever_it_was_given_for() -> None:
    """Pronote follows identifiers: a wrong one misleads it, and the dry run says the same."""
    children = [with_identifier("id3")]
    line = ListLine(2, "Martin", "Paul", children=("Martin Léa",))
    (result,) = guardians(line, children=children)
    assert result.person_id == 13


@pytest.mark.parametrize(
    ("line", "proposed"),
    [
        (pupil(2, "Martin", "Léo"), 1),  # nearly the same names, same day
        (pupil(2, "Léa", "Martin"), 1),  # columns exchanged
        (pupil(2, "Martin Dupont", "Léa"), 1),  # a usage name more
        (pupil(2, "Martin", "Léa", OTHER_DAY), 1),  # another day
        (pupil(2, "Pettit", "Ana"), 3),  # a letter more
    ],
)
def test_the_likeliest_person_is_proposed_first(line: ListLine, proposed: int) -> None:
    (result,) = pupils([line], *FAMILY[:3])
    assert result.proposals[:1] == (proposed,)


def test_nobody_is_proposed_for_a_stranger() -> None:
    (result,) = pupils([pupil(2, "Zidane", "Karim", OTHER_DAY)], *FAMILY[:3])
    assert result.proposals == ()


def crowd(size: int) -> tuple[dict[ListKind, list[ListLine]], list[Member]]:
    """A school of that many people, half of whom Pronote pairs by itself."""
    names = [f"{chr(65 + n % 26)}{chr(97 + n // 26 % 26)}nom{n % 97}" for n in range(size)]
    members = [
        *(
            member(n, name, f"Prénom{n % 53}", born=BORN + timedelta(days=n // 2))
            for n, name in enumerate(names)
        ),
        *(
            member(size + n, name, "Claire", kind=ListKind.GUARDIANS, children=(n,))
            for n, name in enumerate(names)
        ),
    ]
    children, parents = [], []
    for n, name in enumerate(names):
        spelt = name.upper() if n % 2 else f"{name}x"
        born = BORN + timedelta(days=n // 2)
        children.append(pupil(n + 2, spelt, f"Prénom{n % 53}", born))
        parents.append(ListLine(n + 2, spelt, "Claire", children=(children[-1].name,)))
    return {ListKind.PUPILS: children, ListKind.GUARDIANS: parents}, members


def seconds_for(size: int) -> float:
    """The best of three comparisons of a crowd, in seconds of the processor."""
    lists, members = crowd(size)
    times = []
    for _ in range(3):
        started = time.process_time()
        compare(lists, members, owners_of(*members))
        times.append(time.process_time() - started)
    return min(times)


@pytest.mark.slow
def test_the_time_grows_with_the_people_and_not_with_their_square() -> None:
    """2,500 pupils and their 2,500 parents; were each line compared with everybody, 25 times."""
    assert seconds_for(2_500) < 15 * seconds_for(500)


def test_the_same_lists_give_the_same_answer_in_any_order() -> None:
    lists, members = crowd(200)
    expected = {
        (kind, result.line.number): told(result)
        for kind, results in compare(lists, members, {}).items()
        for result in results
    }
    shuffled = {kind: list(reversed(lines)) for kind, lines in lists.items()}
    again = compare(shuffled, list(reversed(members)), {})
    found = {
        (kind, result.line.number): told(result)
        for kind, results in again.items()
        for result in results
    }
    assert found == expected
