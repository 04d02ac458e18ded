"""What an import gives: pairs, empty cells, and nothing taken away."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from datetime import date, datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from demo.pronote.base.base import Base
from demo.pronote.base.people import EntPerson, Population
from demo.pronote.base.storage import BaseUnreadable, read_people
from demo.pronote.reconciliation.importing import import_file
from demo.pronote.reconciliation.keys import private_key
from tests.demo_pronote.conftest import PEOPLE, ent
from tests.demo_pronote.kit import (
    Desk,
    Ent,
    Someone,
    file_for,
    identifiers,
    person,
    serving,
    settings_for,
    shown,
)

PAIRED = {
    1: "id-101",
    2: "id-102",  # a twin, in other capitals
    6: "id-106",  # hyphen, apostrophe and accents do not count
    10: "id-110",  # through her children
    12: "id-112",  # a teacher who is a parent: one identifier in two lists
    20: "id-112",
    30: "id-130",
}
"""The rest: homonyms born the same day (3, 4), the mother of one of them (11), a pupil without
birth date (5), a teacher whose birth dates differ (21)."""


def test_the_file_pairs_by_names_and_birth_date_and_parents_through_their_children(
    desk: Desk,
) -> None:
    answer = desk.take(ent())
    assert "12 personnes de l’ENT, 7 nouveaux rapprochements" in answer.text
    assert identifiers(desk.program) == PAIRED


def test_the_supervision_table_counts_by_population_and_shows_the_empty_cells(desk: Desk) -> None:
    desk.take(ent())
    rows = {
        "Personnels": (1, 1, 0),
        "Professeurs": (2, 1, 1),
        "Responsables": (3, 2, 1),
        "Élèves": (6, 3, 3),
    }
    for value, label in (("eleves", "Élèves"), ("responsables", "Responsables")):
        page = " ".join(desk.get(f"rapprochement/{value}").text.split())
        for name, (people, paired, unpaired) in rows.items():
            assert (
                f'>{name}</a> </td> <td data-label="Dans Pronote" class="number">{people}<' in page
            )
            assert f'data-label="Rapprochés" class="number">{paired}<' in page
            assert f">{unpaired}</td>" in page
        assert f"<h2>{label}</h2>" in page
    everybody = desk.get("rapprochement/eleves").text
    unmatched = desk.get("rapprochement/eleves?seulement=non").text
    assert everybody.count('class="code empty"') == unmatched.count('class="code empty"') == 3
    assert "DELAUNAY" in everybody
    assert "DELAUNAY" not in unmatched
    assert "FONTAINE" in unmatched


def test_a_pairing_by_hand_is_validated_then_confirmed(desk: Desk) -> None:
    desk.take(ent())
    choice = desk.get("rapprochement/5").text
    assert choice.index("Fontaine Salomé") < choice.index("Moreau Gabriel")
    checked = desk.post("rapprochement/5/valider", identifiant="id-105")
    assert "Confirmer ce rapprochement" in checked.text
    assert 5 not in identifiers(desk.program)
    answer = desk.post("rapprochement/5/confirmer", identifiant="id-105")
    assert "FONTAINE Salomé est rapproché de Fontaine Salomé" in answer.text
    assert identifiers(desk.program)[5] == "id-105"
    desk.post("rapprochement/5/defaire")
    assert 5 not in identifiers(desk.program)


def test_an_identifier_is_given_to_one_person_of_a_list(desk: Desk) -> None:
    desk.take(ent())
    desk.post("rapprochement/3/confirmer", identifiant="id-103")
    answer = desk.post("rapprochement/4/confirmer", identifiant="id-103")
    assert "déjà rapproché" in answer.text
    assert 4 not in identifiers(desk.program)
    nobody = desk.post("rapprochement/4/valider", identifiant="id-of-nobody")
    assert "Choisissez une personne" in nobody.text


def test_a_homonym_paired_by_hand_lets_the_next_import_find_the_rest(desk: Desk) -> None:
    """The other homonym is alone then, and the mother has a child with its pair."""
    desk.take(ent())
    desk.post("rapprochement/3/confirmer", identifiant="id-103")
    desk.take(ent())
    found = identifiers(desk.program)
    assert (found[3], found[4], found[11]) == ("id-103", "id-104", "id-111")


def test_a_differential_file_adds_and_updates_and_takes_nothing_away(desk: Desk) -> None:
    desk.take(ent())
    rose = Someone(
        ident=7, family_name="Delaunay-Brunet", given_name="Rosa", birth_date=date(2014, 5, 9),
        identifier="id-101",
    )  # fmt: skip
    desk.take(Ent(pupils=[rose]))
    assert identifiers(desk.program) == PAIRED
    known = desk.program.base.known
    assert known[Population.PUPILS, "id-101"].name == "Delaunay-Brunet Rosa"
    assert known[Population.PUPILS, "id-102"].name == "Delaunay Basile"


def test_an_import_never_replaces_an_identifier(desk: Desk) -> None:
    desk.take(ent())
    again = ent()
    for one in again.pupils:
        one.identifier = f"other-{one.ident}"
    desk.take(again)
    assert identifiers(desk.program) == PAIRED


def test_the_file_of_another_school_is_refused_and_changes_nothing(desk: Desk) -> None:
    before = shown(desk.program)
    file = file_for(desk.program.key.public_key(), ent(), uai="0549999Z")
    answer = desk.give(file)
    assert answer.status_code == 400
    assert "établissement 0549999Z" in answer.text
    for damaged in (b"", file[:-9], b"<xml/>"):
        assert desk.give(damaged).status_code == 400
    assert shown(desk.program) == before
    assert not desk.program.is_changed


def test_what_was_not_saved_is_forgotten(folder: Path) -> None:
    start = settings_for(folder, PEOPLE)
    with serving(start) as desk:
        desk.enter()
        assert "ne sont pas enregistrées" in desk.take(ent()).text
    with serving(start) as desk:
        desk.enter()
        assert not identifiers(desk.program)
        desk.take(ent())
        desk.post("base/recharger")
        assert not identifiers(desk.program)
        desk.take(ent())
        assert "ne sont pas enregistrées" not in desk.post("base/enregistrer").text
    with serving(start) as desk:
        assert identifiers(desk.program) == PAIRED
        assert desk.program.base.known[Population.PUPILS, "id-101"].guardians == (
            "id-110",
            "id-112",
        )


def test_a_backup_is_restored_whole(desk: Desk) -> None:
    desk.post("base/sauvegarder")
    (name,) = desk.program.backups()
    desk.take(ent())
    desk.post("base/enregistrer")
    assert "Cette sauvegarde n’existe plus" in desk.post("base/restaurer", sauvegarde="../x").text
    assert identifiers(desk.program) == PAIRED
    desk.post("base/restaurer", sauvegarde=name)
    assert not identifiers(desk.program)
    desk.post("base/recharger")
    assert not identifiers(desk.program)


def test_lists_are_exported_as_pronote_writes_them(desk: Desk) -> None:
    desk.take(ent())
    plain = desk.get("listes/eleves/export")
    assert "attachment" in plain.headers["Content-Disposition"]
    head, *rows = csv.reader(plain.content.decode("cp1252").splitlines(), delimiter=";")
    assert head == ["Nom", "Prénom", "Né(e) le", "Classe", "Responsables"]
    assert ["Delaunay", "BASILE", "09/05/2014", "6A", "BRUNET Nathalie"] in rows
    assert ["FONTAINE", "Salomé", "", "4A", ""] in rows
    assert plain.content.endswith(b"\r\n")
    desk.post("listes/eleves/identifiants", actif="1")
    head, *rows = csv.reader(
        desk.get("listes/responsables/export").content.decode("cp1252").splitlines(), delimiter=";"
    )
    assert head == ["Nom", "Prénom", "Élèves", "Identifiant CAS"]
    assert rows[0] == ["BRUNET", "Nathalie", "DELAUNAY Rose, Delaunay BASILE", "id-110"]
    assert rows[-1] == ["MOREAU", "Sophie", "MOREAU Gabriel", ""]
    assert "id-110" in desk.get("listes/responsables").text


def test_a_list_is_exported_as_a_workbook_with_dates_and_a_column_for_each_name(
    folder: Path,
) -> None:
    people = [
        person(1, "eleves", "ŁUKASZ", "=1+1", birth_date="2014-05-09", class_name="6A"),
        person(2, "responsables", "BRUNET", "Nathalie & Cie", children=[1]),
        person(3, "responsables", "ŁUKASZ", "Jan", children=[1]),
        person(4, "eleves", "SEUL", "Max"),
    ]
    with serving(settings_for(folder, people)) as desk:
        desk.enter()
        answer = desk.get("listes/eleves/export.xlsx")
    sheet = load_workbook(BytesIO(answer.content)).active
    born = datetime(2014, 5, 9)  # noqa: DTZ001 - a date of a spreadsheet has no zone
    assert sheet is not None
    assert list(sheet.iter_rows(values_only=True)) == [
        (
            *("Nom", "Prénom", "Né(e) le", "Classe"),
            *("Nom resp. 1", "Prénom resp. 1", "Nom resp. 2", "Prénom resp. 2"),
        ),
        ("ŁUKASZ", "=1+1", born, "6A", "BRUNET", "Nathalie & Cie", "ŁUKASZ", "Jan"),
        ("SEUL", "Max", *(None,) * 6),
    ]


def test_a_letter_that_windows_lacks_is_lost_in_the_list(folder: Path) -> None:
    people = [person(1, "eleves", "ŁUKASZ", "Œ", birth_date="2014-01-01")]
    with serving(settings_for(folder, people)) as desk:
        desk.enter()
        assert "?UKASZ;Œ;" in desk.get("listes/eleves/export").content.decode("cp1252")


def test_a_long_list_is_read_page_by_page_and_searched(folder: Path) -> None:
    people = [person(n, "eleves", f"NOM{n:04d}", "Élie") for n in range(1, 251)]
    with serving(settings_for(folder, people)) as desk:
        desk.enter()
        last = desk.get("rapprochement/eleves?seulement=non&page=3").text
        assert "Lignes 201 à 250 sur 250" in last
        assert "?seulement=non&amp;page=2" in last
        assert "NOM0123" in desk.get("listes/eleves?nom=nom0123").text
        assert "Personne ne porte ce nom" in desk.get("listes/eleves?nom=absent").text
        assert desk.get("listes/eleves?page=99999").status_code == 200


NAMES = st.sampled_from(["Martin", "Petit", "Zoé", "Inès", "Le Goff", "Łukasz"])
DAYS = st.dates(date(2012, 1, 1), date(2012, 1, 4))


@st.composite
def histories(draw: st.DrawFn) -> list[dict[int, Someone]]:
    """A school at several moments: pupils come, leave, change; each moment is number → pupil."""
    moments: list[dict[int, Someone]] = [{}]
    for _ in range(draw(st.integers(1, 4))):
        now = dict(moments[-1])
        for number in draw(st.sets(st.integers(1, 8), max_size=5)):
            if number in now and draw(st.booleans()):
                del now[number]
            else:
                now[number] = Someone(
                    ident=number,
                    family_name=draw(NAMES),
                    given_name=draw(NAMES),
                    birth_date=draw(DAYS),
                    guardians=(number % 3 + 100,),
                )
        moments.append(now)
    return moments


def guardians_of(pupils: Iterable[Someone]) -> list[Someone]:
    """Whomever these pupils refer to: a file must name them."""
    numbers = sorted({number for pupil in pupils for number in pupil.guardians})
    return [Someone(ident=n, family_name=f"Parent{n}", given_name="Max") for n in numbers]


@given(histories())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_differentials_read_in_order_give_what_a_new_full_file_gives(
    key_folder: Path, moments: list[dict[int, Someone]]
) -> None:
    """Of everybody who is in the ENT at the end: who left cannot be said by the format."""
    key = private_key(key_folder)
    step_by_step, at_once = Base(), Base()
    for former, now in pairwise(moments):
        changed = [one for number, one in now.items() if former.get(number) != one]
        if changed:
            file = file_for(key.public_key(), Ent(guardians=guardians_of(changed), pupils=changed))
            import_file(step_by_step, file, key)
    last = list(moments[-1].values())
    if last:
        file = file_for(key.public_key(), Ent(guardians=guardians_of(last), pupils=last))
        import_file(at_once, file, key)
    wanted: dict[tuple[Population, str], EntPerson] = at_once.known
    assert {where: step_by_step.known.get(where) for where in wanted} == wanted


def test_a_base_is_made_of_any_file_of_people_and_a_broken_one_is_named(folder: Path) -> None:
    path = folder / "people.json"
    path.write_text(json.dumps({"people": list(PEOPLE)}), encoding="utf-8")
    base = read_people(path)
    assert len(base.members(Population.PUPILS)) == 6
    assert not base.school.uai
    path.write_text('{"people": [{"number": 1}]}', encoding="utf-8")
    with pytest.raises(BaseUnreadable, match="pas une base lisible"):
        read_people(path)
