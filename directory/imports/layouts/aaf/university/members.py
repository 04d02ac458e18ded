"""The rows of a student or a member of the staff: person, university, programmes, components."""

from __future__ import annotations

from directory.imports.layouts.aaf.common.objects import AafObject
from directory.imports.layouts.aaf.common.persons import PersonRows
from directory.imports.layouts.aaf.common.rows import Rows, places_of
from directory.imports.layouts.aaf.second.words import CLASS, GROUP, PUPIL, TEACHER

STUDENT = "etudiant"


class MemberRows(PersonRows):
    """Everybody has the category of those who sign in elsewhere: no code is made for them."""

    def build(self, made: AafObject, key: str, checksum: str, rows: Rows) -> None:
        """A person belongs to the university; a student to a programme, both to components."""
        if not self.has_name(made):
            return
        get = made.attributes.get
        university, profile = get("ENTPersonStructRattach", ""), get("profile", STUDENT)
        role = PUPIL if profile == STUDENT else TEACHER
        for kind, name in ((CLASS, "programmes"), (GROUP, "components")):
            for ref, code in places_of(made, name, 2):
                rows["in_membership"].append((key, ref, kind, code, role, "", ""))
        rows["in_affiliation"].append((key, university, profile, "", get("function", ""), "", ""))
        self.add_person(made, key, checksum, rows, profile=profile, main_ref=university)
