"""The rows of a responsible person."""

from __future__ import annotations

from directory.imports.layouts.aaf.common.objects import AafObject
from directory.imports.layouts.aaf.common.persons import PersonRows
from directory.imports.layouts.aaf.common.rows import Rows
from directory.imports.layouts.aaf.second.words import CONTACT
from directory.imports.layouts.errors import INFO, ObjectAnomaly


class GuardianRows(PersonRows):
    """``PersRelEleve``. Schools and legal responsibility come from the pupils' links."""

    def build(self, made: AafObject, key: str, checksum: str, rows: Rows) -> None:
        """A contact, until a pupil's link says more."""
        if not self.has_name(made):
            return
        if not made.attributes.get(self.given_name):
            message = "Responsable sans prénom, sans doute un organisme : contact, sans compte."
            made.anomalies.append(ObjectAnomaly(INFO, "guardian_organisation", message))
        self.add_person(made, key, checksum, rows, profile=CONTACT, main_ref="")
