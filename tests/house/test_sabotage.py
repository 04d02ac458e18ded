"""The faults of `make sabotage` are about the code as it is, and name tests that exist."""

from collections import Counter
from pathlib import Path

import pytest

from scripts.sabotage import Fault, FaultUnfit, read_faults, unfit_faults


def test_every_fault_fits_the_code_and_its_tests_exist() -> None:
    assert unfit_faults(read_faults()) == []


def test_no_two_faults_have_one_name() -> None:
    assert max(Counter(fault.name for fault in read_faults()).values()) == 1


@pytest.mark.parametrize("source", ["", "a wall, and a wall"])
def test_a_fault_is_put_in_at_one_place_only(source: str, tmp_path: Path) -> None:
    (tmp_path / "rights.py").write_text(source)
    fault = Fault(
        room="directory",
        name="wall off",
        breaks="A promise.",
        file="rights.py",
        text="wall",
        replacement="door",
        tests=("tests/test_gone.py::test_a_wall",),
    )
    with pytest.raises(FaultUnfit):
        fault.applied_to(source)
    assert [line.partition(":")[0] for line in unfit_faults([fault], tmp_path)] == ["wall off"] * 2
