"""The files of the first degree: other names of attributes, classes known from their pupils.

Source: parts 3.7 and 4 of our AAF specification.
"""

from __future__ import annotations

from directory.imports.columns import FIRST_DEGREE, GUARDIAN, PUPIL, STAFF
from directory.imports.layouts.aaf.common.layout import CategoryLayout, Layout
from directory.imports.layouts.aaf.first.pupils import FirstPupilRows
from directory.imports.layouts.aaf.first.staff import FirstStaffRows
from directory.imports.layouts.aaf.first.structures import FirstStructureRows
from directory.imports.layouts.aaf.second.guardians import GuardianRows

_JOIN_KEY = {"ENTPersonJointure": 40}
_SCHOOL = {"ENTPersonStructRattach": 40}

_STRUCTURES = CategoryLayout(
    category="EtabEducNat",
    degree=FIRST_DEGREE,
    operational=("categorieStructure", "EtabEducNat"),
    builder=FirstStructureRows,
    is_required=True,
    single={
        "ENTStructureJointure": 40,
        "ENTStructureUAI": 20,
        "ENTStructureSIREN": 14,
        "ENTStructureNomCourant": 160,
        "ENTStructureTypeStruct": 80,
        "ENTStructureCodeTypeStruct": 10,
        "ENTEcoleSecteur": 10,
        "ENTEtablissementContrat": 10,
        "ENTStructureBoitePostale": 60,
        "ENTStructureAdresse": 200,
        "ENTStructureCodePostal": 10,
        "ENTStructureVille": 100,
        "ENTStructureTelephone": 40,
        "ENTStructureFax": 40,
        "ENTStructureMailSI": 254,
        "ENTStructureEmail": 254,
        "ENTServAcAcademie": 60,
    },
    multiple=frozenset({"ENTEcoleCirconscription"}),
    ignored=frozenset(
        {
            "ENTEcoleMinistereTutelle",
            "ENTEcoleCodeMinistereTutelle",
            "ENTServAcCodeAcademie",
            "ENTEcoleCommune",
            "ENTEcoleRPI",
        }
    ),
)

_PUPILS = CategoryLayout(
    category=PUPIL,
    degree=FIRST_DEGREE,
    operational=("categoriePersonne", PUPIL),
    builder=FirstPupilRows,
    is_required=True,
    single={**_JOIN_KEY, **_SCHOOL},
    multiple=frozenset({"ENTEleveAutoriteParentale", "ENTPersonClasses", "ENTPersonGroupes"}),
    ignored=frozenset(
        {
            "ENTEleveTypeClasse",
            "ENTEleveDateEntreeClasses",
            "ENTEleveDateSortieClasses",
            "ENTEleveDateEntreeStructRattach",
            "ENTEleveDateSortieStructRattach",
            "ENTEleveRestaurantScolaire",
            "ENTEleveTransport",
            "ENTEleveGarderieMatin",
            "ENTEleveGarderieSoir",
            "ENTEleveEtudesSurveillees",
        }
    ),
)

_GUARDIANS = CategoryLayout(
    category=GUARDIAN,
    degree=FIRST_DEGREE,
    operational=("categoriePersonne", GUARDIAN),
    builder=GuardianRows,
    is_required=True,
    single=_JOIN_KEY,
    ignored=frozenset({"ENTPersonAdresseDiffusion"}),
)

_STAFF = CategoryLayout(
    category=STAFF,
    degree=FIRST_DEGREE,
    operational=("categoriePersonne", STAFF),
    builder=FirstStaffRows,
    single={**_JOIN_KEY, **_SCHOOL, "ENTPersonCategorieEnseignant": 1},
    multiple=frozenset({"ENTPersonFonctions", "ENTEnsFonctionDir"}),
    ignored=frozenset(
        {
            "ENTEnsSpecialites",
            "ENTPersonStructRattachDate",
            "ENTPersonFonctionsDate",
            "ENTEnsFonctionDirDate",
            "ENTPersonCategorieEnseignantDate",
        }
    ),
)

FIRST = Layout(degree=FIRST_DEGREE, categories=(_STRUCTURES, _PUPILS, _GUARDIANS, _STAFF))
