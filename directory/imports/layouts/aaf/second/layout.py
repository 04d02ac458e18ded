"""The files of the second degree.

Source: parts 2 and 3 of our AAF specification (files of 2013 to 2025).
"""

from __future__ import annotations

from directory.imports.columns import GUARDIAN, PUPIL, STAFF
from directory.imports.layouts.aaf.common.layout import CategoryLayout, Layout
from directory.imports.layouts.aaf.second.guardians import GuardianRows
from directory.imports.layouts.aaf.second.nomenclatures import MefRows, SubjectRows
from directory.imports.layouts.aaf.second.pupils import PupilRows
from directory.imports.layouts.aaf.second.staff import StaffRows
from directory.imports.layouts.aaf.second.structures import StructureRows

_JOIN_KEY = {"ENTPersonJointure": 40}
_SCHOOL = {"ENTPersonStructRattach": 40}

_STRUCTURES = CategoryLayout(
    category="EtabEducNat",
    operational=("categorieStructure", "EtabEducNat"),
    builder=StructureRows,
    is_required=True,
    single={
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
    multiple=frozenset(
        {"ENTStructureClasses", "ENTStructureGroupes", "ENTEtablissementStructRattachFctl"}
    ),
    ignored=frozenset(
        {
            "ENTEtablissementMinistereTutelle",
            "ENTEtablissementCodeMinistereTutelle",
            "ENTEtablissementBassin",
            "ENTServAcCodeAcademie",
        }
    ),
)

_MEFS = CategoryLayout(
    category="MefEducNat",
    operational=("categorieMef", "MefEducNat"),
    builder=MefRows,
    single={"ENTMefJointure": 40, "ENTLibelleMef": 120, "ENTMEFSTAT11": 20},
    ignored=frozenset({"ENTMEFRattach", "ENTNivFormation", "ENTFiliere"}),
)

_SUBJECTS = CategoryLayout(
    category="MatiereEducNat",
    operational=("categorieMatiere", "MatEducNat"),
    builder=SubjectRows,
    single={"ENTMatJointure": 40, "ENTLibelleMatiere": 120, "ENTMatiereRattach": 20},
)

_PUPILS = CategoryLayout(
    category=PUPIL,
    operational=("categoriePersonne", PUPIL),
    builder=PupilRows,
    is_required=True,
    single={**_JOIN_KEY, **_SCHOOL},
    multiple=frozenset(
        {"ENTElevePersRelEleve", "ENTEleveAdresseRel", "ENTEleveClasses", "ENTEleveGroupes"}
    ),
    ignored=frozenset(
        {
            "ENTEleveStructureRattachIdMEN",
            "ENTEleveBoursier",
            "ENTEleveTransport",
            "ENTEleveFiliere",
            "ENTEleveEnseignements",
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
)

_GUARDIANS = CategoryLayout(
    category=GUARDIAN,
    operational=("categoriePersonne", GUARDIAN),
    builder=GuardianRows,
    is_required=True,
    single={**_JOIN_KEY, **_SCHOOL},
    ignored=frozenset({"ENTPersonAdresseDiffusion", "ENTPersonMobileSMS"}),
)

_STAFF = CategoryLayout(
    category=STAFF,
    operational=("categoriePersonne", STAFF),
    builder=StaffRows,
    single={**_JOIN_KEY, **_SCHOOL, "ENTPersonCategorieEnseignant": 1},
    multiple=frozenset(
        {
            "ENTPersonFonctions",
            "ENTAuxEnsClasses",
            "ENTAuxEnsGroupes",
            "ENTAuxEnsClassesMatieres",
            "ENTAuxEnsGroupesMatieres",
            "ENTAuxEnsClassesPrincipal",
            "ENTEnsFonctionDir",
        }
    ),
    ignored=frozenset(
        {
            "PersEducNatPresenceDevantEleves",
            "ENTAuxEnsCategoDiscipline",
            "ENTAuxEnsMatiereEnseignEtab",
        }
    ),
)

SECOND = Layout(
    degree="2D", categories=(_STRUCTURES, _MEFS, _SUBJECTS, _PUPILS, _GUARDIANS, _STAFF)
)
