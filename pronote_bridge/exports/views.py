"""« Exports »: the report first, then the file, then what became of it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from directory.rights.actors import Actor, person_of, require
from directory.rights.acts import Act
from ent.audit.origin import Origin
from ent.database.ordering import folded
from ent.files.handoff import request_handoff
from ent.files.responses import remember_handoff
from ent.pages.french import number_words
from ent.pages.pagination import paginate
from ent.web.acts import asks_for_recent_proof
from pronote_bridge.enums import EnvelopeKind
from pronote_bridge.exports.forms import ExportForm
from pronote_bridge.exports.keeping import bases_of
from pronote_bridge.exports.listed import listed
from pronote_bridge.exports.models import Export
from pronote_bridge.exports.perms import visible_exports
from pronote_bridge.exports.report import Report, report_of
from pronote_bridge.exports.services import request_export, try_again
from pronote_bridge.instances.models import Instance
from pronote_bridge.instances.perms import (
    administered_schools,
    manageable_instances,
    visible_instances,
)
from pronote_bridge.vendor.services import vendor_partner

#: How many names the report shows of one thing; the rest stand on a page of their own.
FIRST_NAMES = 12


@require_GET
def exports(request: HttpRequest) -> HttpResponse:
    """The history of the actor's instances, newest first, and where a new export begins."""
    actor = require(request, Act.PRONOTE)
    page = paginate(visible_exports(actor), request.GET.get("page"))
    context = {
        "page": page,
        "rows": listed(page.object_list),
        "instances": visible_instances(actor).order_by(folded("name"), "pk"),
        "partner": vendor_partner(),
    }
    return render(request, "pronote_bridge/exports.html", context)


@require_GET
def report(request: HttpRequest, instance: uuid.UUID) -> HttpResponse:
    """What an export of this moment would leave out, and what will not match alone."""
    actor = require(request, Act.PRONOTE)
    found = get_object_or_404(visible_instances(actor), uuid=instance)
    told = _report(actor, found)
    context: dict[str, Any] = {
        "instance": found,
        "report": told,
        "is_whole": manageable_instances(actor).filter(pk=found.pk).exists(),
        "first": f":{FIRST_NAMES}",
        "first_count": FIRST_NAMES,
    }
    context["figures"] = [
        *((kind.label, count) for kind, count in told.counts.items()),
        ("Laissés de côté", told.left_out_count, "warn" if told.left_out_count else "neutral"),
    ]
    return render(request, "pronote_bridge/report.html", context)


@require_GET
def section(request: HttpRequest, instance: uuid.UUID, code: str) -> HttpResponse:
    """Everybody of whom the report says one thing."""
    actor = require(request, Act.PRONOTE)
    found = get_object_or_404(visible_instances(actor), uuid=instance)
    told = _report(actor, found).section(code)
    if told is None:
        raise Http404
    context = {
        "instance": found,
        "section": told,
        "page": paginate(told.people, request.GET.get("page")),
    }
    return render(request, "pronote_bridge/report_section.html", context)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def ask(request: HttpRequest, instance: uuid.UUID) -> HttpResponse:
    """Ask for a file; a worker makes it."""
    actor = require(request, Act.PRONOTE)
    found = get_object_or_404(manageable_instances(actor), uuid=instance)
    form = ExportForm(
        request.POST if request.method == "POST" else None,
        bases=bases_of(found.pk),
        envelope=EnvelopeKind(vendor_partner().envelope),
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = request_export(
                instance=found,
                base=form.base,
                envelope=form.envelope,
                actor=person_of(request),
                at=Origin.of(request),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("jobs:progress", made.job_uuid)
    return render(request, "pronote_bridge/export_ask.html", {"form": form, "instance": found})


@require_GET
def export(request: HttpRequest, export: uuid.UUID) -> HttpResponse:
    """One export: what it held, its checksum, and the file while it is there."""
    return render(request, "pronote_bridge/export.html", _context(request, export))


@require_POST
def retry(request: HttpRequest, export: uuid.UUID) -> HttpResponse:
    """Make again an export whose making failed."""
    found = _export(request, export)
    job = try_again(export=found, actor=person_of(request), at=Origin.of(request))
    return redirect("jobs:progress", job.uuid)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def download(request: HttpRequest, export: uuid.UUID) -> HttpResponse:
    """Remind of what surrounds the import, then hand the file over to this session."""
    _export(request, export)
    return _download(request, export)


def _download(request: HttpRequest, export: uuid.UUID) -> HttpResponse:
    found = _export(request, export)
    stored = found.stored_file()
    if stored is None:
        messages.warning(
            request, "Ce fichier n’est plus là\u00a0: un fichier ne se télécharge qu’une fois."
        )
        return redirect("pronote:export", found.uuid)
    if request.method == "GET":
        context = _context(request, export)
        return render(request, "pronote_bridge/export_download.html", context)
    ticket = request_handoff(
        file=stored,
        actor=person_of(request).uuid,
        session_key=request.session.session_key or "",
    )
    response = redirect("jobs:progress", ticket.job.uuid)
    remember_handoff(response, ticket)
    return response


def _export(request: HttpRequest, export: uuid.UUID) -> Export:
    """An export of the actor's instances: any other answers like one that does not exist."""
    return get_object_or_404(visible_exports(require(request, Act.PRONOTE)), uuid=export)


def _context(request: HttpRequest, export: uuid.UUID) -> dict[str, Any]:
    (row,) = listed([_export(request, export)])
    found = row.export
    return {
        "row": row,
        "export": found,
        "partner": vendor_partner(),
        "figures": [
            ("Personnels", found.staff_count),
            ("Professeurs", found.teacher_count),
            ("Responsables", found.guardian_count),
            ("Élèves", found.pupil_count),
        ],
        "facts": _facts(found) if found.exported_at is not None else [],
    }


def _facts(export: Export) -> list[tuple[str, str]]:
    got = export.downloaded_at
    return [
        ("Date de l’export", f"{localtime(export.exported_at):%d/%m/%Y %H:%M:%S}"),
        ("Enveloppe", str(export.get_envelope_display())),
        ("Clé de l’éditeur", export.fingerprint),
        ("Somme de contrôle (SHA-256)", export.sha256),
        ("Taille", f"{number_words(export.size)} octets"),
        (
            "Téléchargé",
            f"le {localtime(got):%d/%m/%Y à %H:%M}" if got is not None else "Pas encore",
        ),
    ]


def _report(actor: Actor, instance: Instance) -> Report:
    last = Export.objects.downloaded().filter(instance=instance).first()
    return report_of(instance, seen=administered_schools(actor), base=last)
