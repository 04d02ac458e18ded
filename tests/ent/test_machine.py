"""How many processes and places a machine gets by itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ent.deployment.machine import (
    MOST_WEB_PROCESSES,
    core_count,
    sign_in_room,
    web_process_count,
)


@pytest.mark.parametrize(
    ("cores", "processes", "places", "waiting"),
    [(1, 5, 2, 2), (2, 9, 4, 3), (4, 17, 8, 5), (8, 33, 16, 9), (16, 33, 25, 0), (64, 33, 25, 0)],
)
def test_processes_and_places_follow_the_cores(
    cores: int, processes: int, places: int, waiting: int
) -> None:
    assert web_process_count(cores) == processes
    assert sign_in_room(cores=cores, web_processes=processes) == (places, waiting)


@pytest.mark.parametrize("cores", [1, 2, 3, 4, 16])
@pytest.mark.parametrize("processes", [2, 3, 4, 5, 8, 9, MOST_WEB_PROCESSES, 200])
def test_a_process_is_left_for_whoever_is_in(cores: int, processes: int) -> None:
    places, waiting = sign_in_room(cores=cores, web_processes=processes)
    assert places >= 1
    assert waiting >= 0
    assert places + waiting < processes


def test_one_process_signs_people_in_all_the_same() -> None:
    assert sign_in_room(cores=2, web_processes=1) == (1, 0)


@pytest.mark.parametrize(
    ("share", "most"), [("50000 100000", 1), ("100000 100000", 1), ("150000 100000", 2)]
)
def test_a_container_with_a_share_has_its_cores(share: str, most: int, tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text(f"{share}\n")
    assert core_count(tmp_path / "cpu.max") == min(most, len(os.sched_getaffinity(0)))


@pytest.mark.parametrize("share", ["max 100000", "", "nonsense", None])
def test_without_a_share_all_cores_count(share: str | None, tmp_path: Path) -> None:
    if share is not None:
        (tmp_path / "cpu.max").write_text(share)
    assert core_count(tmp_path / "cpu.max") == len(os.sched_getaffinity(0))
