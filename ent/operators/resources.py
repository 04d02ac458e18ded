"""Formats of the operators' exports: what a spreadsheet would run is changed, and back on import.

django-import-export takes the « = » off and loses it; here the rule is that of every other file
(`ent.tabular.escaping`), which the same formats undo when an operator gives the file back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import tablib
from import_export.admin import ExportMixin, ImportExportModelAdmin
from import_export.formats import base_formats
from import_export.forms import ExportForm

from ent.tabular.escaping import escape_formula, unescape_formula


class _Escaped(base_formats.TablibFormat):
    """A spreadsheet's format, whose texts are never run."""

    def export_data(self, dataset: Any, **kwargs: Any) -> Any:
        """Write the table with every text escaped."""
        return super().export_data(_changed(dataset, escape_formula), **kwargs)

    def create_dataset(self, in_stream: Any, **kwargs: Any) -> Any:
        """Read a table, with the texts that were escaped as they were."""
        return _changed(super().create_dataset(in_stream, **kwargs), unescape_formula)


class EscapedCsv(_Escaped, base_formats.CSV):
    """CSV."""


class EscapedTsv(_Escaped, base_formats.TSV):
    """CSV with tabs."""


class EscapedXlsx(_Escaped, base_formats.XLSX):
    """XLSX, whose texts an office may save again as CSV."""


def _changed(dataset: Any, change: Callable[[str], str]) -> Any:
    changed = tablib.Dataset(headers=dataset.headers, title=dataset.title)
    for row in dataset:
        changed.append([change(cell) if isinstance(cell, str) else cell for cell in row])
    return changed


FORMATS: Final = [EscapedCsv, EscapedXlsx, EscapedTsv, base_formats.JSON]


class ExportedTable(ExportMixin):
    """An operators' table that may be taken out."""

    export_form_class = ExportForm  # the other one relies on inline scripts
    formats = FORMATS


class ExchangedTable(ImportExportModelAdmin):
    """An operators' table that may be taken out and given back."""

    export_form_class = ExportForm  # the other one relies on inline scripts
    formats = FORMATS
