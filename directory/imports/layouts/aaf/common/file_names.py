"""What the name of a file or archive tells: category, mode, date, chunk, school.

Names in the wild are looser than the official ones (``_Eleve_.xml``, nine-digit dates, a
``complet/`` folder), so everything but the category is optional.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

CATEGORIES = (
    "EtabEducNat",
    "MefEducNat",
    "MatiereEducNat",
    "Eleve",
    "PersRelEleve",
    "PersEducNat",
)
"""In the order in which a complete set is best read: structures and nomenclatures first."""

COMPLETE = "Complet"
DELTA = "Delta"

_CATEGORY = re.compile(rf"_({'|'.join(CATEGORIES)})(?=_|\.xml\Z)")
_MODE = re.compile(r"(?<![a-z])(complet|delta)(?![a-z])", re.IGNORECASE)
_DATE = re.compile(r"(?<!\d)(\d{8,9})(?!\d)")
_SEQUENCE = re.compile(r"_(\d{4})\.xml\Z", re.IGNORECASE)
_UAI = re.compile(r"(?<![0-9A-Za-z])(\d{7}[A-Z])(?![0-9A-Za-z])")


@dataclass(frozen=True, slots=True)
class FileName:
    """What was read from one file name; empty or ``None`` where it says nothing."""

    category: str
    mode: str
    date: datetime.date | None
    sequence: int | None
    school_uai: str
    project: str


def read_name(name: str) -> FileName | None:
    """Read the base name of a file; ``None`` when it names no category (not processed)."""
    if not name.lower().endswith(".xml") or name.startswith("._"):
        return None  # « ._… »: what a Mac puts beside each file of a zip
    found = _CATEGORY.search(name)
    if found is None:
        return None
    head = name[: found.start()]
    sequence = _SEQUENCE.search(name)
    return FileName(
        category=found.group(1),
        mode=read_mode(name),
        date=read_date(head),
        sequence=int(sequence.group(1)) if sequence else None,
        school_uai=read_uai(head),
        project=_read_project(head),
    )


def _read_project(head: str) -> str:
    """``EnvOLE_ENT2DVA_0940072T_Complet_20180830`` → ``EnvOLE_ENT2DVA``."""
    project = re.split(r"_(?=Complet|Delta)", head, maxsplit=1)[0]
    uai = read_uai(project)
    return project.replace(f"_{uai}", "").replace(uai, "") if uai else project


def read_mode(name: str) -> str:
    """``Complet``, ``Delta``, or an empty string when the name does not say."""
    modes = {match.group(1).lower() for match in _MODE.finditer(name)}
    if len(modes) != 1:
        # "Complet69-…Delta…" happens in archives: a delta always says so.
        return DELTA if "delta" in modes else ""
    return DELTA if "delta" in modes else COMPLETE


def read_date(name: str) -> datetime.date | None:
    """The date of the export. ``201300408`` (nine digits, seen) is read as 2013-04-08."""
    for match in _DATE.finditer(name):
        digits = match.group(1)
        if len(digits) == 9:
            digits = digits[:4] + digits[5:] if digits[4] == "0" else digits[:8]
        try:
            return datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
        except ValueError:
            continue
    return None


def read_uai(name: str) -> str:
    """The UAI when the delivery is a school's own, else an empty string (academy level)."""
    found = _UAI.search(name.replace("_", " "))
    return found.group(1) if found else ""
