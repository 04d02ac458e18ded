"""A table as a file to save: CSV or XLSX."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from django.http import HttpResponse

from ent.tabular import delimited, workbook
from ent.tabular.filenames import content_disposition

CSV: Final = "csv"
XLSX: Final = "xlsx"
EXPORT_FORMATS: Final = ((CSV, "Exporter en CSV"), (XLSX, "Exporter en XLSX (tableur)"))


def table_response(
    rows: Sequence[Sequence[str]], *, header: Sequence[str], name: str, file_format: str
) -> HttpResponse:
    """Return rows as a file to save, never kept by a browser."""
    target = io.BytesIO()
    if file_format == XLSX:
        book = workbook.WorkbookWriter(target.write, header=header, title=name)
        book.write_rows(rows)
        book.close()
    else:
        lines = delimited.DelimitedWriter(target.write, header=header)
        lines.write_rows(rows)
        lines.close()
    content_type = workbook.CONTENT_TYPE if file_format == XLSX else delimited.CONTENT_TYPE
    return HttpResponse(
        target.getvalue(),
        content_type=content_type,
        headers={
            "Content-Disposition": content_disposition(f"{name}.{file_format}"),
            "Cache-Control": "no-store, private",
        },
    )
