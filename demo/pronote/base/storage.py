"""The base as files: the one that was saved, and its backups.

What was not saved exists in memory only: a stop or « Recharger » forgets it, as in Pronote.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from demo.pronote.base.base import Base, Delegation, ImportLine, School
from demo.pronote.base.people import EntPerson, Pairing, Person, Population


class BaseUnreadable(Exception):
    """The file is no base of this program; the message is a French sentence for a page."""


class BaseFile:
    """The folder of one base."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._saved = folder / "base.json"
        self._backups = folder / "sauvegardes"

    @property
    def exists(self) -> bool:
        """Was the base ever saved?"""
        return self._saved.exists()

    def load(self) -> Base:
        """Read the base as it was last saved."""
        return base_of(self._saved.read_text(encoding="utf-8"))

    def save(self, base: Base) -> None:
        """Keep the base; a reader finds the former one or the new one, whole."""
        self._folder.mkdir(parents=True, exist_ok=True)
        beside = self._saved.with_suffix(".new")
        beside.write_text(text_of(base), encoding="utf-8")
        beside.replace(self._saved)

    def back_up(self) -> str:
        """Copy the saved base; return the backup's name."""
        self._backups.mkdir(parents=True, exist_ok=True)
        name = f"{datetime.now().astimezone():%Y-%m-%d_%H-%M-%S_%f}"
        text = self._saved.read_text(encoding="utf-8")
        (self._backups / f"{name}.json").write_text(text, encoding="utf-8")
        return name

    def backups(self) -> list[str]:
        """Return the names of the backups, newest first."""
        return sorted((path.stem for path in self._backups.glob("*.json")), reverse=True)

    def restore(self, name: str) -> Base:
        """Put a backup in the place of the saved base, and return it."""
        if name not in self.backups():
            raise BaseUnreadable("Cette sauvegarde n’existe plus. Choisissez-en une autre.")
        base = base_of((self._backups / f"{name}.json").read_text(encoding="utf-8"))
        self.save(base)
        return base


def read_people(path: Path) -> Base:
    """Return a new base of the school and people of a file (`--people`)."""
    return base_of(path.read_text(encoding="utf-8"))


def text_of(base: Base) -> str:
    """Write a base as JSON."""
    return json.dumps(
        {
            "school": asdict(base.school),
            "people": [asdict(one) for one in base.people.values()],
            "known": [asdict(one) for one in base.known.values()],
            "delegation": asdict(base.delegation),
            "imports": [asdict(one) for one in base.imports],
        },
        ensure_ascii=False,
        indent=1,
        default=_plain,
    )


def base_of(text: str) -> Base:
    """Read a base; only its people are required."""
    try:
        rows = json.loads(text)
        people = [_person(row) for row in rows["people"]]
        known = [_ent_person(row) for row in rows.get("known", [])]
        return Base(
            school=School(**rows.get("school", {})),
            people={one.number: one for one in people},
            known={(one.population, one.identifier): one for one in known},
            delegation=Delegation(**rows.get("delegation", {})),
            imports=[ImportLine(**row) for row in rows.get("imports", [])],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BaseUnreadable(f"Ce fichier n’est pas une base lisible ({error}).") from error


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Population | Pairing):
        return str(value.value)
    raise TypeError(f"{type(value)} has no place in a base")


def _person(row: dict[str, Any]) -> Person:
    return Person(
        **{
            **row,
            "population": Population(row["population"]),
            "birth_date": _date(row.get("birth_date")),
            "pairing": Pairing(row.get("pairing", "")),
        }
    )


def _ent_person(row: dict[str, Any]) -> EntPerson:
    return EntPerson(
        **{
            **row,
            "population": Population(row["population"]),
            "birth_date": _date(row.get("birth_date")),
            "guardians": tuple(row.get("guardians", ())),
        }
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
