"""The arithmetic of codes: RFC 6238, drift over years, jumps of a clock."""

from __future__ import annotations

import random
import shutil
import subprocess

import pytest

from guichet.enums import Algorithm
from guichet.keys.codes import Clock
from tests.conftest import require

SEED = b"12345678901234567890"
WEEK = 7 * 86_400


@pytest.mark.parametrize(
    ("second", "code"), [(59, "755224"), (60, "287082"), (119, "287082"), (120, "359152")]
)
def test_the_vectors_of_rfc_4226_with_sixty_seconds(second: int, code: str) -> None:
    """T-D2."""
    clock = Clock(seed=SEED)
    assert clock.code(clock.step_at(second)) == code


@pytest.mark.parametrize(
    ("algorithm", "seed", "code"),
    [
        (Algorithm.SHA1, SEED, "94287082"),
        (Algorithm.SHA256, (SEED * 2)[:32], "46119246"),
        (Algorithm.SHA512, (SEED * 4)[:64], "90693936"),
    ],
)
def test_the_vectors_of_rfc_6238(algorithm: Algorithm, seed: bytes, code: str) -> None:
    clock = Clock(seed=seed, interval=30, digits=8, algorithm=algorithm)
    assert clock.code(clock.step_at(59)) == code


def test_a_slow_drift_is_learned_for_five_years() -> None:
    """T-D7: two seconds a week, two sign-ins a week, typed up to 25 seconds after reading."""
    drawn = random.Random(4226)
    drift, last, now = 0.0, -1, 1_800_000_000.0
    for visit in range(5 * 52 * 2):
        now += WEEK / 2 + drawn.uniform(-3600, 3600)
        ahead = 2 * visit / 2
        read_at = now - drawn.uniform(2, 25)
        clock = Clock(seed=SEED, drift=drift)
        code = clock.code(int((read_at + ahead) // 60))
        step = clock.match(code, now=now).fresh(after=last)
        assert step is not None, visit
        drift, last = clock.learned(step, now=now), step
    assert abs(drift - ahead) < 20


@pytest.mark.parametrize("jump", [-90.0, 90.0])
def test_a_jump_of_our_clock_never_widens_the_window(jump: float) -> None:
    """T-D8: at 90 seconds some codes are a step too far; none further than a step is believed."""
    now = 1_800_000_000.0
    clock = Clock(seed=SEED)
    for second in range(60):
        step = clock.step_at(now + second)
        match = clock.match(clock.code(step), now=now + second + jump)
        assert all(abs(near - clock.step_at(now + second + jump)) <= 1 for near in match.near)


def test_a_seed_never_shows_in_a_representation() -> None:
    assert "1234" not in repr(Clock(seed=SEED))


def test_oathtool_agrees_over_a_year_of_drift() -> None:
    """A code each week, of a key that drifts by two seconds a week."""
    tool = shutil.which("oathtool")
    require(tool is not None, "oathtool")
    for week in range(53):
        instant = 1_800_000_000 + week * WEEK + 2 * week
        command = [
            *(str(tool), "--totp=sha1", "--time-step-size=60s", "--digits=6"),
            *(f"--now=@{instant}", SEED.hex()),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        clock = Clock(seed=SEED, drift=2 * week)
        assert clock.code(clock.step_at(1_800_000_000 + week * WEEK)) == done.stdout.strip()
