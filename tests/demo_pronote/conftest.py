"""A base of ten people, whose every line is a case of the reconciliation."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from demo.pronote.reconciliation.keys import private_key
from tests.demo_pronote.kit import Desk, Ent, Someone, person, serving, settings_for

PEOPLE = (
    person(1, "eleves", "DELAUNAY", "Rose", birth_date="2014-05-09", class_name="6A"),
    person(2, "eleves", "Delaunay", "BASILE", birth_date="2014-05-09", class_name="6A"),
    person(3, "eleves", "MOREAU", "Gabriel", birth_date="2013-03-14", class_name="5A"),
    person(4, "eleves", "MOREAU", "Gabriel", birth_date="2013-03-14", class_name="5B"),
    person(5, "eleves", "FONTAINE", "Salomé", class_name="4A"),
    person(6, "eleves", "LE GOFF N GUYEN", "Anne Sophie", birth_date="2013-07-30"),
    person(10, "responsables", "BRUNET", "Nathalie", children=[1, 2]),
    person(11, "responsables", "MOREAU", "Sophie", children=[3]),
    person(12, "responsables", "LEFÈVRE", "Claude", children=[1]),
    person(20, "professeurs", "LEFEVRE", "Claude"),
    person(21, "professeurs", "PETIT", "Hervé", birth_date="1970-01-01"),
    person(30, "personnels", "PRINCIPAL", "Denis", function="Principal", spaces=["direction"]),
)


def ent() -> Ent:
    """The same people as the ENT knows them; its numbers of a file are not the base's."""
    return Ent(
        staff=[Someone(ident=130, family_name="Principal", given_name="Denis")],
        teachers=[
            Someone(ident=112, family_name="Lefèvre", given_name="Claude"),
            Someone(
                ident=121, family_name="Petit", given_name="Hervé", birth_date=date(1971, 1, 1)
            ),
        ],
        guardians=[
            Someone(ident=110, family_name="Brunet", given_name="Nathalie"),
            Someone(ident=111, family_name="Moreau", given_name="Sophie"),
            Someone(ident=112, family_name="Lefèvre", given_name="Claude"),
        ],
        pupils=[
            Someone(
                ident=101,
                family_name="Delaunay",
                given_name="Rose",
                birth_date=date(2014, 5, 9),
                guardians=(110, 112),
            ),
            Someone(
                ident=102,
                family_name="Delaunay",
                given_name="Basile",
                birth_date=date(2014, 5, 9),
                guardians=(110,),
            ),
            Someone(
                ident=103,
                family_name="Moreau",
                given_name="Gabriel",
                birth_date=date(2013, 3, 14),
                guardians=(111,),
            ),
            Someone(
                ident=104, family_name="Moreau", given_name="Gabriel", birth_date=date(2013, 3, 14)
            ),
            Someone(
                ident=105, family_name="Fontaine", given_name="Salomé", birth_date=date(2012, 1, 1)
            ),
            Someone(
                ident=106,
                family_name="Le Goff-N’Guyen",
                given_name="Anne-Sophie",
                birth_date=date(2013, 7, 30),
            ),
        ],
    )


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One key for the session: making one takes a tenth of a second."""
    folder = tmp_path_factory.mktemp("pronote_key")
    private_key(folder)
    return folder


@pytest.fixture
def folder(key_folder: Path, tmp_path: Path) -> Path:
    """A new folder for a base, with a key."""
    for path in key_folder.iterdir():
        shutil.copy(path, tmp_path)
    return tmp_path


@pytest.fixture
def desk(folder: Path) -> Iterator[Desk]:
    """« SPR » at a base of these people, delegated to no ENT yet."""
    with serving(settings_for(folder, PEOPLE)) as running:
        running.enter()
        yield running
