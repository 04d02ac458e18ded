"""Opening a delivery: names, archives, chunks (T-H1, T-H5, T-H6, T-H7)."""

from __future__ import annotations

import datetime
import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from directory.imports.layouts.aaf.common import packages
from directory.imports.layouts.aaf.common.file_names import read_date, read_mode, read_name
from directory.imports.layouts.errors import DeliveryRefused
from tests.directory.imports.deliveries import opened_delivery, small_school


@pytest.mark.parametrize(
    ("name", "category", "mode", "date", "uai", "sequence"),
    [
        ("ENT_0540001A_Complet_20180830_Eleve_0000.xml",
         "Eleve", "Complet", "2018-08-30", "0540001A", 0),
        ("FULL_ENTTSSERVICES_Complet_20130117_Eleve_0001.xml",
         "Eleve", "Complet", "2013-01-17", "", 1),
        ("FULL_ENTTSSERVICES_Delta_201300408_MatiereEducNat_0000.xml",
         "MatiereEducNat", "Delta", "2013-04-08", "", 0),
        ("ENT_TS_SERVICES_21_Delta_20140225_Eleve_0001.xml", "Eleve", "Delta", "2014-02-25", "", 1),
        ("ENTBFC_BESANCON_Complet_20200516_Eleve_0005.xml",
         "Eleve", "Complet", "2020-05-16", "", 5),
        ("EnvOLE_ENT2DVA_0940072T_Complet_20180830_PersRelEleve_0000.xml",
         "PersRelEleve", "Complet", "2018-08-30", "0940072T", 0),
        ("ENT2DVA-ENT16_Complet_20240916_PersEducNat_0000.xml",
         "PersEducNat", "Complet", "2024-09-16", "", 0),
        ("test_Eleve_.xml", "Eleve", "", None, "", None),
        ("ENT_2D_Eleve_0001.xml", "Eleve", "", None, "", 1),
        ("_PersEducNat_admin2.xml", "PersEducNat", "", None, "", None),
    ],
)  # fmt: skip
def test_file_names_are_read_tolerantly(
    name: str, category: str, mode: str, date: str | None, uai: str, sequence: int | None
) -> None:
    found = read_name(name)
    assert found is not None
    assert (found.category, found.mode, found.school_uai, found.sequence) == (
        category,
        mode,
        uai,
        sequence,
    )
    assert found.date == (datetime.date.fromisoformat(date) if date else None)


@pytest.mark.parametrize(
    "name", ["personnels_sans_date.xml", "readme.txt", "Eleve.csv", "_Eleve_.xml.exe"]
)
def test_other_names_are_not_processed(name: str) -> None:
    assert read_name(name) is None


def test_archive_names_tell_mode_and_date() -> None:
    assert read_mode("Complet69-ENTTSSERVICES.20130218.tgz") == "Complet"
    assert read_date("Complet69-ENTTSSERVICES.20130218.tgz") == datetime.date(2013, 2, 18)
    assert read_mode("ENT2DVA.20240916.Delta.tgz") == "Delta"


def tar(path: Path, members: list[tuple[str, bytes]], **special: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in special.values():
            archive.addfile(info)
    return path


def packed(path: Path, extra: list[tuple[str, bytes]] = []) -> Path:  # noqa: B006
    members = [(f"depot/{n}", d) for n, d in small_school().files().items()] + extra
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members:
                archive.writestr(name, data)
        return path
    return tar(path, members)


@pytest.mark.parametrize("name", ["x.tgz", "x.tar.gz", "x.zip"])
def test_archives_open_like_folders_and_leave_nothing_behind(tmp_path: Path, name: str) -> None:
    space = tmp_path / "space"
    extra = [("depot/ficAlimMENESR.dtd", b"<!ELEMENT x>"), ("depot/personnels.xml", b"<x/>")]
    with opened_delivery([packed(tmp_path / name, extra)], workspace=space) as opened:
        assert len(opened.files) == 4
        assert opened.mode == "Complet"
        assert opened.date == datetime.date(2026, 9, 1)
        assert opened.ignored == ["depot/personnels.xml"]
    assert list(space.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["../../evil_Eleve_.xml", "/abs_Eleve_.xml", "C:\\evil_Eleve_.xml", "a/../../b_Eleve_.xml",
     "..\\evil_Eleve_.xml", "\uff0e\uff0e/evil_Eleve_.xml"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["x.tgz", "x.zip"])
def test_a_path_that_leads_outside_refuses_the_archive(
    tmp_path: Path, name: str, kind: str
) -> None:
    """T-H6: and nothing is written anywhere."""
    space = tmp_path / "space"
    with pytest.raises(DeliveryRefused) as refused:
        opened_delivery([packed(tmp_path / kind, [(name, b"<x/>")])], workspace=space)
    assert refused.value.code in {"archive_path", "bad_archive"}
    assert list(space.iterdir()) == []
    assert not (tmp_path / "evil_Eleve_.xml").exists()


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices_refuse_the_archive(tmp_path: Path, kind: bytes) -> None:
    info = tarfile.TarInfo("evil_Eleve_.xml")
    info.type = kind
    info.linkname = "/etc/passwd"
    with pytest.raises(DeliveryRefused) as refused:
        opened_delivery([tar(tmp_path / "x.tgz", [], link=info)], workspace=tmp_path / "space")
    assert refused.value.code == "archive_path"


def test_the_same_name_twice_refuses_the_archive(tmp_path: Path) -> None:
    name, data = next(iter(small_school().files().items()))
    with pytest.raises(DeliveryRefused) as refused:
        opened_delivery([packed(tmp_path / "x.tgz", [(f"autre/{name}", data)])])
    assert refused.value.code == "archive_path"


@pytest.mark.parametrize("kind", ["x.tgz", "x.zip"])
def test_an_archive_bomb_never_touches_the_disk(tmp_path: Path, kind: str) -> None:
    """T-H5: 64 MB of zeros in a few kilobytes; the cap counts the bytes really read."""
    space = tmp_path / "space"
    path = packed(
        tmp_path / kind, [("depot/b_Complet_20260901_Eleve_0009.xml", bytes(64 * 1024**2))]
    )
    assert path.stat().st_size < 200_000
    with pytest.raises(DeliveryRefused) as refused:
        opened_delivery([path], workspace=space)
    assert refused.value.code == "archive_bomb"
    assert list(space.iterdir()) == []


def test_too_many_files_refuse_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "MAX_FILES", 20)
    extra = [(f"n{n}.txt", b"x") for n in range(30)]
    with pytest.raises(DeliveryRefused) as refused:
        opened_delivery([packed(tmp_path / "x.tgz", extra)])
    assert refused.value.code == "too_many_files"


@pytest.mark.parametrize(
    "spoil", [lambda d: d[: len(d) // 2], lambda d: b"no archive at all", lambda d: b""]
)
@pytest.mark.parametrize("kind", ["x.tgz", "x.zip"])
def test_a_damaged_archive_is_refused(tmp_path: Path, kind: str, spoil: object) -> None:
    path = packed(tmp_path / kind)
    path.write_bytes(spoil(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(DeliveryRefused) as refused:
        opened_delivery([path], workspace=tmp_path / "space")
    assert refused.value.code == "bad_archive"


def test_a_folder_that_holds_a_link_is_refused(tmp_path: Path) -> None:
    folder = small_school().write(tmp_path / "depot")
    (folder / "lien_Complet_20260901_Eleve_0001.xml").symlink_to("/etc/passwd")
    with pytest.raises(DeliveryRefused) as refused:
        opened_delivery([folder])
    assert (refused.value.code, refused.value.file) == (
        "folder_link",
        "lien_Complet_20260901_Eleve_0001.xml",
    )


def test_a_lost_first_chunk_is_a_gap(tmp_path: Path) -> None:
    """The other categories begin at 0: so did this one."""
    folder = small_school().write(tmp_path / "depot")
    pupils = next(folder.glob("*_Eleve_*"))
    pupils.rename(folder / pupils.name.replace("0000", "0001"))
    with pytest.raises(DeliveryRefused) as refused:
        opened_delivery([folder])
    assert refused.value.code == "chunk_gap"
    assert "Eleve (0000)" in refused.value.message


@pytest.mark.parametrize(
    ("kept", "missing"), [((0, 2), "0001"), ((2, 3), "0001"), ((0, 1, 4), "0002, 0003")]
)
def test_a_gap_in_the_chunks_is_refused(
    tmp_path: Path, kept: tuple[int, ...], missing: str
) -> None:
    folder = small_school().write(tmp_path / "depot")
    pupils = next(folder.glob("*_Eleve_*"))
    data = pupils.read_bytes()
    pupils.unlink()
    for number in kept:
        (folder / pupils.name.replace("0000", f"{number:04d}")).write_bytes(data)
    with pytest.raises(DeliveryRefused) as refused:
        opened_delivery([folder])
    assert refused.value.code == "chunk_gap"
    assert missing in refused.value.message


def test_single_files_make_a_delivery(tmp_path: Path) -> None:
    folder = small_school().write(tmp_path / "depot")
    assert len(opened_delivery(sorted(folder.iterdir())).files) == 4


@pytest.mark.parametrize(
    "other", ["X_Complet_20260901_Eleve_.xml", "AUTRE_Complet_20260901_Eleve_0000.xml"]
)
def test_a_gap_is_refused_whatever_else_is_there(tmp_path: Path, other: str) -> None:
    folder = small_school().write(tmp_path / "depot")
    pupils = next(folder.glob("*_Eleve_*"))
    for name in (pupils.name.replace("0000", "0002"), other):
        (folder / name).write_bytes(pupils.read_bytes())
    with pytest.raises(DeliveryRefused) as refused:
        opened_delivery([folder])
    assert refused.value.code == "chunk_gap"


def test_chunks_of_one_row_may_bear_several_names(tmp_path: Path) -> None:
    folder = small_school().write(tmp_path / "depot")
    pupils = next(folder.glob("*_Eleve_*"))
    (folder / "AUTRE_Complet_20260901_Eleve_0001.xml").write_bytes(pupils.read_bytes())
    assert len(opened_delivery([folder]).files) == 5


def of_school(folder: Path, uai: str, *, nomenclature: bool = False) -> Path:
    """A small delivery named as a school's own."""
    small_school().write(folder)
    for file in list(folder.iterdir()):
        file.rename(folder / file.name.replace("ENT2DVA_Complet", f"ENT_{uai}_Complet"))
    if nomenclature:
        (folder / "ENT2DVA_Complet_20260901_MatiereEducNat_0000.xml").write_bytes(b"<x/>")
    return folder


def test_the_sets_of_several_schools_are_not_an_academys(tmp_path: Path) -> None:
    """Everybody of the schools that are not there would leave."""
    folders = [of_school(tmp_path / uai, uai) for uai in ("0540001A", "0540002B")]
    with pytest.raises(DeliveryRefused) as refused:
        opened_delivery(folders)
    assert refused.value.code == "several_schools"
    assert "0540001A, 0540002B" in refused.value.message


def test_a_nomenclature_without_number_leaves_a_schools_set_a_schools(tmp_path: Path) -> None:
    folder = of_school(tmp_path / "depot", "0540001A", nomenclature=True)
    assert opened_delivery([folder]).school_uai == "0540001A"


def test_names_in_another_encoding_stop_nothing(tmp_path: Path) -> None:
    folder = small_school().write(tmp_path / "depot")
    Path(os.fsdecode(os.fsencode(folder) + b"/Lisez-moi \xe9\n.doc")).write_bytes(b"x")
    with opened_delivery([folder]) as opened:
        assert opened.ignored == ["Lisez-moi é .doc"]
    archive = tmp_path / "Complet.tgz"
    with tarfile.open(
        archive, "w:gz", encoding="latin-1", format=tarfile.GNU_FORMAT
    ) as out:  # its names are bytes
        out.add(folder, "Académie", filter=lambda info: None if "Lisez" in info.name else info)
    with opened_delivery([archive]) as opened:
        assert all(file.name.startswith("Académie/ENT2DVA") for file in opened.files)
        assert "Académie/" in opened.files[0].name


def test_what_a_mac_puts_into_a_zip_is_no_file_of_the_delivery(tmp_path: Path) -> None:
    folder = small_school().write(tmp_path / "complet")
    archive = tmp_path / "Complet.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for file in sorted(folder.iterdir()):
            out.write(file, f"complet/{file.name}")
            out.writestr(f"__MACOSX/complet/._{file.name}", b"\x00\x05\x16\x07")
        out.writestr("complet/.DS_Store", b"x")
    with opened_delivery([archive]) as opened:
        assert (len(opened.files), opened.ignored) == (4, [])


@pytest.mark.parametrize("name", ["absent.tgz", "absent.zip", "absent", "absent.xml"])
def test_what_is_not_there_is_refused_by_its_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(DeliveryRefused) as refused:
        opened_delivery([tmp_path / name])
    assert refused.value.code == "not_found"
    assert name in refused.value.file


def test_a_damaged_lzma_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "Complet.zip"
    with zipfile.ZipFile(path, "w", compression=zipfile.ZIP_LZMA) as out:
        out.writestr("X_Complet_20260901_Eleve_0000.xml", b"<ficAlimMENESR/>" * 500)
    data = bytearray(path.read_bytes())
    data[70:90] = bytes(20)
    path.write_bytes(data)
    with pytest.raises(DeliveryRefused) as refused:
        opened_delivery([path])
    assert refused.value.code == "bad_archive"


def test_a_delivery_may_come_in_several_archives(tmp_path: Path) -> None:
    folder = small_school().write(tmp_path / "complet")
    archives = []
    for number, file in enumerate(sorted(folder.iterdir())):
        archives.append(tmp_path / f"{number}.zip")
        with zipfile.ZipFile(archives[-1], "w") as out:
            out.write(file, file.name)
    with opened_delivery(archives) as opened:
        assert len(opened.files) == 4
        assert len({file.path for file in opened.files}) == 4


def test_archives_named_after_several_schools_are_not_one_schools(tmp_path: Path) -> None:
    """Their files bear no number: the first archive's would have passed for all."""
    archives = []
    for uai in ("0540001A", "0540002B"):
        folder = small_school().write(tmp_path / uai)
        archive = tmp_path / f"ENT2DVA_{uai}_Complet.zip"
        with zipfile.ZipFile(archive, "w") as out:
            for file in sorted(folder.iterdir()):
                out.write(file, f"{uai}_{file.name}".replace(uai, "X" + uai[:3]))
        archives.append(archive)
    with pytest.raises(DeliveryRefused) as refused:
        opened_delivery(archives)
    assert refused.value.code == "several_schools"


def test_one_file_without_number_leaves_a_schools_set_a_schools(tmp_path: Path) -> None:
    folder = of_school(tmp_path / "depot", "0540001A")
    staff = next(folder.glob("*PersEducNat*"))
    staff.rename(folder / staff.name.replace("ENT_0540001A", "ENT2DVA"))
    assert opened_delivery([folder]).school_uai == "0540001A"
