"""The rows of a structure of the first degree: a school, without its classes."""

from __future__ import annotations

from directory.imports.layouts.aaf.second.structures import StructureNames, StructureRows

_NAMES = StructureNames(
    contract="ENTEtablissementContrat",
    sector="ENTEcoleSecteur",
    street="ENTStructureAdresse",
    post_box="ENTStructureBoitePostale",
    postal_code="ENTStructureCodePostal",
    town="ENTStructureVille",
    phone="ENTStructureTelephone",
    fax="ENTStructureFax",
    email="ENTStructureMailSI",
    other_email="ENTStructureEmail",
    attached_to="ENTEcoleCirconscription",
    kept={},
)


class FirstStructureRows(StructureRows):
    """``EtabEducNat``."""

    names = _NAMES
