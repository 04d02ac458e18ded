"""The statements of `sql/population.sql`, and the pieces of them that other folders build upon."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from directory.enums import AccessState, MembershipRole
from directory.imports.sql.loader import SqlFolder
from ent.database.statistics import analyse_unknown
from pronote_bridge.enums import Extra, LeftOut, ListKind, ReportPart
from pronote_bridge.instances.models import Instance

_WORDS: Final = (AccessState, Extra, LeftOut, ListKind, MembershipRole, ReportPart)
_FILE: Final = "population"
#: What the rule joins: taken for empty, they would be joined pair by pair.
_TABLES: Final = (
    "directory_affiliation",
    "directory_person",
    "directory_responsibility",
    "sso_serviceidentifier",
)
#: What XML 1.0 cannot hold, however it is escaped (its section 2.2, « Char »).
_UNWRITABLE: Final = r"'[\u0001-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]'"
#: A hash of what one row of `said` says: equal while the file would say the same.
_DIGEST: Final = """substr(sha256(convert_to(jsonb_build_array(
    family_name, given_name, identifier, birth_date, title, address, postal_code, town, country,
    national_number, guardian_ids)::text, 'UTF8')), 1, 16)"""


def folder(path: Path, fragments: Mapping[str, str] | None = None) -> SqlFolder:
    """Return the SQL files of a folder; they may name the rule and what the file says."""
    return SqlFolder(path, vocabularies=_WORDS, fragments=fragments or FRAGMENTS)


_OWN: Final = Path(__file__).parent / "sql"
_BARE: Final = folder(_OWN, {"unwritable": _UNWRITABLE})
FRAGMENTS: Final = {
    "rule": _BARE.query(_FILE, "rule"),
    "said": _BARE.query(_FILE, "said"),
    "digest": _DIGEST,
}
SQL: Final = folder(_OWN)


def parameters_of(instance: Instance) -> dict[str, Any]:
    """What the rule asks of an instance; the server learns first how large unknown tables are."""
    analyse_unknown(_TABLES)
    return {
        "schools": [school.pk for school in instance.schools],
        "service": instance.service_id,
        "lists": instance.includes,
        "extras": instance.extras,
    }
