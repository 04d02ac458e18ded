"""Small deliveries of the first degree, written by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tests.directory.imports.deliveries import (
    Attributes,
    Delivery,
    changes,
    document,
    record,
    write_requests,
)

HEADER = '<!-- versionSDET="Annexe 1 version 6.3" -->\n<!-- degre="1D" -->\n'


@dataclass
class FirstDelivery:
    """A complete set of one school; change its attributes, then write it."""

    date: str = "20260901"
    project: str = "ENTBFC_NANCY"
    header: str = HEADER
    schools: dict[str, Attributes] = field(default_factory=dict)
    pupils: dict[str, Attributes] = field(default_factory=dict)
    guardians: dict[str, Attributes] = field(default_factory=dict)
    staff: dict[str, Attributes] = field(default_factory=dict)

    def school(self, ref: str = "700", *, uai: str = "0541234A", **more: str) -> FirstDelivery:
        """Add a school."""
        self.schools[ref] = {
            "ENTStructureJointure": ref,
            "ENTStructureUAI": uai,
            "ENTStructureNomCourant": "E.P.PU$DU PONT$NANCY",
            "ENTStructureTypeStruct": "ECOLE DE NIVEAU ELEMENTAIRE",
            "ENTEcoleSecteur": "PU",
            "ENTStructureAdresse": "2 RUE DU PONT",
            "ENTStructureCodePostal": "54000",
            "ENTStructureVille": "NANCY",
            "ENTStructureTelephone": "+33 3 83 00 00 00",
            "ENTServAcAcademie": "NANCY-METZ",
            "ENTEcoleCirconscription": "799",
            **more,
        }
        return self

    def pupil(
        self,
        identifier: str,
        *,
        school: str = "700",
        in_class: str = "73183$CP MME MARTIN",
        guardians: list[str] | None = None,
        **more: str | list[str],
    ) -> FirstDelivery:
        """Add a pupil; *guardians* are ``id$lien``."""
        self.pupils[identifier] = {
            "ENTPersonJointure": identifier,
            "ENTEleveINE": f"{int(identifier):09d}AB",
            "ENTPersonDateNaissance": "12/03/2019",
            "ENTPersonNom": f"PETIT{identifier}",
            "ENTPersonNomPatro": f"PETIT{identifier}",
            "ENTPersonPrenom": "Lou",
            "ENTPersonCivilite": "Mme",
            "ENTPersonStructRattach": school,
            "ENTPersonClasses": f"{school}$11$ORDINAIRE${in_class}",
            "ENTPersonGroupes": "",
            "ENTEleveNiveau": "1121$CP",
            "ENTEleveCycle": "2$CYCLE II",
            "ENTEleveAutoriteParentale": guardians if guardians is not None else [""],
            **more,
        }
        return self

    def guardian(self, identifier: str, **more: str) -> FirstDelivery:
        """Add a guardian."""
        self.guardians[identifier] = {
            "ENTPersonJointure": identifier,
            "ENTPersonNom": f"GRAND{identifier}",
            "ENTPersonPrenom": "Anne",
            "ENTPersonCivilite": "Mme",
            "ENTPersonTelPerso": "+33 3 83 11 11 11",
            "ENTPersRelEleveTelMobile": "+33 6 39 98 11 11",
            "ENTPersonMail": f"grand{identifier}@example.org",
            "ENTPersonAdresse": "3 rue du Pont$$$",
            **more,
        }
        return self

    def member(self, identifier: str, *, functions: list[str], **more: str) -> FirstDelivery:
        """Add a member of staff."""
        self.staff[identifier] = {
            "ENTPersonJointure": identifier,
            "ENTPersonNom": f"AGENT{identifier}",
            "ENTPersonPrenom": "PAUL",
            "ENTPersonCivilite": "M.",
            "ENTPersonMail": f"agent{identifier}@ac-test.fr",
            "ENTPersonFonctions": functions,
            "ENTPersonCategorieEnseignant": "O",
            **more,
        }
        return self

    def write(self, folder: Path) -> Path:
        """Write the files into *folder* (emptied first) and return it."""
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        contents = {
            "EtabEducNat": self.schools,
            "Eleve": self.pupils,
            "PersRelEleve": self.guardians,
            "PersEducNat": self.staff,
        }
        for category, objects in contents.items():
            text = document([record(category, key, values) for key, values in objects.items()])
            text = text.replace('<!-- versionAF="AAF-VE1806" -->\n', self.header, 1)
            name = f"{self.project}_Complet_{self.date}_{category}_0000.xml"
            (folder / name).write_bytes(text.encode("iso8859-15"))
        return folder


def write_first_delta(
    folder: Path, *, before: FirstDelivery, after: FirstDelivery, is_partial: bool
) -> Path:
    """Write what changed between two sets."""
    pairs = {
        "EtabEducNat": (before.schools, after.schools),
        "Eleve": (before.pupils, after.pupils),
        "PersRelEleve": (before.guardians, after.guardians),
        "PersEducNat": (before.staff, after.staff),
    }
    contents = {
        category: list(changes(category, old, new, is_partial=is_partial))
        for category, (old, new) in pairs.items()
    }
    # Structures come as whole lists.
    contents["EtabEducNat"] += [
        record("EtabEducNat", ref, values)
        for ref, values in after.schools.items()
        if before.schools.get(ref) == values
    ]
    return write_requests(folder, contents, date=after.date, project=after.project)


def of_first_degree(made: Delivery) -> FirstDelivery:
    """The same people as files of the first degree say them; classes get numbers and labels."""
    first = FirstDelivery(date=made.date, project="ENT1D")
    labels: dict[tuple[str, str], str] = {}
    for school in made.schools:
        first.school(school.ref, uai=school.uai, ENTStructureNomCourant=school.name)
        for described in school.classes:
            code, label = described.split("$")[:2]
            labels[school.ref, code] = label

    def place(value: str) -> str:
        ref, code = value.split("$")
        return f"{ref}$11$ORDINAIRE${ref}{code.encode().hex()}${labels.get((ref, code), code)}"

    for identifier, said in made.guardians.items():
        first.guardian(identifier, ENTPersonPrenom=str(said["givenName"]))
    for identifier, said in made.pupils.items():
        links = [value.split("$") for value in said["ENTElevePersRelEleve"]]
        groups = said["ENTEleveGroupes"] or [""]
        classes = said["ENTEleveClasses"] or [""]
        first.pupil(
            identifier,
            ENTPersonNom=said["sn"],
            ENTPersonStructRattach=said["ENTPersonStructRattach"],
            ENTPersonClasses=[place(value) for value in classes if value],
            ENTPersonGroupes=[place(value) for value in groups if value],
            guardians=["$".join(link[:2]) for link in links],
        )
    for identifier, said in made.staff.items():
        first.member(identifier, functions=list(said["ENTPersonFonctions"]))
    return first


def small_primary_school(pupils: int = 12) -> FirstDelivery:
    """A school of two classes: pupils with a mother each, a director, a teacher."""
    delivery = FirstDelivery().school()
    for number in range(1, pupils + 1):
        mother = str(1000 + number)
        delivery.guardian(mother)
        in_class = "73183$CP MME MARTIN" if number % 2 else "73184$CE1 M. DUBOIS"
        delivery.pupil(str(number), in_class=in_class, guardians=[f"{mother}$10"])
    delivery.member("5001", functions=["700$ENS$ENSEIGNEMENT$D0000$DIRECTION"])
    delivery.member("5002", functions=["700$ENS$ENSEIGNEMENT$G0000$SANS SPECIALITE"])
    return delivery
