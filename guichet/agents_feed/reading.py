"""The academy's file of agents: columns found by name, all faults at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from ent.tabular.reading.grids import Grid
from ent.text.folding import fold
from guichet.agents.uids import normalise_uid
from guichet.uploaded_lists import UnreadableList, read_grid

#: What a column may be called, folded.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "uid": ("identifiant", "identifiant academique", "uid", "login"),
    "family_name": ("nom", "nom de famille"),
    "given_name": ("prenom",),
    "birth_date": ("date de naissance", "naissance"),
    "postal_code": ("code postal",),
    "email": ("courriel", "courriel professionnel", "mail", "mail professionnel"),
    "personal_email": ("courriel personnel", "mail personnel"),
    "phone": ("telephone",),
    "join_key": ("cle de jointure",),
    "function": ("fonction",),
    "ends_on": ("date de fin", "fin"),
}
_NEEDED: Final = ("uid", "family_name")
_DATES: Final = ("birth_date", "ends_on")
_LONGEST: Final = 254


class UnreadableFeed(Exception):
    """Nothing of the file can be used; the argument says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLine:
    """One agent as the file says."""

    line: int
    uid: str
    values: Mapping[str, str | date | None]


@dataclass(slots=True)
class AgentFile:
    """What was read: agents, and (line, reason) of each that was left out."""

    agents: list[AgentLine] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)


def read_agents(content: bytes) -> AgentFile:
    """Read a whole file, CSV or XLSX."""
    try:
        grid = read_grid(content)
    except UnreadableList as refused:
        raise UnreadableFeed(str(refused)) from None
    rows = [row for row in grid.rows if not row.is_empty]
    columns = _columns_of(rows[0].cells if rows else ())
    found = AgentFile()
    seen: set[str] = set()
    for row in rows[1:]:
        cells = {name: row.cells[at] for name, at in columns.items() if at < len(row.cells)}
        cells |= {name: _written(cells[name], grid) for name in _DATES if name in cells}
        fault = _read_into(found, row.number, cells, seen)
        if fault:
            found.faults.append((row.number, fault))
    return found


def _columns_of(head: Sequence[str]) -> dict[str, int]:
    folded = [fold(cell) for cell in head]
    columns = {
        name: folded.index(word)
        for name, words in COLUMNS.items()
        for word in words
        if word in folded
    }
    if missing := [COLUMNS[name][0] for name in _NEEDED if name not in columns]:
        raise UnreadableFeed(f"Colonne absente\u00a0: {', '.join(missing)}.")
    return columns


def _read_into(found: AgentFile, line: int, cells: Mapping[str, str], seen: set[str]) -> str:
    """Add the agent of a line; return why not, "" when it was added."""
    uid = normalise_uid(cells.get("uid", ""))
    if not uid:
        return "L’identifiant manque, ou compte d’autres signes."
    if uid in seen:
        return "Cet identifiant est deux fois dans le fichier."
    if not cells.get("family_name"):
        return "Le nom manque."
    if any(len(cell) > _LONGEST or not cell.isprintable() for cell in cells.values()):
        return "Une valeur est trop longue, ou compte des signes invisibles."
    values: dict[str, str | date | None] = {}
    for name, cell in cells.items():
        if name in _DATES:
            day = _date_of(cell)
            if cell and day is None:
                return "Une date ne se lit pas\u00a0: JJ/MM/AAAA."
            values[name] = day
        elif name != "uid":
            values[name] = cell
    seen.add(uid)
    found.agents.append(AgentLine(line=line, uid=uid, values=values))
    return ""


def _written(text: str, grid: Grid) -> str:
    """Return a date as people write it: a workbook keeps the number of a day."""
    if not (text.isdecimal() and len(text) <= 5):
        return text
    return (grid.day_zero + timedelta(days=int(text))).isoformat()


def _date_of(text: str) -> date | None:
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day, without an hour
        except ValueError:
            continue
    return None
