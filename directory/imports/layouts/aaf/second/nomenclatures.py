"""The rows of the nomenclatures: formations (MEF) and subjects."""

from __future__ import annotations

from directory.imports.layouts.aaf.common.objects import AafObject
from directory.imports.layouts.aaf.common.rows import RowBuilder, Rows

MAX_SUBJECT_CODE = 20


class MefRows(RowBuilder):
    """``MefEducNat``: label and statistical code (``ENTMEFSTAT11``)."""

    def build(self, made: AafObject, key: str, checksum: str, rows: Rows) -> None:
        """The id of the object is the code of the formation."""
        get = made.attributes.get
        label, stat_code = get("ENTLibelleMef", ""), get("ENTMEFSTAT11", "")
        rows["in_mef"].append((key, made.external_id, checksum, label, stat_code))


class SubjectRows(RowBuilder):
    """``MatiereEducNat``: label and the subject that it is attached to (``ENTMatiereRattach``)."""

    def build(self, made: AafObject, key: str, checksum: str, rows: Rows) -> None:
        """The id of the object is the code of the subject."""
        get = made.attributes.get
        code = made.external_id[:MAX_SUBJECT_CODE]
        label, parent = get("ENTLibelleMatiere", ""), get("ENTMatiereRattach", "")
        rows["in_subject"].append((key, code, checksum, label, parent))
