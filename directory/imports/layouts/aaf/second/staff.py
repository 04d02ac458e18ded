"""The rows of a member of staff: person, schools with functions, classes, subjects taught."""

from __future__ import annotations

from directory.imports.layouts.aaf.common.objects import AafObject
from directory.imports.layouts.aaf.common.persons import PersonRows
from directory.imports.layouts.aaf.common.rows import Row, Rows, places_of
from directory.imports.layouts.aaf.common.values import split_values
from directory.imports.layouts.aaf.second.functions import main_profile, profile_of
from directory.imports.layouts.aaf.second.words import CLASS, GROUP, HEAD, MAIN_TEACHER, TEACHER
from directory.imports.layouts.errors import INFO, WARNING, ObjectAnomaly

_NO_FUNCTION = "-"


_KEPT = {
    "ENTPersonFonctions": "functions",
    "ENTEnsFonctionDir": "head",
    "ENTAuxEnsClasses": f"member:{CLASS}",
    "ENTAuxEnsGroupes": f"member:{GROUP}",
    "ENTAuxEnsClassesMatieres": f"teaching:{CLASS}",
    "ENTAuxEnsGroupesMatieres": f"teaching:{GROUP}",
    "ENTAuxEnsClassesPrincipal": "principal",
}
"""What stays as it is where an object does not name the attribute."""


class StaffRows(PersonRows):
    """``PersEducNat``."""

    def build(self, made: AafObject, key: str, checksum: str, rows: Rows) -> None:
        """Functions say the schools; the administrative structure only where no function does."""
        if not self.has_name(made):
            return
        main_ref = made.attributes.get("ENTPersonStructRattach", "")
        places = _Places(key)
        without_code = self._read_functions(made, places)
        for ref in split_values(made.attributes.get("ENTEnsFonctionDir", "")):
            places.add(ref, HEAD, "DIR", "DIRECTION", "", "")
        has_functions = "ENTPersonFonctions" in made.attributes or not self.is_partial(made)
        if not places.refs and not without_code and main_ref and has_functions:
            without_code = [main_ref]
        teaches = made.attributes.get("ENTPersonCategorieEnseignant") == "O"
        for ref in without_code:
            if ref not in places.refs:
                places.add(ref, TEACHER if teaches else profile_of(_NO_FUNCTION), "", "", "", "")
        self.keep_absent(made, key, rows, _KEPT)
        if not places.refs and not self.is_partial(made):
            message = "Personnel sans rattachement ni fonction : il n’est d’aucun établissement."
            made.anomalies.append(ObjectAnomaly(INFO, "staff_without_school", message))
        rows["in_affiliation"].extend(places.rows)
        _add_classes(made, key, rows)
        self.add_person(
            made, key, checksum, rows, profile=main_profile(places.profiles),
            main_ref=places.refs[0] if places.refs else main_ref,
        )  # fmt: skip

    def profile_of(self, code: str, _post_label: str) -> str:
        """The profile that a function gives."""
        return profile_of(code)

    def _read_functions(self, made: AafObject, places: _Places) -> list[str]:
        """``S$code$label$post$post label``; return the structures of values without a code."""
        without_code: list[str] = []
        for value in split_values(made.attributes.get("ENTPersonFonctions", "")):
            parts = value.split("$")
            if len(parts) != 5 or not parts[0]:
                message = (
                    f"Fonction illisible (ENTPersonFonctions, « {value[:60]} ») : laissée de côté."
                )
                made.anomalies.append(ObjectAnomaly(WARNING, "bad_function", message))
                continue
            ref, code, label, post, post_label = parts
            if code in (_NO_FUNCTION, ""):
                without_code.append(ref)
            else:
                profile = self.profile_of(code, post_label)
                places.add(ref, profile, code, label, post, post_label)
        return without_code


class _Places:
    """Schools and functions of one person, each once."""

    def __init__(self, key: str) -> None:
        self.rows: list[Row] = []
        self.refs: list[str] = []
        self.profiles: set[str] = set()
        self._key = key
        self._seen: set[Row] = set()

    def add(
        self, ref: str, profile: str, code: str, label: str, post: str, post_label: str
    ) -> None:
        """One function in one school."""
        self.profiles.add(profile)
        post = "" if post == _NO_FUNCTION else post
        place = (ref, profile, code[:10], post[:10])
        if place in self._seen:
            return
        self._seen.add(place)
        if ref not in self.refs:
            self.refs.append(ref)
        self.rows.append(
            (self._key, ref[:40], profile, code[:10], label[:100], post[:10], post_label[:100])
        )


def _add_classes(made: AafObject, key: str, rows: Rows) -> None:
    memberships: set[Row] = set()
    for kind, name in ((CLASS, "ENTAuxEnsClasses"), (GROUP, "ENTAuxEnsGroupes")):
        memberships.update(
            (key, ref, kind, code, TEACHER, "", "") for ref, code in places_of(made, name, 2)
        )
    memberships.update(
        (key, ref, CLASS, code, MAIN_TEACHER, "", "")
        for ref, code in places_of(made, "ENTAuxEnsClassesPrincipal", 2)
    )
    teachings: set[Row] = set()
    for kind, name in ((CLASS, "ENTAuxEnsClassesMatieres"), (GROUP, "ENTAuxEnsGroupesMatieres")):
        for ref, code, subject in places_of(made, name, 3):
            memberships.add((key, ref, kind, code, TEACHER, "", ""))
            teachings.add((key, ref, kind, code, subject[:20]))
    rows["in_membership"].extend(sorted(memberships))
    rows["in_teaching"].extend(sorted(teachings))
