"""Which attributes each category carries, how many values they hold, and how long these may be.

Source: parts 2 and 3 of our AAF specification (files of 2013 to 2025). ``SINGLE`` maps an
attribute to the length of the column that receives it; ``MULTIPLE`` lists those with several
values; ``IGNORED`` are known and not kept. Everything else is *unknown*: counted, never an error.
"""

from __future__ import annotations

_PERSON = {
    "ENTPersonJointure": 40,
    "ENTPersonDateNaissance": 10,
    "ENTPersonNomPatro": 100,
    "sn": 100,
    "givenName": 100,
    "personalTitle": 10,
    "ENTPersonStructRattach": 40,
    "mail": 254,
}
_ADDRESS = {
    "ENTPersonAdresse": 300,
    "ENTPersonCodePostal": 10,
    "ENTPersonVille": 100,
    "ENTPersonPays": 60,
    "homePhone": 40,
    "telephoneNumber": 40,
}

SINGLE: dict[str, dict[str, int]] = {
    "Eleve": {**_PERSON, **_ADDRESS, "ENTEleveINE": 11},
    "PersRelEleve": {**_PERSON, **_ADDRESS},
    "PersEducNat": {**_PERSON, "ENTPersonCategorieEnseignant": 1},
    "EtabEducNat": {
        "ENTStructureJointure": 40,
        "ENTStructureUAI": 20,
        "ENTEtablissementUAI": 20,
        "ENTStructureSIREN": 14,
        "ENTStructureNomCourant": 160,
        "ENTStructureTypeStruct": 80,
        "ENTStructureCodeTypeStruct": 10,
        "ENTEtablissementContrat": 10,
        "postOfficeBox": 60,
        "street": 200,
        "postalCode": 10,
        "l": 100,
        "telephoneNumber": 40,
        "facsimileTelephoneNumber": 40,
        "ENTStructureMailSI": 254,
        "ENTServAcAcademie": 60,
    },
    "MefEducNat": {"ENTMefJointure": 40, "ENTLibelleMef": 120},
    "MatiereEducNat": {"ENTMatJointure": 40, "ENTLibelleMatiere": 120},
}

MULTIPLE: dict[str, frozenset[str]] = {
    "Eleve": frozenset(
        {
            "ENTPersonAutresPrenoms",
            "ENTElevePersRelEleve",
            "ENTEleveAdresseRel",
            "ENTEleveClasses",
            "ENTEleveGroupes",
        }
    ),
    "PersRelEleve": frozenset({"mobile", "ENTPersonAutresPrenoms"}),
    "PersEducNat": frozenset(
        {
            "ENTPersonAutresPrenoms",
            "ENTPersonFonctions",
            "ENTAuxEnsClasses",
            "ENTAuxEnsGroupes",
            "ENTAuxEnsClassesMatieres",
            "ENTAuxEnsGroupesMatieres",
            "ENTAuxEnsClassesPrincipal",
            "ENTEnsFonctionDir",
        }
    ),
    "EtabEducNat": frozenset({"ENTStructureClasses", "ENTStructureGroupes"}),
    "MefEducNat": frozenset(),
    "MatiereEducNat": frozenset(),
}

IGNORED: dict[str, frozenset[str]] = {
    "Eleve": frozenset(
        {
            "ENTEleveStructRattachId",
            "ENTEleveStructureRattachIdMEN",
            "ENTEleveBoursier",
            "ENTEleveTransport",
            "ENTEleveRegime",
            "ENTEleveStatutEleve",
            "ENTEleveMEF",
            "ENTEleveLibelleMEF",
            "ENTEleveNivFormation",
            "ENTEleveFiliere",
            "ENTEleveEnseignements",
            "ENTEleveCodeEnseignements",
            "ENTEleveDateEntreeClasses",
            "ENTEleveDateSortieClasses",
            "ENTEleveDateEntreeStructRattach",
            "ENTEleveDateSortieStructRattach",
            "ENTEleveParents",
            "ENTElevePere",
            "ENTEleveMere",
            "ENTEleveAutoriteParentale",
            "ENTElevePersRelEleve1",
            "ENTElevePersRelEleve2",
            "ENTEleveQualitePersRelEleve1",
            "ENTEleveQualitePersRelEleve2",
        }
    ),
    "PersRelEleve": frozenset(
        {"ENTAuxPersRelEleveEleve", "ENTPersonAdresseDiffusion", "ENTPersonMobileSMS"}
    ),
    "PersEducNat": frozenset(
        {
            "PersEducNatPresenceDevantEleves",
            "ENTAuxEnsCategoDiscipline",
            "ENTAuxEnsDisciplinesPoste",
            "ENTAuxEnsMEF",
            "ENTAuxEnsMatiereEnseignEtab",
        }
    ),
    "EtabEducNat": frozenset(
        {
            "ENTEtablissementMinistereTutelle",
            "ENTEtablissementCodeMinistereTutelle",
            "ENTEtablissementStructRattachFctl",
            "ENTEtablissementBassin",
            "ENTServAcCodeAcademie",
        }
    ),
    "MefEducNat": frozenset({"ENTMEFRattach", "ENTMEFSTAT11", "ENTNivFormation", "ENTFiliere"}),
    "MatiereEducNat": frozenset({"ENTMatiereRattach"}),
}

OPERATIONAL: dict[str, tuple[str, str]] = {
    "Eleve": ("categoriePersonne", "Eleve"),
    "PersRelEleve": ("categoriePersonne", "PersRelEleve"),
    "PersEducNat": ("categoriePersonne", "PersEducNat"),
    "EtabEducNat": ("categorieStructure", "EtabEducNat"),
    "MefEducNat": ("categorieMef", "MefEducNat"),
    "MatiereEducNat": ("categorieMatiere", "MatEducNat"),
}
"""The operational attribute that each record of a category must carry."""


def is_known(category: str, attribute: str) -> bool:
    """Is this attribute one that our specification lists for the category?"""
    return (
        attribute in SINGLE[category]
        or attribute in MULTIPLE[category]
        or attribute in IGNORED[category]
    )
