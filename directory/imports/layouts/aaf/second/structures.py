"""The rows of a structure: school, classes and groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from directory.imports.layouts.aaf.common.objects import AafObject
from directory.imports.layouts.aaf.common.rows import (
    MAX_CODE,
    RowBuilder,
    Rows,
    code_array,
    reject,
    report_bad_place,
)
from directory.imports.layouts.aaf.common.values import is_uai, read_email, split_values
from directory.imports.layouts.aaf.second.school_names import school_name, town_name
from directory.imports.layouts.aaf.second.words import CLASS, GROUP
from directory.imports.layouts.errors import INFO, WARNING, ObjectAnomaly
from directory.names.folded import folded

MAX_MEF = 11
MAX_REF = 40
_NO_CODES = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureNames:
    """What the files of a degree call the attributes of a structure."""

    contract: str
    sector: str = ""
    """Public or private, where the contract does not say."""
    street: str
    post_box: str
    postal_code: str
    town: str
    phone: str
    fax: str
    email: str
    other_email: str = ""
    attached_to: str
    kept: Mapping[str, str]
    """What stays as it is where an object does not name the attribute."""


_NAMES = StructureNames(
    contract="ENTEtablissementContrat",
    street="street",
    post_box="postOfficeBox",
    postal_code="postalCode",
    town="l",
    phone="telephoneNumber",
    fax="facsimileTelephoneNumber",
    email="ENTStructureMailSI",
    attached_to="ENTEtablissementStructRattachFctl",
    kept={"ENTStructureClasses": CLASS, "ENTStructureGroupes": GROUP},
)


class StructureRows(RowBuilder):
    """``EtabEducNat``."""

    names = _NAMES

    def build(self, made: AafObject, key: str, checksum: str, rows: Rows) -> None:
        """A structure is known by its UAI: without one it is set aside."""
        get = made.attributes.get
        uai = (get("ENTStructureUAI") or get("ENTEtablissementUAI", "")).upper()
        if not is_uai(uai):
            reject(
                made, "bad_uai",
                f"Établissement écarté : « {uai[:20]} » n’est pas une UAI "
                "(sept chiffres et une lettre).",
            )  # fmt: skip
            return
        self._count_academy(made)
        names = self.names
        town = town_name(get(names.town, ""))
        name = school_name(get("ENTStructureNomCourant", ""), town) or uai
        self.keep_absent(made, key, rows, names.kept)
        attached_to = split_values(get(names.attached_to, ""))
        email = get(names.email, "") or get(names.other_email, "")
        rows["in_structure"].append(
            (
                key, made.external_id, checksum, uai, name[:160],
                get("ENTStructureTypeStruct", ""), get("ENTStructureCodeTypeStruct", ""),
                get(names.contract, "") or get(names.sector, ""), get("ENTStructureSIREN", ""),
                get(names.street, ""), get(names.post_box, ""), get(names.postal_code, ""), town,
                get(names.phone, ""), get(names.fax, ""),
                read_email(email, made.anomalies),
                code_array([ref[:MAX_REF] for ref in attached_to]),
                _search_words(name, town, get(names.postal_code, ""), uai),
            )
        )  # fmt: skip
        _add_groups(made, key, rows, CLASS, "ENTStructureClasses")
        _add_groups(made, key, rows, GROUP, "ENTStructureGroupes")

    def _count_academy(self, made: AafObject) -> None:
        academy = made.attributes.get("ENTServAcAcademie", "")
        if academy and split_values(made.attributes.get("ENTStructureClasses", "")):
            self.academies[academy] += 1
        elif academy:
            self.listed_academies[academy] += 1


def _add_groups(made: AafObject, key: str, rows: Rows, kind: str, name: str) -> None:
    """``code$label$code…``: MEF codes of a class, classes of a group; the first one stands."""
    times: Counter[str] = Counter()
    for value in split_values(made.attributes.get(name, "")):
        code, _, rest = value.partition("$")
        code = code.strip()
        if not code or len(code) > MAX_CODE:
            report_bad_place(made, name, value)
            continue
        times[code] += 1
        if times[code] > 1:
            continue
        label, _, tail = rest.partition("$")
        longest = MAX_MEF if kind == CLASS else MAX_CODE
        array = code_array(_codes_within(made, name, value, tail, longest))
        rows["in_group"].append(
            (
                key, kind, code, label[:120], group_sort_key(code),
                array if kind == CLASS else _NO_CODES, array if kind == GROUP else _NO_CODES,
            )
        )  # fmt: skip
    _report_repeated(made, kind, {code: count for code, count in times.items() if count > 1})


def _codes_within(made: AafObject, name: str, value: str, tail: str, longest: int) -> list[str]:
    codes = [part for part in map(str.strip, tail.split("$")) if part]
    if any(len(part) > longest for part in codes):
        message = f"Code trop long dans {name} (« {value[:60]} ») : laissé de côté."
        made.anomalies.append(ObjectAnomaly(WARNING, "bad_place", message))
        codes = [part for part in codes if len(part) <= longest]
    return codes


def _report_repeated(made: AafObject, kind: str, times: dict[str, int]) -> None:
    anomaly_code, word = (
        ("class_listed_twice", "Classe") if kind == CLASS else ("group_listed_twice", "Groupe")
    )
    for code, count in times.items():
        message = (
            f"{word} {code} : décrite {count} fois par l’établissement ; "
            "la première description est retenue."
        )
        made.anomalies.append(ObjectAnomaly(INFO, anomaly_code, message))


def group_sort_key(code: str) -> str:
    """Classes in the order people expect: 6A … 3C, 2NDE1 … 2NDE10; digits count as numbers."""
    parts: list[str] = []
    digits = ""
    for char in folded(code) + " ":
        if char.isdigit():
            digits += char
            continue
        if digits:
            parts.append(digits.zfill(4))
            digits = ""
        parts.append(char)
    return "".join(parts).strip()[:60]


def _search_words(*texts: str) -> str:
    """Folded words by which a school is found."""
    return " ".join(folded(text) for text in texts if text)[:400]
