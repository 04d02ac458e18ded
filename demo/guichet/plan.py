"""What the portal's side of the demonstration leaves for the guichet: its agents, and who tries it.

A file in the demonstration's folder: the two sides run in different realms. Imports no room.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

AUTHORITY = "NANCY-METZ"
#: Served on the loopback address, under a name of its own: its cookies are not the portal's.
HOST = "guichet-nancy-metz.localhost"
PIN = "428615"
PASSWORD = "la pluie sous le preau"  # noqa: S105 - printed on the terminal, demonstration only


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAgent:
    """An agent as the academy's file says."""

    uid: str
    family_name: str
    given_name: str
    email: str
    function: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The agents; whose key is in service; whose key was never used."""

    agents: list[PlannedAgent] = field(default_factory=list)
    with_key: str = ""
    with_new_key: str = ""

    def write(self, path: Path) -> None:
        """Leave it to the other side."""
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        path.write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Plan:
        """Read what the other side left."""
        kept = json.loads(path.read_text(encoding="utf-8"))
        agents = [PlannedAgent(**one) for one in kept.pop("agents")]
        return cls(agents=agents, **kept)


def plan_path(var: Path) -> Path:
    """Where it lies; *var* is the portal's folder of state."""
    return var / "demo" / "guichet" / "plan.json"
