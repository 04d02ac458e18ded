"""Exports of what a list shows: same columns, same scope, journaled."""

from __future__ import annotations

import io
import uuid
from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.http import Http404, HttpResponse

from directory.actors import Actor
from directory.listing import Row, build_rows
from directory.models import Person
from directory.search import COUNT_CAP
from ent.audit.enums import Act as AuditAct
from ent.audit.origin import Origin
from ent.audit.services import record
from ent.tabular import delimited, workbook
from ent.tabular.filenames import content_disposition

CSV = "csv"
XLSX = "xlsx"
EXPORT_FORMATS: Final = ((CSV, "Exporter en CSV"), (XLSX, "Exporter en XLSX (tableur)"))
NOBODY_TICKED: Final = "Cochez d’abord les personnes."
HEADER: Final = ("Nom", "Prénom", "Profil", "Classe ou fonction", "État", "Établissement")


def parse_identifiers(texts: Sequence[str]) -> list[uuid.UUID]:
    """Read UUIDs, each once; one that is none is an unknown object: 404 for all."""
    try:
        return list(dict.fromkeys(uuid.UUID(text) for text in texts))
    except ValueError as error:
        raise Http404("not an identifier") from error


def export_persons(
    *, actor: Actor, identifiers: Sequence[str], file_format: str, origin: Origin
) -> HttpResponse:
    """Return a file of these persons; one of them out of scope refuses them all (T-F3)."""
    wanted = parse_identifiers(identifiers)
    if file_format not in (CSV, XLSX) or not wanted or len(wanted) > COUNT_CAP:
        raise Http404("nothing to export")
    with transaction.atomic():
        found = list(Person.objects.visible_to(actor).filter(uuid__in=wanted).in_name_order())
        if len(found) != len(wanted):
            raise Http404("one of the persons is not there")
        rows = [_cells(row) for row in build_rows(actor, found)]
        record(
            act=AuditAct.DIRECTORY_EXPORTED,
            actor=actor.uuid,
            origin=origin,
            details={"count": len(rows), "format": file_format},
        )
    return table_response(rows, header=HEADER, name="Annuaire", file_format=file_format)


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


def _cells(row: Row) -> tuple[str, ...]:
    person = row.person
    return (
        person.family_name,
        person.given_name,
        person.get_profile_display(),
        row.detail,
        row.state_label,
        row.school.name if row.school else "",
    )
