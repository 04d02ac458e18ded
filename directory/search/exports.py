"""Exports of what a list shows: same columns, same scope, journaled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.http import Http404, HttpResponse

from directory.rights.actors import Actor
from directory.rights.walls import visible_persons
from directory.search.listing import PersonRow, build_rows
from directory.search.ticked import parse_identifiers
from ent.audit.enums import Act as AuditAct
from ent.audit.origin import Origin
from ent.audit.services import record
from ent.pages.pagination import COUNT_CAP
from ent.tabular.responses import CSV, XLSX, table_response

HEADER: Final = ("Nom", "Prénom", "Profil", "Classe ou fonction", "État", "Établissement")


def export_persons(
    *, actor: Actor, identifiers: Sequence[str], file_format: str, origin: Origin
) -> HttpResponse:
    """Return a file of these persons; one of them out of scope refuses them all (T-F3)."""
    wanted = parse_identifiers(identifiers)
    if file_format not in (CSV, XLSX) or not wanted or len(wanted) > COUNT_CAP:
        raise Http404("nothing to export")
    with transaction.atomic():
        found = list(visible_persons(actor).filter(uuid__in=wanted).in_name_order())
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


def _cells(row: PersonRow) -> tuple[str, ...]:
    person = row.person
    return (
        person.family_name,
        person.given_name,
        person.get_profile_display(),
        row.detail,
        row.state_label,
        row.school.name if row.school else "",
    )
