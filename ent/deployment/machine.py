"""What this machine, or the container's share of it, has room for."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

MOST_WEB_PROCESSES = 33
"""By default: each holds a connection of PostgreSQL, which gives 100 to all machines together."""
_SHARE = Path("/sys/fs/cgroup/cpu.max")


def core_count(share: Path = _SHARE) -> int:
    """Return the cores that this process may use.

    Those of its affinity; fewer in a container that may use less (*share*: `cpu.max` of cgroup v2,
    « quota period » in microseconds, or « max period »).
    """
    cores = len(os.sched_getaffinity(0))
    with suppress(OSError, ValueError):
        quota, period = map(int, share.read_text().split())
        cores = min(cores, -(-quota // period))
    return max(cores, 1)


def web_process_count(cores: int) -> int:
    """Return how many web processes serve *cores*.

    More than the cores: some wait for an academy, for a disk, or in front of a sign-in.
    """
    return min(4 * cores + 1, MOST_WEB_PROCESSES)


def sign_in_room(*, cores: int, web_processes: int) -> tuple[int, int]:
    """Return how many sign-ins may be under way at once, and how many more may wait for that.

    Two a core are enough for the machine to hash all the time. A quarter of the processes, at most
    one a core, is left for every other page.
    """
    left = max(1, min(cores, web_processes // 4))
    places = max(min(2 * cores, web_processes - left), 1)
    return places, max(web_processes - left - places, 0)
