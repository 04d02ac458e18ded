"""A bench that cannot say « missed » would be no bench."""

from __future__ import annotations

import pytest

from bench.lines import Line, percentile, table


@pytest.mark.parametrize(
    ("compare", "at_least", "holds"),
    [(0.3, True, True), (0.2, True, False), (0.2, False, True), (0.3, False, False)],
)
def test_a_goal_is_reached_from_its_own_side(compare: float, at_least: bool, holds: bool) -> None:
    line = Line(work="w", ours="o", compare=compare, goal=0.25, at_least=at_least)
    assert line.holds is holds
    assert ("MISSED" in table([line])) is not holds


def test_the_table_shows_floor_peer_ours_ratio_goal_and_verdict() -> None:
    line = Line(work="read", floor="10 /s", peer="5 /s", ours="9 /s", compare=0.9, goal=0.8)
    header, _, row = table([line]).splitlines()
    assert [cell.strip() for cell in row.strip("|").split("|")] == [
        "read", "10 /s", "5 /s", "9 /s", "0.9 ×", "≥ 0.8 ×", "holds",
    ]  # fmt: skip
    assert header.count("|") == row.count("|")


def test_p95_is_a_value_that_one_in_twenty_exceeds() -> None:
    assert percentile([float(number) for number in range(1, 101)], 0.95) == 96
    assert percentile([7.0], 0.95) == 7
