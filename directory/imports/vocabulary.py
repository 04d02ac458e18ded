"""Words that only imports write: codes of anomalies, what becomes of a person, why a role ends."""

from __future__ import annotations

from enum import StrEnum


class AnomalyCode(StrEnum):
    """Anomalies that the comparison finds; those of a file's content are named where it is read."""

    DUPLICATE_ID = "duplicate_id"
    LINK_WITHOUT_RIGHT = "link_without_right"
    OTHER_NAMES_SAME_ID = "other_names_same_id"
    FOREIGN_SCHOOL = "foreign_school"
    GROUP_NOT_LISTED = "group_not_listed"
    CITED_GUARDIAN_LEFT = "cited_guardian_left"
    NOMENCLATURE_KEPT = "nomenclature_kept"
    UNKNOWN_DELETED = "unknown_deleted"
    UNKNOWN_MODIFIED = "unknown_modified"
    INE_TWICE = "ine_twice"
    ALL_WITHOUT_CLASS = "all_without_class"
    UAI_DIFFERS = "uai_differs"
    UNKNOWN_GUARDIAN = "unknown_guardian"
    UNKNOWN_SCHOOL = "unknown_school"


class Kept(StrEnum):
    """What an object of a delta leaves as it is, where it does not name the attribute."""

    MAIN = "main"
    """The administrative structure."""
    FUNCTIONS = "functions"
    HEAD = "head"
    LINKS = "links"
    PRINCIPAL = "principal"
    """The classes of which somebody is the main teacher."""


class Change(StrEnum):
    """What a delivery does to a person, as reports count it."""

    CREATED = "created"
    CHANGED = "changed"
    ARRIVED = "arrived"
    """In a school, from another one."""
    MOVED = "moved"
    LEAVING = "leaving"
    UNCHANGED = "unchanged"


COUNTED_CHANGES = (
    Change.CREATED, Change.CHANGED, Change.MOVED, Change.LEAVING, Change.UNCHANGED,
)  # fmt: skip
"""The columns of a report, in order."""


class RoleEnd(StrEnum):
    """Why an import ends a role that was given by hand (decision 0026)."""

    LEFT = "left"
    MOVED = "moved"
    CLASS_CLOSED = "class-closed"
