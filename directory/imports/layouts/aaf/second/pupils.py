"""The rows of a pupil: person, schools, classes and groups, links with responsible persons."""

from __future__ import annotations

from directory.imports.layouts.aaf.common.objects import AafObject
from directory.imports.layouts.aaf.common.persons import PersonRows
from directory.imports.layouts.aaf.common.rows import MAX_CODE, Rows, places_of, report_no_guardian
from directory.imports.layouts.aaf.common.values import split_values
from directory.imports.layouts.aaf.second.words import CLASS, GROUP, PUPIL
from directory.imports.layouts.errors import WARNING, ObjectAnomaly

MAX_RELATION_PART = 20
RELATIONSHIPS = frozenset(
    map(str, (1, 2, 3, 4, 5, 6, 7, 10, 20, 37, 38, 39, 41, 42, 43, 50, 51, 70, 90))
)
_LEVELS = frozenset("0123")


_KEPT = {
    "ENTPersonStructRattach": "main",
    "ENTEleveClasses": f"member:{CLASS}",
    "ENTEleveGroupes": f"member:{GROUP}",
    "ENTElevePersRelEleve": "links",
}
"""What stays as it is where an object does not name the attribute."""


class PupilRows(PersonRows):
    """``Eleve``."""

    def build(self, made: AafObject, key: str, checksum: str, rows: Rows) -> None:
        """A pupil belongs to the schools of their classes, groups and administrative structure."""
        if not self.has_name(made):
            return
        main_ref = made.attributes.get("ENTPersonStructRattach", "")
        refs: list[str] = [main_ref] if main_ref else []
        for kind, name in ((CLASS, "ENTEleveClasses"), (GROUP, "ENTEleveGroupes")):
            for ref, code in places_of(made, name, 2):
                if ref not in refs:
                    refs.append(ref)
                rows["in_membership"].append((key, ref, kind, code, PUPIL, "", ""))
        self.keep_absent(made, key, rows, _KEPT)
        if not refs and not self.is_partial(made):
            message = "Élève sans établissement ni classe : visible de personne."
            made.anomalies.append(ObjectAnomaly(WARNING, "no_school", message))
        for ref in refs:
            rows["in_affiliation"].append((key, ref, PUPIL, "", "", "", ""))
        if "ENTElevePersRelEleve" in made.attributes or not self.is_partial(made):
            _add_links(made, key, rows)
        self.add_person(
            made, key, checksum, rows, profile=PUPIL,
            main_ref=main_ref or (refs[0] if refs else ""),
        )  # fmt: skip


def _add_links(made: AafObject, key: str, rows: Rows) -> None:
    """``id$lien$financier$niveau$contact$paiement``: link and level are kept as delivered."""
    homes = split_values(made.attributes.get("ENTEleveAdresseRel", ""))
    seen: set[str] = set()
    is_unreadable = False
    for value in split_values(made.attributes.get("ENTElevePersRelEleve", "")):
        parts = value.split("$")
        if len(parts) != 6 or not parts[0]:
            is_unreadable = True
            _warn(
                made, "bad_link",
                "Lien illisible avec un responsable (ENTElevePersRelEleve, "
                f"« {value[:60]} ») : omis.",
            )  # fmt: skip
            continue
        guardian, relationship, financial, level, contact, payer = parts
        if guardian in seen:
            _warn(
                made, "link_twice",
                f"Responsable {guardian[:40]} cité deux fois : le premier lien est retenu.",
            )  # fmt: skip
            continue
        seen.add(guardian)
        _check_relation(made, guardian[:40], relationship, level)
        rows["in_link"].append(
            (
                key, guardian[:MAX_CODE], relationship[:MAX_RELATION_PART],
                level[:MAX_RELATION_PART], _flag(financial), _flag(contact), _flag(payer),
                "t" if guardian in homes else "f",
            )
        )  # fmt: skip
    if not seen and not is_unreadable:
        report_no_guardian(made)


def _check_relation(made: AafObject, guardian: str, relationship: str, level: str) -> None:
    if relationship not in RELATIONSHIPS:
        _warn(
            made, "unknown_relationship",
            f"Lien inconnu (« {relationship[:20]} ») avec le responsable {guardian} : repris "
            "comme « autre lien ».",
        )  # fmt: skip
    if level not in _LEVELS:
        _warn(
            made, "unknown_level",
            f"Niveau de responsabilité inconnu (« {level[:20]} ») du responsable {guardian} : "
            "compté 0, sans autorité parentale.",
        )  # fmt: skip


def _warn(made: AafObject, code: str, message: str) -> None:
    made.anomalies.append(ObjectAnomaly(WARNING, code, message))


def _flag(value: str) -> str:
    return "t" if value == "1" else "f"
