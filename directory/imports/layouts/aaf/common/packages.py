"""Opening a delivery: a folder, XML files, or one ``.tgz`` / ``.tar.gz`` / ``.zip`` archive.

Archives come from elsewhere: names are checked before anything else (no absolute path, no ``..``,
no drive letter, no link or device, no name twice), sizes count the bytes *really read* and never
what a header claims, and a first pass reads the whole archive without writing, so a bomb never
touches the disk. Only then are the files copied to a private directory (0700), which
:class:`OpenDelivery` removes.
"""

from __future__ import annotations

import datetime
import lzma
import os
import shutil
import stat
import tarfile
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from directory.imports.layouts.aaf.common.file_names import (
    CATEGORIES,
    COMPLETE,
    FileName,
    read_date,
    read_mode,
    read_name,
    read_uai,
)
from directory.imports.layouts.errors import DeliveryRefused

MAX_FILES = 5000
MAX_BYTES = 16 * 1024**3
"""A region of 1.5 million people is about 3 GB of XML."""
MAX_RATIO = 200
"""XML of the feeds compresses 10 to 25 times; a bomb starts at 1,000."""
FREE_OF_RATIO_BYTES = 8 * 1024 * 1024
BLOCK = 1024 * 1024
MAX_PROJECT = 60
_ARCHIVES = (".tgz", ".tar.gz", ".zip")
_NOMENCLATURES = ("MefEducNat", "MatiereEducNat")
_KNOWN_EXTRAS = (".dtd", ".txt", ".md5", ".sha1", ".sha256", ".xsd", ".log")


@dataclass(frozen=True, slots=True)
class DeliveryFile:
    """One XML file of the delivery: where it is, and what its name says."""

    path: Path
    name: str
    category: str
    facts: FileName
    size: int


@dataclass(slots=True)
class OpenDelivery:
    """The files of a delivery, in reading order, and what their names say together."""

    files: list[DeliveryFile]
    mode: str
    date: datetime.date | None
    school_uai: str
    project: str = ""
    """What the names say before « _Complet » or « _Delta », without the UAI of a school."""
    ignored: list[str] = field(default_factory=list)
    workspace: Path | None = None

    @property
    def categories(self) -> set[str]:
        """The categories delivered."""
        return {file.category for file in self.files}

    @property
    def size(self) -> int:
        """Bytes of XML."""
        return sum(file.size for file in self.files)

    def close(self) -> None:
        """Remove the private copy, if there is one."""
        if self.workspace is not None:
            shutil.rmtree(self.workspace, ignore_errors=True)
            self.workspace = None

    def __enter__(self) -> OpenDelivery:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_delivery(
    paths: Iterable[Path],
    *,
    required: Collection[str],
    workspace: Path | None = None,
    mode: str = "",
) -> OpenDelivery:
    """Find the files of a delivery and check that they can be one complete set or delta.

    *paths*: folders, XML files and archives; *workspace*: where archives may be copied (a private
    directory is made inside; default: the system's). A complete set must hold a file of each
    *required* category; *mode* answers for names that do not say.
    """
    found: list[tuple[Path, str]] = []
    hints: list[str] = []
    private: Path | None = None
    try:
        for path in paths:
            hints.append(shown_name(path.name))
            if path.is_dir():
                found.extend(_in_folder(path))
            elif not path.is_file():
                raise _not_found(path)  # noqa: TRY301 - the block cleans up
            elif path.name.lower().endswith(_ARCHIVES):
                if private is None:
                    private = _private_directory(workspace)
                found.extend(_from_archive(path, private))
            else:
                found.append((path, shown_name(path.name)))
        delivery = _assemble(found, hints, mode, required)
        delivery.workspace = private
        return delivery
    except BaseException:
        if private is not None:
            shutil.rmtree(private, ignore_errors=True)
        raise


def _not_found(path: Path) -> DeliveryRefused:
    return DeliveryRefused(
        "not_found", "fichier ou dossier introuvable.", file=shown_name(str(path))
    )


def shown_name(name: str) -> str:
    """Return a file's name as it may be written: bytes that are no UTF-8 are read as Latin-1."""
    try:
        name.encode()
    except UnicodeEncodeError:
        name = os.fsencode(name).decode("latin-1")
    return "".join(char if char.isprintable() else " " for char in name)


def _private_directory(workspace: Path | None) -> Path:
    if workspace is not None:
        workspace.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Path(tempfile.mkdtemp(prefix="livraison-", dir=workspace))


def _in_folder(folder: Path) -> Iterator[tuple[Path, str]]:
    count = 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise DeliveryRefused(
                "folder_link",
                "le dossier contient un lien vers un autre endroit : il est refusé. Déposez les "
                "fichiers eux-mêmes.",
                file=shown_name(path.relative_to(folder).as_posix()),
            )
        if not path.is_file():
            continue
        count += 1
        if count > MAX_FILES:
            raise DeliveryRefused("too_many_files", f"plus de {MAX_FILES} fichiers.")
        yield path, shown_name(path.relative_to(folder).as_posix())


def _assemble(
    found: list[tuple[Path, str]], hints: list[str], mode: str, required: Collection[str]
) -> OpenDelivery:
    files: list[DeliveryFile] = []
    ignored: list[str] = []
    for path, shown in found:
        facts = read_name(path.name)
        if facts is None:
            is_known = path.name.startswith(".") or path.name.lower().endswith(_KNOWN_EXTRAS)
            if not is_known:
                ignored.append(shown)
            continue
        files.append(
            DeliveryFile(
                path=path,
                name=shown,
                category=facts.category,
                facts=facts,
                size=path.stat().st_size,
            )
        )
    if not files:
        raise DeliveryRefused(
            "no_aaf_file",
            "aucun fichier AAF reconnu : les noms doivent contenir _Eleve_, _PersRelEleve_, "
            "_PersEducNat_, _EtabEducNat_…",
            file=", ".join(ignored[:3]) or ", ".join(hints[:3]),
        )
    files.sort(
        key=lambda f: (CATEGORIES.index(f.category), f.facts.sequence or 0, f.path.name, f.name)
    )
    modes = {f.facts.mode or read_mode(f.name) for f in files} - {""}
    if not modes:
        modes = {read_mode(hint) for hint in hints} - {""}
    if len(modes) > 1:
        raise DeliveryRefused(
            "mixed_modes", "la livraison mélange des fichiers complets et des différentiels."
        )
    if not modes and not mode:
        raise DeliveryRefused(
            "mode_unknown",
            "ni les noms des fichiers, ni celui de l’archive ou du dossier ne disent si l’envoi "
            "est complet ou différentiel : mettez les fichiers dans un dossier ou une archive "
            "dont le nom contient « complet » si c’est un envoi complet.",
        )
    dates = {f.facts.date for f in files} - {None}
    uais = {f.facts.school_uai for f in files} - {""} or {read_uai(hint) for hint in hints} - {""}
    if len(uais) > 1:
        raise DeliveryRefused(
            "several_schools",
            "la livraison réunit les envois de plusieurs établissements "
            f"({', '.join(sorted(uais)[:5])}) : déposez-les un par un.",
        )
    delivery = OpenDelivery(
        files=files,
        mode=modes.pop() if modes else mode,
        date=max((d for d in dates if d), default=None)
        or next((d for d in map(read_date, hints) if d), None),
        school_uai=uais.pop() if uais else "",
        project=_project_of(files),
        ignored=ignored,
    )
    if len(dates) > 1:
        raise DeliveryRefused(
            "mixed_dates",
            "les fichiers ne sont pas de la même date : "
            + ", ".join(sorted(d.strftime("%d/%m/%Y") for d in dates if d))
            + ".",
        )
    if delivery.mode == COMPLETE:
        _check_complete(delivery, required)
    return delivery


def _project_of(files: list[DeliveryFile]) -> str:
    """The project, where the names agree on one."""
    named = {f.facts.project for f in files if f.facts.mode}
    return named.pop()[:MAX_PROJECT] if len(named) == 1 else ""


def _check_complete(delivery: OpenDelivery, required: Collection[str]) -> None:
    missing = [c for c in required if c not in delivery.categories]
    if missing:
        raise DeliveryRefused(
            "missing_category",
            "envoi complet sans fichier " + ", ".join(missing) + " : il est refusé en entier.",
        )
    for category in sorted(delivery.categories):
        _check_chunks(category, [f for f in delivery.files if f.category == category])
    _check_first_chunks(delivery.files)


def _check_chunks(category: str, files: list[DeliveryFile]) -> None:
    """No number is missing nor there twice, in all files together or in those of each project."""
    of_project: dict[str, list[int]] = {}
    for file in files:
        if file.facts.sequence is not None:
            of_project.setdefault(file.facts.project, []).append(file.facts.sequence)
    for numbers in of_project.values():
        if len(set(numbers)) < len(numbers):
            raise DeliveryRefused(
                "chunk_twice",
                f"deux fichiers {category} portent le même numéro.",
                file=files[0].name,
            )
    together = [number for numbers in of_project.values() for number in numbers]
    if len(set(together)) == len(together) and not _missing_of(together):
        return
    for numbers in of_project.values():
        if gaps := _missing_of(numbers):
            raise _gap(category, gaps)


def _check_first_chunks(files: list[DeliveryFile]) -> None:
    """All categories are numbered from 0, or all from 1: one that begins later lacks its first.

    Nomenclatures are sometimes exported apart, with numbers of their own.
    """
    firsts: dict[str, int] = {}
    for file in files:
        if file.facts.sequence is not None and file.category not in _NOMENCLATURES:
            category, number = file.category, file.facts.sequence
            firsts[category] = min(firsts.get(category, number), number)
    least = min(firsts.values(), default=0)
    for category, first in firsts.items():
        if first > least:
            raise _gap(category, list(range(least, first)))


def _missing_of(numbers: list[int]) -> list[int]:
    """Chunks are numbered from 0 or from 1."""
    first, last = min(numbers, default=1), max(numbers, default=0)
    return sorted(set(range(min(first, 1), last + 1)) - set(numbers))


def _gap(category: str, gaps: list[int]) -> DeliveryRefused:
    shown = ", ".join(f"{number:04d}" for number in gaps[:5])
    return DeliveryRefused(
        "chunk_gap",
        f"il manque un morceau de {category} ({shown}) : la livraison est incomplète.",
    )


class _Budget:
    """Counts what archives really give."""

    def __init__(self, compressed: int, file: str) -> None:
        self.compressed = max(compressed, 1)
        self.file = file
        self.bytes = 0
        self.files = 0

    def add_file(self) -> None:
        self.files += 1
        if self.files > MAX_FILES:
            raise DeliveryRefused(
                "too_many_files",
                f"l’archive contient plus de {MAX_FILES} fichiers.",
                file=self.file,
            )

    def add_bytes(self, count: int) -> None:
        self.bytes += count
        if self.bytes > MAX_BYTES or (
            self.bytes > FREE_OF_RATIO_BYTES and self.bytes > MAX_RATIO * self.compressed
        ):
            raise DeliveryRefused(
                "archive_bomb",
                "l’archive se décompresse en un volume anormal : elle est refusée.",
                file=self.file,
            )


def _safe_name(name: str, *, file: str, seen: set[str]) -> str:
    is_bad = any(ord(char) < 32 for char in name)
    folded = unicodedata.normalize("NFKC", shown_name(name)).replace("\\", "/")
    parts = folded.split("/")
    is_bad = (
        is_bad
        or not folded
        or folded.startswith("/")
        or ".." in parts
        or (len(folded) > 1 and folded[1] == ":")
    )
    if is_bad:
        raise DeliveryRefused(
            "archive_path",
            "l’archive contient un chemin interdit : elle est refusée.",
            file=file,
        )
    flat = parts[-1].lower()
    if flat in seen and read_name(parts[-1]) is not None:
        raise DeliveryRefused(
            "archive_path", f"l’archive contient deux fois le fichier {parts[-1][:80]}.", file=file
        )
    seen.add(flat)
    return folded


def _members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Regular files of an archive, in order; anything else refuses the archive."""
    seen: set[str] = set()
    if path.name.lower().endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if info.is_dir():
                    continue
                mode = info.external_attr >> 16
                if stat.S_IFMT(mode) not in (0, stat.S_IFREG) or info.flag_bits & 0x1:
                    raise _odd_member(path)
                name = _safe_name(info.filename, file=shown_name(path.name), seen=seen)
                with archive.open(info) as stream:
                    yield name, stream
        return
    with tarfile.open(path, mode="r|gz") as archive:
        for member in archive:
            if member.isdir():
                continue
            if not member.isreg():
                raise _odd_member(path)
            name = _safe_name(member.name, file=shown_name(path.name), seen=seen)
            content = archive.extractfile(member)
            if content is not None:
                yield name, content


def _odd_member(path: Path) -> DeliveryRefused:
    return DeliveryRefused(
        "archive_path",
        "l’archive contient un lien, un périphérique ou un fichier chiffré : elle est refusée.",
        file=shown_name(path.name),
    )


def _from_archive(path: Path, private: Path) -> list[tuple[Path, str]]:
    try:
        budget = _Budget(path.stat().st_size, shown_name(path.name))
        wanted: set[str] = set()
        others: list[str] = []
        for name, stream in _members(path):
            budget.add_file()
            while block := stream.read(BLOCK):
                budget.add_bytes(len(block))
            base = name.rsplit("/", 1)[-1]
            if read_name(base) is not None:
                wanted.add(name)
            else:
                others.append(name)
        if shutil.disk_usage(private).free < budget.bytes * 1.1:
            raise DeliveryRefused(
                "disk_full", "pas assez de place sur le disque pour ouvrir l’archive."
            )
        copied: list[tuple[Path, str]] = [(private / "ignored" / o, o) for o in others]
        for name, stream in _members(path):
            if name not in wanted:
                continue
            folder = tempfile.mkdtemp(dir=private)  # two archives may hold files of one name
            target = Path(folder) / name.rsplit("/", 1)[-1]
            with target.open("xb") as out:
                shutil.copyfileobj(stream, out, BLOCK)
            copied.append((target, name))
        return copied
    except (
        tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError,
    ) as error:  # fmt: skip
        if isinstance(error, FileNotFoundError):
            raise
        raise DeliveryRefused(
            "bad_archive",
            "l’archive est abîmée ou n’est pas une archive .tgz, .tar.gz ou .zip.",
            file=shown_name(path.name),
        ) from None
    except (NotImplementedError, RuntimeError, ValueError):
        raise DeliveryRefused(
            "bad_archive", "l’archive emploie un procédé non accepté.", file=shown_name(path.name)
        ) from None
