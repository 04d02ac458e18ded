"""The generator of deliveries: same spec, same bytes, and the truth that it tells is true."""

from __future__ import annotations

import filecmp
import io
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from lxml import etree

from demo.aaf import (
    DeliveryTruth,
    Encoding,
    GeneratorSpec,
    Layout,
    generate,
)
from demo.aaf.places import uai

DTD = """
<!ELEMENT ficAlimMENESR (addRequest|modifyRequest|deleteRequest)*>
<!ELEMENT addRequest (operationalAttributes, identifier, attributes)>
<!ELEMENT modifyRequest (operationalAttributes, identifier, modifications)>
<!ELEMENT deleteRequest (operationalAttributes, identifier)>
<!ELEMENT operationalAttributes (attr)>
<!ELEMENT identifier (id)>
<!ELEMENT attributes (attr+)>
<!ELEMENT attr (value+)>
<!ELEMENT modifications (modification+)>
<!ELEMENT modification (value+)>
<!ELEMENT value (#PCDATA)>
<!ELEMENT id (#PCDATA)>
<!ATTLIST attr name CDATA #REQUIRED>
<!ATTLIST modification name CDATA #REQUIRED operation (replace) #REQUIRED>
"""
"""The format's own, as published with the deliveries."""

SPEC = GeneratorSpec(seed=3, schools=4, pupils_per_school=160, chunk_size=400)

Record = dict[str, list[str]]


@dataclass
class Files:
    """A delivery read back, by a reader that shares nothing with the generator."""

    records: dict[str, dict[str, Record]] = field(default_factory=dict)

    @property
    def pupils(self) -> dict[str, Record]:
        return self.records["Eleve"]

    @property
    def parents(self) -> dict[str, Record]:
        return self.records["PersRelEleve"]

    @property
    def staff(self) -> dict[str, Record]:
        return self.records["PersEducNat"]

    @property
    def structures(self) -> dict[str, Record]:
        return self.records["EtabEducNat"]


def read(folder: Path) -> Files:
    files = Files()
    for path in sorted(folder.glob("*.xml")):
        found = re.search(r"_([A-Za-z]+)_\d{4}\.xml$", path.name)
        assert found, path.name
        category = files.records.setdefault(found[1], {})
        for join_id, record in _records(path):
            assert join_id not in category, f"{join_id} twice in {found[1]}"
            category[join_id] = record
    return files


def _records(path: Path) -> Iterator[tuple[str, Record]]:
    for request in etree.parse(path, etree.XMLParser(load_dtd=False)).getroot().iter("addRequest"):
        record = {
            str(attr.get("name")): [str(v.text) for v in attr.iter("value") if v.text]
            for attr in request.iterfind("attributes/attr")
        }
        yield str(request.findtext("identifier/id")), record


def text_of(folder: Path) -> str:
    return "".join(path.read_text("iso-8859-15") for path in sorted(folder.glob("*.xml")))


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DeliveryTruth, Files]:
    folder = tmp_path_factory.mktemp("delivery")
    truth = generate(SPEC, folder)
    return folder, truth, read(folder)


def test_the_same_spec_gives_the_same_bytes(
    delivery: tuple[Path, DeliveryTruth, Files], tmp_path: Path
) -> None:
    folder, truth, _ = delivery
    again = generate(SPEC, tmp_path)
    assert again == truth
    names = [path.name for path in folder.iterdir()]
    assert sorted(names) == truth.files
    assert filecmp.cmpfiles(folder, tmp_path, names, shallow=False) == (names, [], [])


def test_another_seed_gives_other_people(
    delivery: tuple[Path, DeliveryTruth, Files], tmp_path: Path
) -> None:
    _, _, files = delivery
    generate(GeneratorSpec(seed=4, schools=4, pupils_per_school=160), tmp_path)
    names = {(r["sn"][0], r["givenName"][0]) for r in files.pupils.values()}
    others = {(r["sn"][0], r["givenName"][0]) for r in read(tmp_path).pupils.values()}
    assert len(names & others) < len(names) / 10


@pytest.mark.parametrize("encoding", list(Encoding))
@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("authority", ["NANCY-METZ", "AGRICOLE"])
def test_every_file_obeys_the_document_type(
    tmp_path: Path, encoding: Encoding, layout: Layout, authority: str
) -> None:
    dtd = etree.DTD(io.StringIO(DTD))
    spec = GeneratorSpec(
        authority=authority, schools=2, pupils_per_school=60, encoding=encoding, layout=layout
    )
    truth = generate(spec, tmp_path)
    assert len(truth.files) == 6
    for name in truth.files:
        tree = etree.parse(tmp_path / name, etree.XMLParser(load_dtd=False))
        assert dtd.validate(tree), dtd.error_log
        declared = "ISO-8859-15" if encoding is Encoding.LATIN9 else "UTF-8"
        assert tree.docinfo.encoding == declared
        assert b'SYSTEM "ficAlimMENESR.dtd">' in (tmp_path / name).read_bytes()


def test_names_are_the_same_in_every_encoding(tmp_path: Path) -> None:
    read_back = []
    for encoding in Encoding:
        folder = tmp_path / encoding.value
        generate(GeneratorSpec(schools=1, pupils_per_school=400, encoding=encoding), folder)
        read_back.append(read(folder))
    assert read_back[0] == read_back[1] == read_back[2]
    people = [*read_back[0].pupils.values(), *read_back[0].parents.values()]
    letters = "".join("".join(r["sn"] + r["givenName"]) for r in people)
    for sign in "éÈŒ'- ":
        assert sign.upper() in letters.upper(), sign


def test_the_truth_about_people_equals_an_independent_count(
    delivery: tuple[Path, DeliveryTruth, Files],
) -> None:
    _, truth, files = delivery
    assert truth.pupils == len(files.pupils) == SPEC.schools * SPEC.pupils_per_school
    assert truth.parents == len(files.parents)
    assert truth.staff == len(files.staff)
    assert truth.structures == len(files.structures)
    links = [link.split("$") for r in files.pupils.values() for link in r["ENTElevePersRelEleve"]]
    assert all(len(link) == 6 for link in links)
    organisations = {key for key, r in files.parents.items() if not r["givenName"]}
    legal = {link[0] for link in links if link[3] == "1"} - organisations
    assert truth.links == len(links)
    assert truth.legal_links == sum(
        link[3] == "1" and link[0] not in organisations for link in links
    )
    assert truth.parents_with_account == len(legal)
    assert truth.contacts == len(files.parents) - len(legal)
    assert truth.organisations == len(organisations) > 0
    assert truth.pupils_without_responsible == sum(
        not r["ENTElevePersRelEleve"] for r in files.pupils.values()
    )
    assert truth.staff_with_account == sum(
        bool(r["ENTPersonStructRattach"] or r["ENTPersonFonctions"]) for r in files.staff.values()
    )
    assert truth.staff_with_account < truth.staff
    assert truth.accounts == truth.pupils + len(legal) + truth.staff_with_account
    assert truth.homonyms > 0


def test_the_truth_about_schools_equals_an_independent_count(
    delivery: tuple[Path, DeliveryTruth, Files],
) -> None:
    _, truth, files = delivery
    key_of = {r["ENTStructureUAI"][0]: key for key, r in files.structures.items()}
    pupils = Counter(r["ENTPersonStructRattach"][0] for r in files.pupils.values())
    staff: Counter[str] = Counter()
    several = 0
    for record in files.staff.values():
        schools = {value.split("$")[0] for value in record["ENTPersonFonctions"]}
        staff.update(schools)
        several += len(schools) > 1
    for school in truth.schools.values():
        record = files.structures[key_of[school.uai]]
        assert school.pupils == pupils[key_of[school.uai]]
        assert school.staff == staff[key_of[school.uai]]
        assert school.classes == len(set(record["ENTStructureClasses"]))
        assert school.groups == len(set(record["ENTStructureGroupes"]))
    assert truth.two_school_staff == several > 0
    with_classes = [r for r in files.structures.values() if r["ENTStructureClasses"]]
    assert len(with_classes) == len(truth.schools) == SPEC.schools
    assert truth.classes == sum(len(set(r["ENTStructureClasses"])) for r in with_classes)
    twice = [r for r in with_classes if len(set(r["ENTStructureClasses"])) * 2
             == len(r["ENTStructureClasses"])]  # fmt: skip
    assert len(twice) == 1


def test_the_truth_about_lessons_equals_an_independent_count(
    delivery: tuple[Path, DeliveryTruth, Files],
) -> None:
    _, truth, files = delivery
    assert truth.class_memberships == sum(len(r["ENTEleveClasses"]) for r in files.pupils.values())
    assert truth.pupils_without_class == sum(
        not r["ENTEleveClasses"] for r in files.pupils.values()
    )
    assert truth.group_memberships == sum(len(r["ENTEleveGroupes"]) for r in files.pupils.values())
    taught = [
        (key, value)
        for key, r in files.staff.items()
        for value in {*r["ENTAuxEnsClassesMatieres"], *r["ENTAuxEnsGroupesMatieres"]}
    ]
    assert truth.teachings == len(taught)
    form = [v for r in files.staff.values() for v in r["ENTAuxEnsClassesPrincipal"]]
    assert len(form) == len(set(form)) == truth.form_teachers == truth.classes
    heads = [
        key
        for key, r in files.staff.items()
        if any(value.split("$")[3] == "D0010" for value in r["ENTPersonFonctions"])
    ]
    assert truth.heads == len(heads) == SPEC.schools


def test_every_link_leads_somewhere(delivery: tuple[Path, DeliveryTruth, Files]) -> None:
    _, _, files = delivery
    classes, groups = set(), set()
    for key, record in files.structures.items():
        classes |= {f"{key}${v.split('$')[0]}" for v in record["ENTStructureClasses"]}
        groups |= {f"{key}${v.split('$')[0]}" for v in record["ENTStructureGroupes"]}
    down = {
        (link.split("$")[0], key)
        for key, r in files.pupils.items()
        for link in r["ENTElevePersRelEleve"]
    }
    up = {
        (key, child) for key, r in files.parents.items() for child in r["ENTAuxPersRelEleveEleve"]
    }
    assert down == up
    assert {parent for parent, _ in down} == set(files.parents)
    for record in files.pupils.values():
        assert record["ENTPersonStructRattach"][0] in files.structures
        assert set(record["ENTEleveClasses"]) <= classes
        assert set(record["ENTEleveGroupes"]) <= groups
        assert set(record["ENTEleveAdresseRel"]) <= set(files.parents)
        assert record["ENTEleveMEF"][0] in files.records["MefEducNat"]
        codes = record["ENTEleveCodeEnseignements"]
        assert len(codes) == len(record["ENTEleveEnseignements"])
    used = set()
    for record in files.staff.values():
        assert set(record["ENTAuxEnsClasses"]) | set(record["ENTAuxEnsClassesPrincipal"]) <= classes
        assert set(record["ENTAuxEnsGroupes"]) <= groups
        assert set(record["ENTPersonStructRattach"]) <= set(files.structures)
        for value in record["ENTPersonFonctions"]:
            assert value.split("$")[0] in files.structures
            assert value.count("$") == 4
        used |= {value.split("$")[2] for value in record["ENTAuxEnsClassesMatieres"]}
    missing = used - set(files.records["MatiereEducNat"])
    assert missing <= {"308700"}, "one subject is missing on purpose"


def test_what_must_be_unique_is(delivery: tuple[Path, DeliveryTruth, Files]) -> None:
    _, _, files = delivery
    for values in (
        [r["ENTEleveINE"][0] for r in files.pupils.values()],
        [r["ENTStructureUAI"][0] for r in files.structures.values()],
        [r["mail"][0] for r in files.staff.values() if r["mail"]],
    ):
        assert len(values) == len(set(values))
    assert all(re.fullmatch(r"\d{9}[A-Z]{2}", r["ENTEleveINE"][0]) for r in files.pupils.values())


def test_nobody_can_be_written_to(delivery: tuple[Path, DeliveryTruth, Files]) -> None:
    folder, _, _ = delivery
    addresses = set(re.findall(r"@([\w.-]+)", text_of(folder)))
    assert addresses
    assert all(domain.endswith(".invalid") for domain in addresses)


def test_the_check_letter_of_a_school_number_is_the_national_one() -> None:
    # a structure of the published sample, and a school of the format's documentation
    assert uai("077", 1972) == "0771972A"
    assert uai("077", 1983) == "0771983M"


def test_files_are_cut_into_chunks_without_a_gap(
    delivery: tuple[Path, DeliveryTruth, Files],
) -> None:
    folder, truth, _ = delivery
    chunks = sorted(path.name[-8:-4] for path in folder.glob("*_Eleve_*.xml"))
    assert chunks == [f"{number:04d}" for number in range(-(-truth.pupils // SPEC.chunk_size))]
    assert len(chunks) > 1


def test_everybody_else_is_the_same_to_the_byte_in_the_next_delivery(
    delivery: tuple[Path, DeliveryTruth, Files], tmp_path: Path
) -> None:
    _, _, before = delivery
    spec = GeneratorSpec(
        seed=3, schools=4, pupils_per_school=160, mutate=0.1, date=date(2026, 9, 2)
    )
    truth = generate(spec, tmp_path)
    after = read(tmp_path)
    changed, departed, arrived = 0, 0, 0
    moved = set()
    for category in ("Eleve", "PersRelEleve", "PersEducNat"):
        old, new = before.records[category], after.records[category]
        departed += len(old.keys() - new.keys())
        arrived += len(new.keys() - old.keys())
        for key in old.keys() & new.keys():
            if old[key] == new[key]:
                continue
            school = "ENTPersonStructRattach"
            if category == "Eleve" and old[key][school] != new[key][school]:
                moved.add(key)
            else:
                changed += 1
    assert (changed, departed, arrived, len(moved)) == (
        truth.records_changed,
        truth.records_departed,
        truth.records_arrived,
        truth.pupils_moved,
    )
    assert min(changed, departed, arrived, len(moved)) > 0
    assert truth.pupils == len(after.pupils)
    assert truth.parents == len(after.parents)


def test_the_agricultural_network_has_schools_of_its_own(tmp_path: Path) -> None:
    generate(GeneratorSpec(authority="AGRICOLE", schools=2, pupils_per_school=80), tmp_path)
    files = read(tmp_path)
    schools = [r for r in files.structures.values() if r["ENTStructureClasses"]]
    assert {r["ENTServAcAcademie"][0] for r in files.structures.values()} == {"AGRICOLE"}
    assert all(r["ENTStructureNomCourant"][0].startswith("LEGTA$") for r in schools)
    assert all("ENTEleveStructureRattachIdMEN" in r for r in files.pupils.values())


def test_a_delivery_of_some_size_holds_every_function(tmp_path: Path) -> None:
    generate(GeneratorSpec(schools=8, pupils_per_school=60), tmp_path)
    codes = {
        value.split("$")[1]
        for r in read(tmp_path).staff.values()
        for value in r["ENTPersonFonctions"]
    }
    seen_in_the_wild = "ENS ORI AED EDU DIR DOC PSY ADF CFC ADA FIJ CTR OUV -"
    assert codes >= set(seen_in_the_wild.split())


def test_the_command_writes_the_archive_and_says_what_is_in_it(tmp_path: Path) -> None:
    out = io.StringIO()
    target = tmp_path / "livraison.tgz"
    call_command(
        "generate_aaf", str(target), "--schools", "2", "--pupils-per-school", "40", stdout=out
    )
    assert "2 établissements" in out.getvalue()
    assert "80 élèves" in out.getvalue()
    with tarfile.open(target) as archive:
        assert len(archive.getnames()) == 6


@pytest.mark.parametrize("wrong", [["--schools", "0"], ["--mutate", "1.5"]])
def test_the_command_refuses_what_makes_no_sense(tmp_path: Path, wrong: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("generate_aaf", str(tmp_path / "x"), *wrong)


def test_the_fixture_is_what_the_generator_writes_today(tmp_path: Path) -> None:
    spec = GeneratorSpec(seed=70, schools=1, pupils_per_school=28, other_structures=5)
    truth = generate(spec, tmp_path)
    fixture = Path(__file__).resolve().parents[3] / "fixtures" / "college"
    assert filecmp.cmpfiles(fixture, tmp_path, truth.files, shallow=False)[0] == truth.files
    assert (truth.pupils, truth.parents_with_account, truth.contacts) == (28, 36, 9)
