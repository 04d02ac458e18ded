"""What refuses a whole delivery, with its reason, and leaves the directory as it was (T-H1)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from directory.enums import DeliveryState
from directory.imports.runs.state import ImportOutcome
from tests.directory.imports.conftest import Importer, row_versions
from tests.directory.imports.deliveries import small_school

pytestmark = pytest.mark.django_db

Files = dict[str, bytes]


def the_file(files: Files, category: str) -> str:
    return next(name for name in files if f"_{category}_" in name)


def write(files: Files, folder: Path) -> Path:
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def truncate(files: Files) -> None:
    name = the_file(files, "Eleve")
    files[name] = files[name][: len(files[name]) // 2]


def cut_last_tag(files: Files) -> None:
    name = the_file(files, "PersRelEleve")
    files[name] = files[name].replace(b"</ficAlimMENESR>", b"")


def declare_entity(files: Files) -> None:
    name = the_file(files, "Eleve")
    files[name] = files[name].replace(
        b'"ficAlimMENESR.dtd">', b'"ficAlimMENESR.dtd" [<!ENTITY nom "DUPONT">]>'
    )


def use_undeclared_entity(files: Files) -> None:
    name = the_file(files, "Eleve")
    files[name] = files[name].replace(b"<value>NOM3</value>", b"<value>NOM&eacute;3</value>")


def use_undeclared_entity_in_a_name(files: Files) -> None:
    name = the_file(files, "Eleve")
    files[name] = files[name].replace(b'name="sn"', b'name="s&foo;n"', 1)


def write_utf8_under_latin(files: Files) -> None:
    name = the_file(files, "Eleve")
    files[name] = files[name].decode("iso8859-15").encode("utf-8")


def write_latin_under_utf8(files: Files) -> None:
    name = the_file(files, "PersRelEleve")
    files[name] = files[name].replace(b'encoding="ISO-8859-15"', b'encoding="UTF-8"')


def encode_twice(files: Files) -> None:
    name = the_file(files, "Eleve")
    text = files[name].decode("iso8859-15").replace("ISO-8859-15", "UTF-8")
    files[name] = text.replace("É", "Ã‰").encode()


def write_utf16(files: Files) -> None:
    name = the_file(files, "Eleve")
    files[name] = files[name].decode("iso8859-15").replace("ISO-8859-15", "UTF-16").encode("utf-16")


def empty_the_file(files: Files) -> None:
    files[the_file(files, "PersRelEleve")] = b""


def leave_no_object(files: Files) -> None:
    name = the_file(files, "Eleve")
    head, _, _ = files[name].partition(b"<addRequest>")
    files[name] = head + b"</ficAlimMENESR>"


def lose_a_category(files: Files) -> None:
    del files[the_file(files, "EtabEducNat")]


def lose_a_chunk(files: Files) -> None:
    name = the_file(files, "Eleve")
    files[name.replace("_0000", "_0002")] = files[name].replace(b">1<", b">901<")


def come_from_elsewhere(files: Files) -> None:
    name = the_file(files, "EtabEducNat")
    files[name] = files[name].replace(b"NANCY-METZ", b"BREST")


def be_old(files: Files) -> None:
    for name in list(files):
        files[name.replace("20260901", "20260801")] = files.pop(name)


def mix_dates(files: Files) -> None:
    name = the_file(files, "Eleve")
    files[name.replace("20260901", "20260902")] = files.pop(name)


def be_another_xml(files: Files) -> None:
    files[the_file(files, "Eleve")] = b"<?xml version='1.0'?><html><body/></html>"


def be_no_xml(files: Files) -> None:
    files[the_file(files, "Eleve")] = b"NOM;PRENOM\nDupont;Jean\n"


def hold_a_control_character(files: Files) -> None:
    name = the_file(files, "Eleve")
    files[name] = files[name].replace(b"NOM4<", b"NOM\x0b4<")


CASES: list[tuple[Callable[[Files], None], str, str]] = [
    (truncate, "truncated", "Eleve"),
    (cut_last_tag, "truncated", "PersRelEleve"),
    (declare_entity, "entity_declaration", "Eleve"),
    (use_undeclared_entity, "undeclared_entity", "Eleve"),
    (use_undeclared_entity_in_a_name, "undeclared_entity", "Eleve"),
    (write_utf8_under_latin, "mis_encoded", "Eleve"),
    (write_latin_under_utf8, "mis_encoded", "PersRelEleve"),
    (encode_twice, "mis_encoded", "Eleve"),
    (write_utf16, "encoding_refused", "Eleve"),
    (empty_the_file, "empty_file", "PersRelEleve"),
    (leave_no_object, "empty_file", "Eleve"),
    (lose_a_category, "missing_category", "EtabEducNat"),
    (lose_a_chunk, "chunk_gap", "Eleve"),
    (come_from_elsewhere, "wrong_authority", "BREST"),
    (be_old, "older_than_last", "01/08/2026"),
    (mix_dates, "mixed_dates", "02/09/2026"),
    (be_another_xml, "not_aaf", "html"),
    (be_no_xml, "not_xml", "Eleve"),
    (hold_a_control_character, "not_xml", "Eleve"),
]


@pytest.mark.parametrize(("spoil", "code", "named"), CASES, ids=[c[0].__name__ for c in CASES])
@pytest.mark.parametrize("known", [False, True], ids=["first", "later"])
def test_it_is_refused_with_its_reason_and_nothing_changes(
    spoil: Callable[[Files], None],
    code: str,
    named: str,
    known: bool,
    deliver: Importer,
    tmp_path: Path,
) -> None:
    """T-H1, T-H2, T-H4: on an empty directory and on one that knows these people."""
    if known or spoil is be_old:
        deliver(small_school())
    before = row_versions()
    files = small_school().files()
    spoil(files)
    outcome: ImportOutcome = deliver(write(files, tmp_path / "spoilt"))
    assert outcome.state == DeliveryState.REFUSED
    assert outcome.delivery.counters["refusal_code"] == code
    assert named in outcome.delivery.refusal
    assert row_versions() == before


def test_a_refusal_names_the_line(deliver: Importer, tmp_path: Path) -> None:
    files = small_school().files()
    use_undeclared_entity(files)
    name = the_file(files, "Eleve")
    line = files[name][: files[name].index(b"&eacute;")].count(b"\n") + 1
    refused = deliver(write(files, tmp_path / "spoilt")).delivery
    assert f"{name}, ligne {line} " in refused.refusal


def test_the_same_object_twice_is_reported_also_when_neither_has_changed(
    deliver: Importer, tmp_path: Path
) -> None:
    """The second delivery parses neither; both are the same record."""
    for day in ("20260901", "20260902"):
        delivery = small_school(pupils=4).copy(date=day)
        files = delivery.files()
        name = the_file(files, "Eleve")
        end = b"</addRequest>"
        first = files[name][files[name].index(b"<addRequest>") : files[name].index(end)] + end
        files[name] = files[name].replace(first, first + first, 1)
        outcome = deliver(write(files, tmp_path / day))
        assert outcome.state == DeliveryState.APPLIED
        doubled = outcome.delivery.anomalies.get(code="duplicate_id")
        assert (doubled.severity, doubled.object_id) == ("rejet", "1")
    assert outcome.delivery.counters["unchanged"] > 0
    assert outcome.delivery.counters["created"] == 0


def test_bad_objects_are_left_out_and_reported_with_their_line(
    deliver: Importer, tmp_path: Path
) -> None:
    """T-H1: duplicate ids, unknown school, bad record; the others are imported."""
    delivery = small_school(pupils=4)
    delivery.pupil("3", sn="", ENTPersonNomPatro="")
    files = delivery.files()
    name = the_file(files, "Eleve")
    files[name] = files[name].replace(b"<id>4</id>", b"<id>1</id>")
    outcome = deliver(write(files, tmp_path / "bad"))
    assert outcome.state == DeliveryState.APPLIED
    found = {a.code: a for a in outcome.delivery.anomalies.filter(severity="rejet")}
    assert set(found) == {"duplicate_id", "no_name"}
    assert found["duplicate_id"].object_id == "1"
    text = files[name]
    second = text.index(b"<id>1</id>", text.index(b"<id>1</id>") + 1)
    assert found["duplicate_id"].line == text[:second].count(b"\n") + 1 - 2
    assert outcome.delivery.counters["by_category"]["Eleve"]["created"] == 2


@pytest.mark.parametrize("is_first", [True, False])
def test_a_category_of_which_nothing_can_be_used_is_like_an_empty_file(
    is_first: bool, deliver: Importer, tmp_path: Path
) -> None:
    """Pupils and guardians in each other's file, for one."""
    if not is_first:
        deliver(small_school(pupils=4))
    before = row_versions()
    files = small_school(pupils=4).copy(date="20260902").files()
    name = the_file(files, "Eleve")
    files[name] = files[name].replace(b"categoriePersonne", b"categorieStructure")
    refused = deliver(write(files, tmp_path / "spoilt"))
    assert refused.state == DeliveryState.REFUSED
    assert "aucun objet Eleve n’est utilisable, sur 4" in refused.delivery.refusal
    assert "categorieStructure" in refused.delivery.refusal
    assert row_versions() == before
