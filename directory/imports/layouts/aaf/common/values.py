"""Small values of the format: dates, UAI, school links, titles, addresses."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache

from directory.imports.layouts.aaf.common.objects import SEPARATOR
from directory.imports.layouts.errors import WARNING, ObjectAnomaly

NULL = r"\N"
"""SQL NULL in PostgreSQL's COPY text format."""

_DATE = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})\Z")
_UAI = re.compile(r"[0-9]{7}[A-Z]\Z")
_PART = r"[^@\s,;<>\"()\[\]\\\x00]+"
_EMAIL = re.compile(rf"{_PART}@{_PART}\.{_PART}\Z")
_TITLES = {"M": "M.", "M.": "M.", "MME": "Mme", "MME.": "Mme", "MLLE": "Mme", "MLLE.": "Mme"}


def split_values(raw: str) -> list[str]:
    """The non-empty values of an attribute."""
    if not raw:
        return []
    if SEPARATOR in raw:
        return [value for value in raw.split(SEPARATOR) if value]
    return [raw]


@lru_cache(maxsize=65536)
def read_birth_date(raw: str) -> str | None:
    """``JJ/MM/AAAA`` → ISO date for COPY; ``None`` when it is no date."""
    found = _DATE.match(raw)
    if found is None:
        return None
    day, month, year = found.groups()
    try:
        datetime.date(int(year), int(month), int(day))
    except ValueError:
        return None
    return f"{year}-{month}-{day}" if int(year) >= 1880 else None


def is_uai(value: str) -> bool:
    """Seven digits and a capital letter."""
    return _UAI.match(value) is not None


def read_title(raw: str) -> str:
    """« M. », « Mme », or what the file says."""
    return _TITLES.get(raw.upper(), raw) if raw else ""


@lru_cache(maxsize=4096)
def read_address(raw: str) -> str:
    """Lines joined by ``$`` since 2018 (``60 rue X$$$``) → one line of text per line.

    COPY text writes a line break as backslash-n, hence the literal two characters.
    """
    if "$" not in raw:
        return raw
    return r"\n".join(part.strip() for part in raw.split("$") if part.strip())


def read_email(raw: str, anomalies: list[ObjectAnomaly]) -> str:
    """The address when it looks like one, else nothing and a warning."""
    if not raw or _EMAIL.match(raw):
        return raw
    anomalies.append(
        ObjectAnomaly(
            WARNING, "bad_email", "Adresse électronique incorrecte : elle est laissée de côté."
        )
    )
    return ""
