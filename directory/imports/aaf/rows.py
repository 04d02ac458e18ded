"""Objects → rows ready for COPY, one builder per category.

A row is a tuple of strings, in the order of the columns in :data:`TABLES`; each begins with
``rid``, the place of the object in the delivery (file number and byte offset), which is unique,
orders objects as they were delivered, and joins the rows of one object together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from directory.folded_names import folded
from directory.imports.aaf.errors import INFO, REJECTED, WARNING, Finding
from directory.imports.aaf.functions import HEAD, TEACHER, main_profile, profile_of
from directory.imports.aaf.objects import AafObject
from directory.imports.aaf.school_names import school_name, town_name
from directory.imports.aaf.values import (
    NULL,
    is_uai,
    name_keys,
    read_address,
    read_birth_date,
    read_email,
    read_title,
    split_values,
)

TABLES: dict[str, tuple[str, ...]] = {
    "in_person": (
        "rid bigint", "category text", "external_id text", "checksum bytea", "profile text",
        "title text", "family_name text", "given_name text", "birth_name text",
        "other_names text", "birth_date date", "ine text", "email text", "home_phone text",
        "work_phone text", "mobile_phone text", "address text", "postal_code text", "town text",
        "country text", "main_ref text", "sort_key text", "search_key text", "login_base text",
    ),
    "in_affiliation": (
        "rid bigint", "ref text", "profile text", "function_code text", "function_label text",
        "post_code text", "post_label text",
    ),
    "in_membership": ("rid bigint", "ref text", "kind text", "code text", "role text"),
    "in_teaching": ("rid bigint", "ref text", "kind text", "code text", "subject text"),
    "in_link": (
        "rid bigint", "guardian text", "relationship smallint", "level smallint",
        "is_legal boolean", "is_financial boolean", "is_contact boolean", "is_payer boolean",
        "is_home boolean",
    ),
    "in_structure": (
        "rid bigint", "external_id text", "checksum bytea", "uai text", "name text",
        "kind_label text", "kind_code text", "sector text", "siret text", "street text",
        "post_box text", "postal_code text", "town text", "phone text", "fax text", "email text",
        "search_key text",
    ),
    "in_group": (
        "rid bigint", "kind text", "code text", "label text", "sort_key text",
        "mef_codes text[]", "class_codes text[]",
    ),
    "in_subject": ("rid bigint", "external_id text", "checksum bytea", "label text"),
    "in_finding": (
        "rid bigint", "severity text", "code text", "external_id text", "category text",
        "message text",
    ),
}  # fmt: skip
"""Staging tables and their columns."""

CLASS, GROUP = "classe", "groupe"
PUPIL, GUARDIAN, CONTACT = "eleve", "tuteur", "contact"
MAIN_TEACHER = "professeur-principal"
MAX_CODE = 40
MAX_MEF = 11
_RELATIONSHIPS = frozenset(
    map(str, (1, 2, 3, 4, 5, 6, 7, 10, 20, 37, 38, 39, 41, 42, 43, 50, 51, 70, 90))
)
_FIRST_NEW_RELATIONSHIP = 10
_OTHER_RELATIONSHIP = "90"
_LEVELS = frozenset("0123")

Row = tuple[str, ...]
Rows = dict[str, list[Row]]


class RowBuilder:
    """Turns objects of one category into rows, and counts what it did not know."""

    def __init__(self, category: str) -> None:
        self.category = category
        self.unknown: Counter[str] = Counter()
        self.objects = 0
        self.rejected = 0
        self.academies: Counter[str] = Counter()
        self.listed_academies: Counter[str] = Counter()
        self._build: Callable[[AafObject, str, str, Rows], None] = {
            "Eleve": self._pupil,
            "PersRelEleve": self._guardian,
            "PersEducNat": self._staff,
            "EtabEducNat": self._structure,
            "MefEducNat": self._mef,
            "MatiereEducNat": self._subject,
        }[category]

    def add(self, made: AafObject, *, rid: int, checksum: bytes, rows: Rows) -> None:
        """Append the rows of one object to *rows* (table → rows)."""
        self.objects += 1
        key = str(rid)
        if made.unknown:
            self.unknown.update(made.unknown)
        if made.problem is None and made.operation == "delete":
            made.problem = Finding(
                REJECTED, "delete_in_complete", "Ordre de suppression dans un envoi complet."
            )
        if made.problem is None:
            # An object with something to say is read and reported again at each delivery.
            has_backslash = not made.is_plain and _hide_backslashes(made)
            first = {table: len(lines) for table, lines in rows.items()} if has_backslash else {}
            self._build(made, key, r"\\x" + checksum.hex(), rows)
            for table, start in first.items():
                rows[table][start:] = [tuple(map(_show, row)) for row in rows[table][start:]]
        if made.problem is not None:
            self.rejected += 1
            made.findings.append(made.problem)
        for finding in made.findings:
            rows["in_finding"].append(
                tuple(
                    map(
                        _escape_text,
                        (key, finding.severity, finding.code, made.external_id, self.category,
                         finding.message),
                    )
                )
            )  # fmt: skip

    def _reject(self, made: AafObject, code: str, message: str) -> None:
        made.problem = Finding(REJECTED, code, message)

    def _birth_date(self, made: AafObject) -> str:
        raw = made.attributes.get("ENTPersonDateNaissance", "")
        if not raw:
            return NULL
        date = read_birth_date(raw)
        if date is None:
            made.findings.append(
                Finding(
                    WARNING, "bad_date", "Date de naissance incorrecte : elle est laissée vide."
                )
            )
            return NULL
        return date

    def _person(
        self, made: AafObject, key: str, checksum: str, rows: Rows, *, profile: str, **more: str
    ) -> None:
        get = made.attributes.get
        family, given = get("sn", ""), get("givenName", "")
        birth = get("ENTPersonNomPatro", "")
        if not family:
            family = birth
        others = get("ENTPersonAutresPrenoms", "")
        if others:
            others = " ".join(split_values(others))[:200]
        sort_key, search_key, base = name_keys(family, given, birth, others)
        join_key = get("ENTPersonJointure", "")
        if join_key and join_key != made.external_id:
            made.findings.append(
                Finding(
                    WARNING,
                    "join_key_differs",
                    "ENTPersonJointure diffère de l’identifiant de l’objet, qui fait foi.",
                )
            )
        rows["in_person"].append(
            (
                key, self.category, made.external_id, checksum, profile,
                read_title(get("personalTitle", "")), family.strip(), given.strip(), birth.strip(),
                others,
                self._birth_date(made), more.get("ine", ""),
                read_email(get("mail", ""), made.findings), get("homePhone", ""),
                get("telephoneNumber", ""), more.get("mobile", ""),
                read_address(get("ENTPersonAdresse", "")), get("ENTPersonCodePostal", ""),
                get("ENTPersonVille", ""), get("ENTPersonPays", ""), more.get("main_ref", ""),
                sort_key, search_key, base,
            )
        )  # fmt: skip

    def _has_name(self, made: AafObject) -> bool:
        get = made.attributes.get
        if get("sn") or get("ENTPersonNomPatro"):
            return True
        self._reject(made, "no_name", "Personne sans nom : elle est écartée.")
        return False

    def _pupil(self, made: AafObject, key: str, checksum: str, rows: Rows) -> None:
        if not self._has_name(made):
            return
        get = made.attributes.get
        main_ref = get("ENTPersonStructRattach", "")
        refs: list[str] = [main_ref] if main_ref else []
        for kind, name in ((CLASS, "ENTEleveClasses"), (GROUP, "ENTEleveGroupes")):
            for ref, code in self._places(made, name, 2):
                if ref not in refs:
                    refs.append(ref)
                rows["in_membership"].append((key, ref, kind, code, PUPIL))
        if not refs:
            made.findings.append(
                Finding(
                    WARNING,
                    "no_school",
                    "Élève sans établissement ni classe : visible de personne.",
                )
            )
        for ref in refs:
            rows["in_affiliation"].append((key, ref, PUPIL, "", "", "", ""))
        self._links(made, key, rows)
        self._person(
            made, key, checksum, rows, profile=PUPIL, ine=get("ENTEleveINE", ""),
            main_ref=main_ref or (refs[0] if refs else ""),
        )  # fmt: skip

    def _links(self, made: AafObject, key: str, rows: Rows) -> None:
        homes = split_values(made.attributes.get("ENTEleveAdresseRel", ""))
        seen: set[str] = set()
        for value in split_values(made.attributes.get("ENTElevePersRelEleve", "")):
            parts = value.split("$")
            if len(parts) != 6 or not parts[0]:
                made.findings.append(
                    Finding(
                        WARNING, "bad_link",
                        "Lien illisible avec un responsable (ENTElevePersRelEleve, "
                        f"« {value[:60]} ») : omis.",
                    )
                )  # fmt: skip
                continue
            guardian, relationship, financial, level, contact, payer = parts
            if guardian in seen:
                made.findings.append(
                    Finding(
                        WARNING, "link_twice",
                        f"Responsable {guardian[:40]} cité deux fois : le premier lien est retenu.",
                    )
                )  # fmt: skip
                continue
            seen.add(guardian)
            if relationship not in _RELATIONSHIPS:
                made.findings.append(
                    Finding(
                        WARNING, "unknown_relationship",
                        f"Lien inconnu (« {relationship[:20]} ») avec le responsable "
                        f"{guardian[:40]} : repris comme « autre lien ».",
                    )
                )  # fmt: skip
                relationship = _OTHER_RELATIONSHIP
            if level not in _LEVELS:
                made.findings.append(
                    Finding(
                        WARNING, "unknown_level",
                        f"Niveau de responsabilité inconnu (« {level[:20]} ») du responsable "
                        f"{guardian[:40]} : compté 0, sans autorité parentale.",
                    )
                )  # fmt: skip
                level = "0"
            # Before 2018 both legal representatives are told apart (1 and 2); since, both are 1.
            is_old = int(relationship) < _FIRST_NEW_RELATIONSHIP
            legal = level == "1" or (is_old and level == "2")
            rows["in_link"].append(
                (
                    key, guardian[:MAX_CODE], relationship, level,
                    "t" if legal else "f", "t" if financial == "1" else "f",
                    "t" if contact == "1" else "f", "t" if payer == "1" else "f",
                    "t" if guardian in homes else "f",
                )
            )  # fmt: skip
        if not seen and not any(finding.code == "bad_link" for finding in made.findings):
            made.findings.append(
                Finding(
                    INFO, "pupil_without_guardian",
                    "Élève sans aucun responsable dans le flux : aucun parent ne pourra le suivre.",
                )
            )  # fmt: skip

    def _guardian(self, made: AafObject, key: str, checksum: str, rows: Rows) -> None:
        if not self._has_name(made):
            return
        if not made.attributes.get("givenName"):
            made.findings.append(
                Finding(
                    INFO, "guardian_organisation",
                    "Responsable sans prénom, sans doute un organisme : contact, sans compte.",
                )
            )  # fmt: skip
        mobiles = split_values(made.attributes.get("mobile", ""))
        self._person(
            made, key, checksum, rows, profile=CONTACT, mobile=mobiles[0][:40] if mobiles else ""
        )

    def _staff(self, made: AafObject, key: str, checksum: str, rows: Rows) -> None:
        if not self._has_name(made):
            return
        get = made.attributes.get
        main_ref = get("ENTPersonStructRattach", "")
        teaches = get("ENTPersonCategorieEnseignant") == "O"
        profiles: set[str] = set()
        refs: list[str] = []
        seen: set[tuple[str, ...]] = set()
        without_code: list[str] = []
        for value in split_values(get("ENTPersonFonctions", "")):
            parts = value.split("$")
            if len(parts) != 5 or not parts[0]:
                made.findings.append(
                    Finding(
                        WARNING, "bad_function",
                        f"Fonction illisible (ENTPersonFonctions, « {value[:60]} ») : "
                        "laissée de côté.",
                    )
                )  # fmt: skip
                continue
            ref, code, label, post, post_label = parts
            if code in ("-", ""):
                without_code.append(ref)
                continue
            profile = profile_of(code)
            self._attach(rows, key, refs, seen, (ref, profile, code, label, post, post_label))
            profiles.add(profile)
        directed = split_values(get("ENTEnsFonctionDir", ""))
        for ref in directed:
            self._attach(rows, key, refs, seen, (ref, HEAD, "DIR", "DIRECTION", "", ""))
            profiles.add(HEAD)
        self._places_of_staff(made, key, rows)
        fallback = TEACHER if teaches else profile_of("-")
        if not refs and not without_code and main_ref:
            without_code = [main_ref]
        for ref in without_code:
            if ref not in refs:
                self._attach(rows, key, refs, seen, (ref, fallback, "", "", "", ""))
                profiles.add(fallback)
        if not refs:
            made.findings.append(
                Finding(
                    INFO, "staff_without_school",
                    "Personnel sans rattachement ni fonction : il n’est d’aucun établissement.",
                )
            )  # fmt: skip
        self._person(
            made, key, checksum, rows, profile=main_profile(profiles),
            main_ref=refs[0] if refs else main_ref,
        )  # fmt: skip

    def _attach(
        self, rows: Rows, key: str, refs: list[str], seen: set[tuple[str, ...]], row: Row
    ) -> None:
        ref, profile, code, label, post, post_label = row
        post = "" if post == "-" else post
        if (ref, profile, code[:10], post[:10]) in seen:
            return
        seen.add((ref, profile, code[:10], post[:10]))
        if ref not in refs:
            refs.append(ref)
        rows["in_affiliation"].append(
            (key, ref[:40], profile, code[:10], label[:100], post[:10], post_label[:100])
        )

    def _places_of_staff(self, made: AafObject, key: str, rows: Rows) -> None:
        memberships: set[Row] = set()
        for kind, name in ((CLASS, "ENTAuxEnsClasses"), (GROUP, "ENTAuxEnsGroupes")):
            memberships.update(
                (key, ref, kind, code, TEACHER) for ref, code in self._places(made, name, 2)
            )
        memberships.update(
            (key, ref, CLASS, code, MAIN_TEACHER)
            for ref, code in self._places(made, "ENTAuxEnsClassesPrincipal", 2)
        )
        teachings: set[Row] = set()
        for kind, name in (
            (CLASS, "ENTAuxEnsClassesMatieres"),
            (GROUP, "ENTAuxEnsGroupesMatieres"),
        ):
            for ref, code, subject in self._places(made, name, 3):
                memberships.add((key, ref, kind, code, TEACHER))
                teachings.add((key, ref, kind, code, subject[:20]))
        rows["in_membership"].extend(sorted(memberships))
        rows["in_teaching"].extend(sorted(teachings))

    def _places(self, made: AafObject, name: str, size: int) -> list[list[str]]:
        """``S$code`` or ``S$code$subject`` values; bad ones are reported and left out."""
        raw = made.attributes.get(name, "")
        if not raw:
            return []
        places: list[list[str]] = []
        for value in split_values(raw):
            parts = value.split("$")
            if len(parts) == size and all(parts) and len(parts[1]) <= MAX_CODE:
                if parts not in places:
                    places.append(parts)
            else:
                made.findings.append(
                    Finding(
                        WARNING, "bad_place",
                        f"Valeur illisible de {name} (« {value[:60]} ») : laissée de côté.",
                    )
                )  # fmt: skip
        return places

    def _structure(self, made: AafObject, key: str, checksum: str, rows: Rows) -> None:
        get = made.attributes.get
        uai = (get("ENTStructureUAI") or get("ENTEtablissementUAI", "")).upper()
        if not is_uai(uai):
            self._reject(
                made, "bad_uai",
                f"Établissement écarté : « {uai[:20]} » n’est pas une UAI "
                "(sept chiffres et une lettre).",
            )  # fmt: skip
            return
        academy = get("ENTServAcAcademie", "")
        if academy and split_values(get("ENTStructureClasses", "")):
            self.academies[academy] += 1
        elif academy:
            self.listed_academies[academy] += 1
        town = town_name(get("l", ""))
        name = school_name(get("ENTStructureNomCourant", ""), town) or uai
        rows["in_structure"].append(
            (
                key, made.external_id, checksum, uai, name[:160],
                get("ENTStructureTypeStruct", ""), get("ENTStructureCodeTypeStruct", ""),
                get("ENTEtablissementContrat", ""), get("ENTStructureSIREN", ""),
                get("street", ""), get("postOfficeBox", ""), get("postalCode", ""), town,
                get("telephoneNumber", ""), get("facsimileTelephoneNumber", ""),
                read_email(get("ENTStructureMailSI", ""), made.findings),
                search_words(name, town, get("postalCode", ""), uai),
            )
        )  # fmt: skip
        self._groups(made, key, rows, CLASS, "ENTStructureClasses")
        self._groups(made, key, rows, GROUP, "ENTStructureGroupes")

    def _groups(self, made: AafObject, key: str, rows: Rows, kind: str, name: str) -> None:
        seen: dict[str, str] = {}
        twice: Counter[str] = Counter()
        for value in split_values(made.attributes.get(name, "")):
            code, _, rest = value.partition("$")
            label, _, tail = rest.partition("$")
            codes = [part for part in tail.split("$") if part]
            longest = MAX_MEF if kind == CLASS else MAX_CODE
            if not code or len(code) > MAX_CODE:
                made.findings.append(
                    Finding(
                        WARNING,
                        "bad_place",
                        f"Valeur illisible de {name} (« {value[:60]} ») : laissée de côté.",
                    )
                )
                continue
            if code in seen:
                twice[code] += 1
                continue
            seen[code] = value
            if any(len(part) > longest for part in codes):
                made.findings.append(
                    Finding(
                        WARNING,
                        "bad_place",
                        f"Code trop long dans {name} (« {value[:60]} ») : laissé de côté.",
                    )
                )
                codes = [part for part in codes if len(part) <= longest]
            array = "{" + ",".join(_array_item(part) for part in codes) + "}"
            rows["in_group"].append(
                (
                    key, kind, code, label[:120], group_sort_key(code),
                    array if kind == CLASS else "{}", array if kind == GROUP else "{}",
                )
            )  # fmt: skip
        word = "Classe" if kind == CLASS else "Groupe"
        for code, count in twice.items():
            made.findings.append(
                Finding(
                    INFO, "class_listed_twice" if kind == CLASS else "group_listed_twice",
                    f"{word} {code} : décrite {count + 1} fois par l’établissement ; "
                    "la première description est retenue.",
                )
            )  # fmt: skip

    def _mef(self, made: AafObject, key: str, checksum: str, rows: Rows) -> None:
        """Read and counted; classes carry their MEF codes, nothing else needs the nomenclature."""

    def _subject(self, made: AafObject, key: str, checksum: str, rows: Rows) -> None:
        rows["in_subject"].append(
            (key, made.external_id[:20], checksum, made.attributes.get("ENTLibelleMatiere", ""))
        )


# Backslashes of the data stand as a character that no XML holds while rows are made of them: our
# own escapes for COPY (no value, a line break, bytes) are not mistaken for data, nor the reverse.
_HIDDEN = "\0"


def _hide_backslashes(made: AafObject) -> bool:
    held = {name: value for name, value in made.attributes.items() if "\\" in value}
    for name, value in held.items():
        made.attributes[name] = value.replace("\\", _HIDDEN)
    return bool(held)


def _show(value: str) -> str:
    return value.replace(_HIDDEN, r"\\")


def _escape_text(value: str) -> str:
    """Escape what COPY would read as something else, in a text without escapes of our own."""
    value = value.replace("\\", _HIDDEN)
    return _show("".join(" " if char in "\t\n\r" else char for char in value))


def _array_item(value: str) -> str:
    quoted = value.replace(_HIDDEN, "").replace('"', "")
    return f'"{quoted}"'


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


def search_words(*texts: str) -> str:
    """Folded words by which a school is found."""
    return " ".join(folded(text) for text in texts if text)[:400]
