"""What the worker does for the directory."""

from directory.class_teachers.tasks import end_class_teachers
from directory.imports.deposits.tasks import IMPORT_AAF, import_aaf
from directory.lifecycle.tasks import erase_persons_who_left, look_for_leavers
from directory.sheets.tasks import purge as purge_sheet_counts

__all__ = [
    "IMPORT_AAF",
    "end_class_teachers",
    "erase_persons_who_left",
    "import_aaf",
    "look_for_leavers",
    "purge_sheet_counts",
]
