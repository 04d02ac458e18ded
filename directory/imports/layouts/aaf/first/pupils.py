"""The rows of a pupil of the first degree: classes are known from their pupils alone."""

from __future__ import annotations

from functools import lru_cache

from directory.imports.layouts.aaf.common.objects import AafObject
from directory.imports.layouts.aaf.common.persons import PersonRows
from directory.imports.layouts.aaf.common.rows import (
    MAX_CODE,
    Rows,
    report_bad_place,
    report_no_guardian,
)
from directory.imports.layouts.aaf.common.values import split_values
from directory.imports.layouts.aaf.second.pupils import MAX_RELATION_PART, RELATIONSHIPS
from directory.imports.layouts.aaf.second.structures import group_sort_key
from directory.imports.layouts.aaf.second.words import CLASS, GROUP, PUPIL
from directory.imports.layouts.errors import WARNING, ObjectAnomaly
from directory.names.folded import folded

MAX_ID = 30
_LEVELS = {
    "tps": 0, "ps": 1, "ms": 2, "gs": 3, "cp": 4, "ce1": 5, "ce2": 6, "cm1": 7, "cm2": 8,
}  # fmt: skip
_CLASSES = ((CLASS, "ENTPersonClasses"), (GROUP, "ENTPersonGroupes"))
_LINKS = "ENTEleveAutoriteParentale"
_KEPT = {
    "ENTPersonStructRattach": "main",
    "ENTPersonClasses": f"member:{CLASS}",
    "ENTPersonGroupes": f"member:{GROUP}",
    _LINKS: "links",
}
"""What stays as it is where an object does not name the attribute."""


class FirstPupilRows(PersonRows):
    """``Eleve``."""

    def build(self, made: AafObject, key: str, checksum: str, rows: Rows) -> None:
        """A pupil belongs to the schools of their classes, groups and administrative structure."""
        if not self.has_name(made):
            return
        main_ref = made.attributes.get("ENTPersonStructRattach", "")
        refs: list[str] = [main_ref] if main_ref else []
        for kind, name in _CLASSES:
            for ref, code, label in _classes_of(made, name):
                if ref not in refs:
                    refs.append(ref)
                rows["in_membership"].append(
                    (key, ref, kind, code, PUPIL, label, label_sort_key(label))
                )
        self.keep_absent(made, key, rows, _KEPT)
        if not refs and not self.is_partial(made):
            message = "Élève sans école ni classe : visible de personne."
            made.anomalies.append(ObjectAnomaly(WARNING, "no_school", message))
        for ref in refs:
            rows["in_affiliation"].append((key, ref, PUPIL, "", "", "", ""))
        if _LINKS in made.attributes or not self.is_partial(made):
            _add_links(made, key, rows)
        self.add_person(
            made, key, checksum, rows, profile=PUPIL,
            main_ref=main_ref or (refs[0] if refs else ""),
        )  # fmt: skip


@lru_cache(maxsize=4096)
def label_sort_key(label: str) -> str:
    """By the first level that the label names, from the youngest; then by the label."""
    words = folded(label).replace("-", " ").replace("/", " ").split()
    ranks = [_LEVELS[word] for word in words if word in _LEVELS]
    return f"{ranks[0] if ranks else len(_LEVELS)} {group_sort_key(label)}"[:60]


def _classes_of(made: AafObject, name: str) -> list[tuple[str, str, str]]:
    """``S$type code$type$id$label``: the structure, the id that stays, the label that is read."""
    found: dict[tuple[str, str], str] = {}
    for value in split_values(made.attributes.get(name, "")):
        parts = [part.strip() for part in value.split("$")]
        if len(parts) != 5 or not parts[0] or not parts[3] or len(parts[3]) > MAX_ID:
            report_bad_place(made, name, value)
            continue
        found.setdefault((parts[0], parts[3]), (parts[4] or parts[3])[:120])
    return [(ref, code, label) for (ref, code), label in found.items()]


def _add_links(made: AafObject, key: str, rows: Rows) -> None:
    """``id$lien``: no level is delivered; which links give a right is the authority's setting."""
    seen: set[str] = set()
    is_unreadable = False
    for value in split_values(made.attributes.get(_LINKS, "")):
        parts = [part.strip() for part in value.split("$")]
        if len(parts) != 2 or not parts[0]:
            is_unreadable = True
            report_bad_place(made, _LINKS, value)
            continue
        guardian, relationship = parts
        if guardian in seen:
            message = f"Responsable {guardian[:40]} cité deux fois : le premier lien est retenu."
            made.anomalies.append(ObjectAnomaly(WARNING, "link_twice", message))
            continue
        seen.add(guardian)
        if relationship not in RELATIONSHIPS:
            message = (
                f"Lien inconnu (« {relationship[:20]} ») avec le responsable {guardian[:40]} : "
                "repris comme « autre lien »."
            )
            made.anomalies.append(ObjectAnomaly(WARNING, "unknown_relationship", message))
        rows["in_link"].append(
            (key, guardian[:MAX_CODE], relationship[:MAX_RELATION_PART], "", "f", "f", "f", "f")
        )
    if not seen and not is_unreadable:
        report_no_guardian(made)
