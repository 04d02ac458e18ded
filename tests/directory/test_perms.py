"""Nobody acts on themselves or upwards (T-F7 for what exists here)."""

from __future__ import annotations

import pytest

from directory.enums import Role
from directory.rights.actors import actor_for
from directory.rights.acts import Act
from directory.rights.perms import can_rescue
from directory.rights.walls import visible_persons
from tests import factories as make
from tests.cast import Cast

RESCUED_BY = {
    "credentials_manager": {"pupil", "classmate", "child_a", "parent", "guest"},
    "form_teacher": {"pupil", "child_a", "parent"},
    "manager_a": {"pupil", "classmate", "child_a", "parent", "guest"},
    "head": {"pupil", "classmate", "child_a", "parent", "guest"},
    "manager_b": {"pupil_b", "child_b", "parent"},
    "helpdesk": set(),
    "editor": set(),
    "teacher": set(),
    "pupil": set(),
    "parent": set(),
}
EVERYBODY = (
    "ent_administrator manager_a manager_b credentials_manager head teacher form_teacher editor"
    " helpdesk pupil classmate pupil_b far_pupil parent child_a child_b stranger guest"
)


@pytest.mark.parametrize("who", RESCUED_BY)
def test_a_rescue_reaches_families_of_the_scope_only(who: str, cast: Cast) -> None:
    actor = actor_for(getattr(cast, who))
    rescued = {name for name in EVERYBODY.split() if can_rescue(actor, getattr(cast, name))}
    assert rescued == RESCUED_BY[who]


def test_an_ent_administrator_rescues_everybody_but_their_peers_and_themselves(
    cast: Cast,
) -> None:
    other = make.make_person(family_name="Autre")
    make.give_role(person=other, role=Role.ENT_ADMINISTRATOR)
    actor = actor_for(cast.ent_administrator)
    assert can_rescue(actor, cast.head)
    assert can_rescue(actor, cast.manager_a)
    assert not can_rescue(actor, other)
    assert not can_rescue(actor, cast.ent_administrator)


def test_a_guest_who_holds_a_role_is_no_longer_rescued_by_a_manager(cast: Cast) -> None:
    make.give_role(person=cast.guest, role=Role.EDITOR, school=cast.school_a)
    verdict = can_rescue(actor_for(cast.credentials_manager), cast.guest)
    assert not verdict
    assert "rôle" in verdict.reason
    assert can_rescue(actor_for(cast.manager_a), cast.guest)


def test_an_administrator_of_another_school_stands_above_a_manager_here(cast: Cast) -> None:
    make.affiliate(person=cast.manager_b, school=cast.school_a)
    manageable = visible_persons(actor_for(cast.manager_a), Act.LIFE_CYCLE)
    assert cast.manager_b not in manageable
    assert cast.teacher in manageable
    assert cast.head not in manageable
    assert cast.manager_a not in manageable


@pytest.mark.parametrize(
    ("who", "whom", "word"),
    [
        ("credentials_manager", "teacher", "académique"),
        ("credentials_manager", "credentials_manager", "propre compte"),
        ("credentials_manager", "pupil_b", "ne s’étend pas"),
    ],
)
def test_a_refusal_says_why(who: str, whom: str, word: str, cast: Cast) -> None:
    verdict = can_rescue(actor_for(getattr(cast, who)), getattr(cast, whom))
    assert word in verdict.reason
