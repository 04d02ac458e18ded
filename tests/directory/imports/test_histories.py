"""Incremental = fresh: what a history of deliveries leaves is what its last state alone gives."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given, reject, settings
from hypothesis import strategies as st

from directory.enums import DeliveryState
from directory.imports.guard import weighing
from directory.models.deliveries import Delivery as DeliveryRow
from tests.directory.imports.deliveries import write_delta
from tests.directory.imports.first_degree import of_first_degree, write_first_delta
from tests.directory.imports.worlds import (
    Edit,
    Snapshot,
    Step,
    World,
    differences,
    histories,
    short_histories,
    snapshot,
)
from tests.factories import make_authority

pytestmark = pytest.mark.django_db
EXIT_HELD = 3
_UNKNOWN = "ne parle presque que d’inconnus"


@pytest.fixture(autouse=True)
def guard_of_a_small_academy(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of twenty people is five percent: nearly every delivery would be compared twice."""
    for name in ("AUTHORITY_PERCENT", "SCHOOL_PERCENT"):
        monkeypatch.setattr(weighing, name, 90)


def import_folder(folder: Path) -> None:
    """The command; departures that the guard holds are confirmed for the same files."""
    for confirmation in ({}, {"confirm_departures": ""}):
        try:
            call_command(
                "import_aaf", str(folder), authority="NANCY-METZ", verbosity=0,
                stdout=io.StringIO(), **confirmation,
            )  # fmt: skip
        except SystemExit as end:
            row = DeliveryRow.objects.order_by("-id").first()
            if row is not None and _UNKNOWN in row.refusal:
                reject()  # a delta of almost nobody but newcomers proves no authority
            assert end.code == EXIT_HELD, row.refusal if row else ""
        else:
            return
    row = DeliveryRow.objects.order_by("-id").first()
    assert row is not None
    assert row.state == DeliveryState.APPLIED


@contextmanager
def undone() -> Iterator[None]:
    """Within: what is written is taken back at the end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class History:
    """The deliveries of a history, written once, imported from the first one or the last alone."""

    def __init__(self, states: list[list[Edit]], folder: Path, degree: str) -> None:
        self._folder = folder
        self._is_first = degree == "1D"
        self._made = []
        world = World.first()
        for day, edits in enumerate(states, start=1):
            world.edit(edits)
            self._made.append(world.delivery(day))

    def deliver(self, day: int, how: str) -> None:
        """Import the state of a day (from 1) as a complete set or as what has changed."""
        folder, made = self._folder / f"{day}-{how}", self._made[day - 1]
        first = of_first_degree(made) if self._is_first else None
        if how == "complete":
            import_folder((first or made).write(folder))
            return
        before, is_partial = self._made[day - 2], how == "partial"
        if first is None:
            import_folder(write_delta(folder, before=before, after=made, is_partial=is_partial))
            return
        import_folder(
            write_first_delta(
                folder, before=of_first_degree(before), after=first, is_partial=is_partial
            )
        )

    def last_alone(self) -> Snapshot:
        """What a fresh import of the last state gives."""
        with undone():
            make_authority(code="NANCY-METZ")
            self.deliver(len(self._made), "complete")
            return snapshot()


def check(history: list[Step], degree: str = "2D") -> None:
    """What the deliveries leave is what the last state alone gives."""
    with tempfile.TemporaryDirectory() as folder:
        deliveries = History([edits for _, edits in history], Path(folder), degree)
        with undone():
            make_authority(code="NANCY-METZ")
            for day, (how, _) in enumerate(history, start=1):
                deliveries.deliver(day, how if day > 1 else "complete")
            here = snapshot()
        found = differences(here, deliveries.last_alone())
    assert not found, found


def check_every_mode(states: list[list[Edit]], degree: str = "2D") -> None:
    """The same for these states, delivered complete, as changes, and as parts of objects."""
    with tempfile.TemporaryDirectory() as folder:
        deliveries = History(states, Path(folder), degree)
        fresh = deliveries.last_alone()
        with undone():
            make_authority(code="NANCY-METZ")
            deliveries.deliver(1, "complete")
            for how in ("complete", "delta", "partial"):
                with undone():
                    for day in range(2, len(states) + 1):
                        deliveries.deliver(day, how)
                    found = differences(snapshot(), fresh)
                assert not found, f"{how}: {found}"


NAMED: dict[str, list[list[Edit]]] = {
    "name comes later": [[("given_name", 1, 2, 0)], [("given_name", 1, 0, 0)]],
    "name is blanked": [[], [("given_name", 3, 2, 0)]],
    "only child leaves": [[], [("pupil", 0, 0, 0)]],
    "only child comes back": [[], [("pupil", 2, 0, 2)], [("pupil", 2, 0, 2)]],
    "class of a school that comes later": [[("teach", 0, 2, 0)], [("school", 1, 0, 0)]],
    "guardian who comes later": [[("guardian", 4, 0, 0)], [("guardian", 4, 0, 0)]],
    "teacher of another class": [[], [("teach", 1, 0, 0)]],
    "pupil renamed": [[], [("name", 7, 1, 0)]],
    "school that goes": [[], [("school", 0, 0, 0)]],
    "school that comes back": [[], [("school", 0, 0, 0)], [("school", 0, 0, 0)]],
}
_APART = ("school that goes", "school that comes back")
"""A school that goes takes half of the people with it: not together with the others."""


def _together(names: Iterable[str]) -> list[list[Edit]]:
    """Several named histories as one: they are about other people."""
    steps = [NAMED[name] for name in names]
    return [[edit for edits in day for edit in edits] for day in zip_longest(*steps, fillvalue=[])]


_PEOPLE = _together([name for name in NAMED if name not in _APART])
_SCHOOL = NAMED["school that comes back"]


@pytest.mark.parametrize(
    ("states", "degree"),
    [
        pytest.param(_PEOPLE, "2D", id="people"),
        pytest.param(_SCHOOL, "2D", id="school"),
        pytest.param([*_PEOPLE, [("classes", 0, 1, 0)]], "1D", id="people of the first degree"),
    ],
)
def test_rights_follow_facts_whenever_they_arrive(states: list[list[Edit]], degree: str) -> None:
    check_every_mode(states, degree)


@pytest.mark.faults
@pytest.mark.parametrize("degree", ["1D", "2D"])
@pytest.mark.parametrize("name", NAMED)
def test_each_fact_by_itself(name: str, degree: str) -> None:
    check_every_mode(NAMED[name], degree)


#: A delta takes a school away that parts of objects name: they leave it all the same.
_LOST_SCHOOL: list[Step] = [
    (
        "complete",
        [
            ("classes", 0, 0, 0),
            ("classes", 0, 0, 11),
            ("classes", 0, 0, 0),
            ("classes", 0, 0, 0),
            ("classes", 1, 7, 7),
        ],
    ),
    (
        "partial",
        [
            ("school", 10, 8, 8),
            ("move", 8, 2, 7),
            ("link", 6, 6, 11),
            ("guardian", 8, 11, 11),
            ("unlink", 10, 10, 0),
        ],
    ),
    (
        "delta",
        [
            ("guardian", 9, 6, 8),
            ("member", 6, 2, 11),
            ("link", 5, 10, 7),
            ("move", 0, 10, 8),
            ("school", 1, 7, 7),
        ],
    ),
    ("partial", [("link", 4, 9, 5), ("teach", 9, 6, 2), ("name", 5, 8, 5)]),
    (
        "partial",
        [
            ("move", 3, 8, 11),
            ("given_name", 8, 8, 5),
            ("name", 0, 9, 5),
            ("unlink", 0, 10, 9),
            ("second_school", 0, 8, 4),
        ],
    ),
]


#: The same content on two days: only the list of structures.
_QUIET_DAYS: list[Step] = [
    ("complete", []), ("delta", []), ("delta", [("name", 1, 1, 0)]), ("delta", []),
]  # fmt: skip


@example(_LOST_SCHOOL)
@example(_QUIET_DAYS)
@settings(
    max_examples=3, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck),
    database=None, phases=[Phase.explicit, Phase.generate],
)  # fmt: skip
@given(short_histories)
def test_a_few_histories(history: list[Step]) -> None:
    check(history)


@pytest.mark.faults
@pytest.mark.timeout(7200)
@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(histories, st.sampled_from(("1D", "2D")))
def test_two_thousand_histories(history: list[Step], degree: str) -> None:
    check(history, degree)
