"""Small deliveries written by hand: every object can be wrong in its own way."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from xml.sax.saxutils import escape

from directory.imports.layouts.aaf.common.packages import OpenDelivery, open_delivery
from directory.imports.layouts.aaf.second.layout import SECOND

DOCTYPE = '<!DOCTYPE ficAlimMENESR SYSTEM "ficAlimMENESR.dtd">'
OPERATIONAL = {
    "Eleve": ("categoriePersonne", "Eleve"),
    "PersRelEleve": ("categoriePersonne", "PersRelEleve"),
    "PersEducNat": ("categoriePersonne", "PersEducNat"),
    "EtabEducNat": ("categorieStructure", "EtabEducNat"),
    "MatiereEducNat": ("categorieMatiere", "MatEducNat"),
    "MefEducNat": ("categorieMef", "MefEducNat"),
}
Attributes = dict[str, str | list[str]]


def record(category: str, identifier: str, attributes: Attributes, operation: str = "add") -> str:
    """One object as exports write it."""
    kind, value = OPERATIONAL[category]
    lines = [
        f"<{operation}Request>",
        f'<operationalAttributes><attr name="{kind}"><value>{value}</value></attr></operationalAttributes>',  # noqa: E501
        f"<identifier><id>{identifier}</id></identifier>",
    ]
    whole, tag, more = ("attributes", "attr", "")
    if operation == "modify":
        whole, tag, more = ("modifications", "modification", ' operation="replace"')
    if operation != "delete":
        lines.append(f"<{whole}>")
        for name, given in attributes.items():
            values = [given] if isinstance(given, str) else given
            written = "".join(f"<value>{escape(v)}</value>" if v else "<value/>" for v in values)
            lines.append(f'<{tag} name="{name}"{more}>{written or "<value/>"}</{tag}>')
        lines.append(f"</{whole}>")
    return "\n".join([*lines, f"</{operation}Request>", ""])


def document(records: list[str], *, encoding: str = "ISO-8859-15", doctype: str = DOCTYPE) -> str:
    """A whole file."""
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n{doctype}\n<ficAlimMENESR>\n'
        '<!-- versionAF="AAF-VE1806" -->\n\n' + "\n".join(records) + "\n</ficAlimMENESR>"
    )


@dataclass
class SchoolOf:
    """A school: its structure id, UAI, classes and groups."""

    ref: str = "100"
    uai: str = "0540001A"
    name: str = "CLG$DES LILAS$NANCY"
    classes: list[str] = field(
        default_factory=lambda: ["6A$6EME$10010012110", "3A$3EME$10310019110"]
    )
    groups: list[str] = field(default_factory=lambda: ["6A GR1$$6A"])
    academy: str = "NANCY-METZ"
    attached_to: str = ""


@dataclass
class Delivery:
    """A complete set; change its lists, then write it."""

    schools: list[SchoolOf] = field(default_factory=lambda: [SchoolOf()])
    pupils: dict[str, Attributes] = field(default_factory=dict)
    guardians: dict[str, Attributes] = field(default_factory=dict)
    staff: dict[str, Attributes] = field(default_factory=dict)
    subjects: dict[str, Attributes] = field(default_factory=dict)
    mefs: dict[str, Attributes] = field(default_factory=dict)
    date: str = "20260901"
    encoding: str = "ISO-8859-15"
    hides_an_end: ClassVar[bool] = False
    """Whether each file hides an end tag in a comment: it is then read whole, every time."""

    def pupil(self, identifier: str, *, school: str = "100", in_class: str = "6A",
              guardians: list[str] | None = None, **more: str | list[str]) -> Delivery:  # fmt: skip
        """Add or replace a pupil; *guardians* are relation strings."""
        self.pupils[identifier] = {
            "ENTPersonJointure": identifier,
            "ENTEleveINE": f"{int(identifier):09d}AB",
            "ENTPersonDateNaissance": "12/03/2014",
            "ENTPersonNomPatro": f"NOM{identifier}",
            "sn": f"NOM{identifier}",
            "givenName": "Élise",
            "personalTitle": "Mme",
            "ENTElevePersRelEleve": guardians if guardians is not None else [""],
            "ENTPersonAdresse": "1 rue des Lilas$$$",
            "ENTPersonStructRattach": school,
            "ENTEleveClasses": f"{school}${in_class}",
            "ENTEleveGroupes": "",
            **more,
        }
        return self

    def guardian(self, identifier: str, **more: str | list[str]) -> Delivery:
        """Add or replace a guardian."""
        self.guardians[identifier] = {
            "ENTPersonJointure": identifier,
            "ENTPersonNomPatro": f"PARENT{identifier}",
            "sn": f"PARENT{identifier}",
            "givenName": "Zoé",
            "personalTitle": "Mme",
            "ENTPersonAdresse": "1 rue des Lilas$$$",
            "mail": f"parent{identifier}@example.org",
            **more,
        }
        return self

    def member(self, identifier: str, *, functions: list[str], **more: str | list[str]) -> Delivery:
        """Add or replace a member of staff."""
        self.staff[identifier] = {
            "ENTPersonJointure": identifier,
            "sn": f"AGENT{identifier}",
            "givenName": "PAUL",
            "personalTitle": "M.",
            "mail": f"agent{identifier}@ac-test.fr",
            "ENTPersonStructRattach": "",
            "ENTPersonFonctions": functions or [""],
            "ENTAuxEnsClassesMatieres": "",
            "ENTAuxEnsClassesPrincipal": "",
            **more,
        }
        return self

    def copy(self, *, date: str) -> Delivery:
        """A later delivery of the same people."""
        return dataclasses.replace(
            self,
            schools=[dataclasses.replace(s) for s in self.schools],
            pupils=dict(self.pupils),
            guardians=dict(self.guardians),
            staff=dict(self.staff),
            subjects=dict(self.subjects),
            mefs=dict(self.mefs),
            date=date,
        )

    def structures(self) -> list[str]:
        """The records of EtabEducNat."""
        return [
            record(
                "EtabEducNat",
                s.ref,
                {
                    "ENTStructureJointure": s.ref,
                    "ENTStructureUAI": s.uai,
                    "ENTStructureNomCourant": s.name,
                    "ENTStructureTypeStruct": "COLLEGE",
                    "postalCode": "54000",
                    "l": "NANCY",
                    "ENTServAcAcademie": s.academy,
                    "ENTStructureClasses": s.classes,
                    "ENTStructureGroupes": s.groups,
                    "ENTEtablissementStructRattachFctl": s.attached_to,
                },
            )
            for s in self.schools
        ]

    def files(self) -> dict[str, bytes]:
        """File name → bytes."""
        codec = {"ISO-8859-15": "iso8859-15", "UTF-8": "utf-8"}.get(self.encoding, self.encoding)
        contents = {
            "EtabEducNat": self.structures(),
            "Eleve": [record("Eleve", key, a) for key, a in self.pupils.items()],
            "PersRelEleve": [record("PersRelEleve", key, a) for key, a in self.guardians.items()],
            "PersEducNat": [record("PersEducNat", key, a) for key, a in self.staff.items()],
            "MatiereEducNat": [record("MatiereEducNat", k, a) for k, a in self.subjects.items()],
            "MefEducNat": [record("MefEducNat", key, a) for key, a in self.mefs.items()],
        }
        if self.hides_an_end:
            hidden = "<attributes>\n<!-- </addRequest> -->\n"
            for records in contents.values():
                records[:1] = [r.replace("<attributes>\n", hidden) for r in records[:1]]
        return {
            f"ENT2DVA_Complet_{self.date}_{category}_0000.xml": document(
                records, encoding=self.encoding
            ).encode(codec)
            for category, records in contents.items()
            if records or category in SECOND.required
        }

    def write(self, folder: Path) -> Path:
        """Write the files into *folder* (emptied first) and return it."""
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, data in self.files().items():
            (folder / name).write_bytes(data)
        return folder


def write_delta(
    folder: Path, *, before: Delivery, after: Delivery, is_partial: bool = False
) -> Path:
    """Write what changed: adds, modifies (of the changed attributes only, if partial), deletes."""
    pairs = {
        "Eleve": (before.pupils, after.pupils),
        "PersRelEleve": (before.guardians, after.guardians),
        "PersEducNat": (before.staff, after.staff),
    }
    contents = {
        category: list(changes(category, old, new, is_partial=is_partial))
        for category, (old, new) in pairs.items()
    }
    refs = {school.ref for school in after.schools}
    gone = [school.ref for school in before.schools if school.ref not in refs]
    contents["EtabEducNat"] = [
        *after.structures(),
        *(record("EtabEducNat", ref, {}, "delete") for ref in gone),
    ]
    return write_requests(folder, contents, date=after.date)


def changes(
    category: str, old: dict[str, Attributes], new: dict[str, Attributes], *, is_partial: bool
) -> Iterator[str]:
    """The requests that make *new* of *old*."""
    for identifier in old.keys() - new.keys():
        yield record(category, identifier, {}, "delete")
    for identifier, attributes in new.items():
        known = old.get(identifier)
        if known is None:
            yield record(category, identifier, attributes)
        elif known != attributes:
            changed = {k: v for k, v in attributes.items() if known.get(k) != v}
            yield record(category, identifier, changed if is_partial else attributes, "modify")


def write_requests(
    folder: Path, contents: dict[str, list[str]], *, date: str, project: str = "ENT2DVA"
) -> Path:
    """Write the files of a delta: category → its requests."""
    folder.mkdir(parents=True, exist_ok=True)
    for category, requests in contents.items():
        if requests:
            (folder / f"{project}_Delta_{date}_{category}_0000.xml").write_bytes(
                document(requests).encode("iso8859-15")
            )
    return folder


def opened_delivery(
    paths: Iterable[Path], *, workspace: Path | None = None, mode: str = ""
) -> OpenDelivery:
    """Open a delivery of the second degree."""
    return open_delivery(paths, required=SECOND.required, workspace=workspace, mode=mode)


def small_school(pupils: int = 12) -> Delivery:
    """One college: *pupils* pupils with a mother each, a head, a teacher."""
    delivery = Delivery()
    for number in range(1, pupils + 1):
        mother = str(1000 + number)
        delivery.guardian(mother)
        delivery.pupil(str(number), guardians=[f"{mother}$10$1$1$0$1"])
    delivery.member("5001", functions=["100$DIR$DIRECTION$D0010$PRINCIPAL"])
    delivery.member(
        "5002",
        functions=["100$ENS$ENSEIGNEMENT$L0422$ANGLAIS"],
        ENTAuxEnsClassesMatieres=["100$6A$030201"],
        ENTAuxEnsClassesPrincipal="100$6A",
    )
    return delivery
