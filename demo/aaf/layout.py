"""The text of each record, as the state's files write it.

Records are made by ``%`` on a prepared template, not by an XML library: a bench needs a million
of them, and every value comes escaped from our own lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from demo.aaf.spec import Encoding, GeneratorSpec, Layout

EMPTY: Final = "<value/>"
NO_ADDRESS: Final = "$$$"


def values(items: Iterable[str]) -> str:
    """``<value>`` elements, or the empty one; items are already escaped."""
    joined = "</value><value>".join(items)
    return f"<value>{joined}</value>" if joined else EMPTY


def value(item: str) -> str:
    """One ``<value>``, empty or not."""
    return f"<value>{item}</value>" if item else EMPTY


def record_template(category_attribute: str, category: str, attributes: Sequence[str]) -> str:
    """An ``addRequest`` with one ``%s`` for the id, then one for the values of each attribute.

    An attribute whose name starts with ``=`` is never empty: its ``<value>`` stands in the
    template, and the ``%s`` is for the text alone.
    """
    kind = f'<attr name="{category_attribute}"><value>{category}</value></attr>'
    lines = [
        "<addRequest>",
        f"<operationalAttributes>{kind}</operationalAttributes>",
        "<identifier><id>%s</id></identifier>",
        "<attributes>",
        *[
            f'<attr name="{name[1:]}"><value>%s</value></attr>'
            if name[0] == "="
            else f'<attr name="{name}">%s</attr>'
            for name in attributes
        ],
        "</attributes>",
        "</addRequest>",
        "",
        "",
    ]
    return "\n".join(lines)


PUPIL: Final = record_template(
    "categoriePersonne",
    "Eleve",
    (
        "=ENTPersonJointure",
        "=ENTEleveINE",
        "=ENTEleveStructRattachId",
        "=ENTPersonDateNaissance",
        "=ENTPersonNomPatro",
        "=sn",
        "=givenName",
        "=ENTPersonAutresPrenoms",
        "=personalTitle",
        "ENTElevePersRelEleve",
        "=ENTEleveBoursier",
        "=ENTEleveRegime",
        "=ENTEleveTransport",
        "=ENTPersonAdresse",
        "ENTPersonCodePostal",
        "ENTPersonVille",
        "ENTPersonPays",
        "ENTEleveAdresseRel",
        "=ENTEleveStatutEleve",
        "=ENTEleveMEF",
        "=ENTEleveLibelleMEF",
        "=ENTEleveNivFormation",
        "=ENTEleveFiliere",
        "ENTEleveEnseignements",
        "ENTEleveCodeEnseignements",
        "=ENTPersonStructRattach",
        "ENTEleveClasses",
        "ENTEleveGroupes",
    ),
)

PUPIL_AGRICULTURAL: Final = PUPIL.replace(
    '<attr name="ENTPersonDateNaissance">',
    '<attr name="ENTEleveStructureRattachIdMEN"><value/></attr>\n'
    '<attr name="ENTPersonDateNaissance">',
)
"""The agricultural feed has one attribute more."""

PARENT: Final = record_template(
    "categoriePersonne",
    "PersRelEleve",
    (
        "=ENTPersonJointure",
        "ENTPersonDateNaissance",
        "=ENTPersonNomPatro",
        "=sn",
        "givenName",
        "personalTitle",
        "=ENTAuxPersRelEleveEleve",
        "homePhone",
        "telephoneNumber",
        "=ENTPersonAdresse",
        "ENTPersonCodePostal",
        "ENTPersonVille",
        "=ENTPersonPays",
        "=ENTPersonAdresseDiffusion",
        "mobile",
        "mail",
        "ENTPersonMobileSMS",
    ),
)

STAFF: Final = record_template(
    "categoriePersonne",
    "PersEducNat",
    (
        "ENTPersonJointure",
        "ENTPersonDateNaissance",
        "ENTPersonNomPatro",
        "sn",
        "givenName",
        "personalTitle",
        "mail",
        "ENTPersonStructRattach",
        "ENTAuxEnsCategoDiscipline",
        "ENTAuxEnsDisciplinesPoste",
        "ENTAuxEnsMEF",
        "ENTAuxEnsMatiereEnseignEtab",
        "ENTAuxEnsClasses",
        "ENTAuxEnsGroupes",
        "ENTAuxEnsClassesMatieres",
        "ENTAuxEnsGroupesMatieres",
        "ENTAuxEnsClassesPrincipal",
        "ENTPersonFonctions",
        "ENTPersonCategorieEnseignant",
        "PersEducNatPresenceDevantEleves",
    ),
)

_STRUCTURE_COMMON = (
    "ENTStructureJointure",
    "ENTStructureUAI",
    "ENTEtablissementUAI",
    "ENTStructureSIREN",
    "ENTStructureNomCourant",
    "ENTStructureTypeStruct",
    "ENTStructureCodeTypeStruct",
    "ENTEtablissementMinistereTutelle",
    "ENTEtablissementCodeMinistereTutelle",
    "ENTEtablissementContrat",
    "postOfficeBox",
    "street",
    "postalCode",
    "l",
    "telephoneNumber",
    "facsimileTelephoneNumber",
    "ENTStructureMailSI",
    "ENTEtablissementStructRattachFctl",
    "ENTEtablissementBassin",
    "ENTServAcAcademie",
    "ENTServAcCodeAcademie",
    "ENTStructureClasses",
    "ENTStructureGroupes",
)
_SINCE_2020 = frozenset(
    {
        "ENTStructureCodeTypeStruct",
        "ENTEtablissementCodeMinistereTutelle",
        "ENTServAcCodeAcademie",
    }
)


def structure(attributes: Mapping[str, Sequence[str]], layout: Layout) -> str:
    """The record of a structure; ``attributes`` by name, a missing one is empty."""
    names = [n for n in _STRUCTURE_COMMON if layout is Layout.VE2407 or n not in _SINCE_2020]
    template = record_template("categorieStructure", "EtabEducNat", names)
    join_id = attributes["ENTStructureJointure"][0]
    return template % (join_id, *[values(attributes.get(name, ())) for name in names])


def mef(code: str, label: str, training_level: str, track: str, layout: Layout) -> str:
    """The record of a MEF."""
    attributes = {
        "ENTMefJointure": code,
        "ENTLibelleMef": label,
        "ENTMEFRattach": code,
        "ENTMEFSTAT11": "1" + code[:10],
    }
    if layout is Layout.VE2407:
        attributes |= {"ENTNivFormation": training_level, "ENTFiliere": track}
    template = record_template("categorieMef", "MefEducNat", tuple(attributes))
    return template % (code, *[value(item) for item in attributes.values()])


def subject(code: str, label: str) -> str:
    """The record of a subject: the category inside is not the one of the file's name."""
    template = record_template(
        "categorieMatiere", "MatEducNat", ("ENTMatJointure", "ENTLibelleMatiere")
    )
    return template % (code, value(code), value(label))


def header(spec: GeneratorSpec, academy_number: str) -> str:
    """Declaration, document type and the comments that tell the version."""
    declared = "ISO-8859-15" if spec.encoding is Encoding.LATIN9 else "UTF-8"
    lines = [
        f'<?xml version="1.0" encoding="{declared}"?>',
        '<!DOCTYPE ficAlimMENESR SYSTEM "ficAlimMENESR.dtd">',
        "<ficAlimMENESR>",
        f'<!-- versionAF="AAF-{spec.layout.value}" -->',
    ]
    if spec.layout is Layout.VE2407 and spec.degree == "2D":
        lines += [
            '<!-- versionSDET="Annexe 4bis version 6.4" -->',
            f'<!-- codeAcademieExport="{int(academy_number):02d}" -->',
            '<!-- degre="2D" -->',
            f'<!-- dateGenerationExport="{spec.date:%d/%m/%Y}" -->',
        ]
    elif spec.degree == "1D":
        lines += ['<!-- versionSDET="Annexe 1 version 6.3" -->', '<!-- degre="1D" -->']
    else:
        lines.append('<!-- versionSDET="Annexe 4bis version 6.1" -->')
    return "\n".join([*lines, "", ""])


FOOTER: Final = "</ficAlimMENESR>\n"
