"""Incremental = fresh: what a history of deliveries leaves is what its last state alone gives."""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, example, given, reject, settings

from directory.enums import DeliveryState
from directory.models.deliveries import Delivery as DeliveryRow
from tests.directory.imports.deliveries import write_delta
from tests.directory.imports.worlds import (
    Edit,
    Snapshot,
    Step,
    World,
    differences,
    histories,
    snapshot,
)
from tests.factories import make_authority

pytestmark = pytest.mark.django_db
EXIT_HELD = 3
_UNKNOWN = "ne parle presque que d’inconnus"


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


def after(history: list[Step], *, only_last: bool) -> Snapshot:
    """What stands in the directory after these deliveries, or after the last state alone."""
    folder = Path(tempfile.mkdtemp())
    try:
        with transaction.atomic():
            make_authority(code="NANCY-METZ")
            world, before = World.first(), None
            for day, (how, edits) in enumerate(history, start=1):
                world.edit(edits)
                made = world.delivery(day)
                if only_last:
                    if day == len(history):
                        import_folder(made.write(folder / str(day)))
                elif before is None or how == "complete":
                    import_folder(made.write(folder / str(day)))
                else:
                    import_folder(
                        write_delta(
                            folder / str(day), before=before, after=made,
                            is_partial=how == "partial",
                        )
                    )  # fmt: skip
                before = made
            found = snapshot()
            transaction.set_rollback(True)
        return found
    finally:
        shutil.rmtree(folder)


def check(history: list[Step]) -> None:
    """Compare."""
    found = differences(after(history, only_last=False), after(history, only_last=True))
    assert not found, found


@pytest.mark.parametrize("how", ["complete", "delta", "partial"])
@pytest.mark.parametrize(
    "edits",
    [
        pytest.param([[("given_name", 1, 2, 0)], [("given_name", 1, 0, 0)]], id="name comes later"),
        pytest.param([[], [("given_name", 1, 2, 0)]], id="name is blanked"),
        pytest.param([[], [("pupil", 0, 0, 0)]], id="only child leaves"),
        pytest.param([[], [("pupil", 0, 0, 0)], [("pupil", 0, 0, 0)]], id="only child comes back"),
        pytest.param(
            [[("teach", 0, 2, 0)], [("school", 1, 0, 0)]], id="class of a school that comes later"
        ),
        pytest.param(
            [[("guardian", 0, 0, 0)], [("guardian", 0, 0, 0)]], id="guardian who comes later"
        ),
        pytest.param([[], [("teach", 1, 0, 0)]], id="teacher of another class"),
        pytest.param([[], [("name", 0, 1, 0)]], id="pupil renamed"),
        pytest.param([[], [("school", 0, 0, 0)]], id="school that goes"),
        pytest.param(
            [[], [("school", 0, 0, 0)], [("school", 0, 0, 0)]], id="school that comes back"
        ),
    ],
)
def test_rights_follow_facts_whenever_they_arrive(edits: list[list[Edit]], how: str) -> None:
    check([(how, step) for step in edits])


#: Found last and not mended: a delta takes a school away that parts of objects name.
_OPEN_FAULT: list[Step] = [
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


@pytest.mark.faults
@pytest.mark.timeout(7200)
@example(_OPEN_FAULT)
@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(histories)
def test_two_thousand_histories(history: list[Step]) -> None:
    check(history)
