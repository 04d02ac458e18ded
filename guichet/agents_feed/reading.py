"""The academy's file of agents: a CSV whose columns are found by name, all faults at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from ent.text.folding import fold
from guichet.agents.uids import normalise_uid

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
    """Read a whole file, `;` or `,` between columns, UTF-8."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFeed("Le fichier n’est pas en UTF-8.") from None
    head = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text), delimiter=";" if ";" in head else ",")
    try:
        table = list(rows)
    except csv.Error:
        raise UnreadableFeed("Le fichier n’est pas un CSV.") from None
    columns = _columns_of(table[0] if table else [])
    found = AgentFile()
    seen: set[str] = set()
    for number, row in enumerate(table[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        cells = {name: row[at].strip() for name, at in columns.items() if at < len(row)}
        fault = _read_into(found, number, cells, seen)
        if fault:
            found.faults.append((number, fault))
    return found


def _columns_of(head: list[str]) -> dict[str, int]:
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


def _date_of(text: str) -> date | None:
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day, without an hour
        except ValueError:
            continue
    return None
