"""« Rapprochement à blanc » of an instance: lists in, what Pronote would do, pairs by hand."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from directory.rights.actors import person_of, require
from directory.rights.acts import Act
from ent.audit.origin import Origin
from ent.jobs.models import Job
from ent.pages.pagination import paginate
from ent.tabular.responses import CSV, EXPORT_FORMATS, XLSX, table_response
from ent.web.acts import asks_for_recent_proof
from pronote_bridge.dry_run.absent import absent_people
from pronote_bridge.dry_run.candidates import File, file_of, found_by, likely, person_of_file
from pronote_bridge.dry_run.enums import ListState, RunState
from pronote_bridge.dry_run.exporting import HEADER, result_rows
from pronote_bridge.dry_run.forms import ColumnsForm, DepositForm, LinesForm
from pronote_bridge.dry_run.listed import ListedRun, lines_of, listed, populations
from pronote_bridge.dry_run.models import DryRun, DryRunLine, DryRunLineQuerySet, HandPairing
from pronote_bridge.dry_run.pairing import PairingRefused, pair_by_hand, undo_pairing
from pronote_bridge.dry_run.perms import comparable_runs, pairable_lines, removable_pairings
from pronote_bridge.dry_run.services import (
    ListsGone,
    correct_columns,
    delete_dry_run,
    journal_export,
    request_dry_run,
    try_again,
)
from pronote_bridge.instances.models import Instance
from pronote_bridge.instances.perms import manageable_instances

_GONE = (
    "Les listes déposées ont été effacées au bout d’un jour. Exportez-les de Pronote et "
    "déposez-les de nouveau."
)


def _instance(request: HttpRequest, instance: uuid.UUID) -> Instance:
    """Return an instance of which the actor administers every school; another does not exist."""
    return get_object_or_404(manageable_instances(require(request, Act.PRONOTE)), uuid=instance)


def _run(request: HttpRequest, run: uuid.UUID) -> DryRun:
    """Return a dry run of these instances; another does not exist."""
    return get_object_or_404(comparable_runs(require(request, Act.PRONOTE)), uuid=run)


@require_GET
def dry_runs(request: HttpRequest, instance: uuid.UUID) -> HttpResponse:
    """The dry runs of an instance, newest first."""
    found = _instance(request, instance)
    page = paginate(found.dry_runs.prefetch_related("lists"), request.GET.get("page"), cap=None)
    context = {
        "instance": found,
        "page": page,
        "rows": [ListedRun(dry_run, populations(dry_run)) for dry_run in page.object_list],
        "pairing_count": found.hand_pairings.count(),
    }
    return render(request, "pronote_bridge/dry_run/runs.html", context)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def deposit(request: HttpRequest, instance: uuid.UUID) -> HttpResponse:
    """Receive Pronote's lists and compare them; a proof asked afterwards would lose the files."""
    found = _instance(request, instance)
    is_posted = request.method == "POST"
    form = DepositForm(request.POST, request.FILES) if is_posted else DepositForm()
    if is_posted and form.is_valid():
        dry_run = request_dry_run(
            instance=found,
            files=form.files_by_kind,
            actor=person_of(request),
            at=Origin.of(request),
        )
        return redirect("jobs:progress", dry_run.job_uuid)
    context = {"instance": found, "form": form}
    return render(request, "pronote_bridge/dry_run/deposit.html", context)


@require_GET
def dry_run_page(request: HttpRequest, run: uuid.UUID) -> HttpResponse:
    """One dry run: numbers by population, then the lines that one asks for."""
    found = _run(request, run)
    form, job = LinesForm(request.GET), Job.objects.filter(uuid=found.job_uuid).first()
    if found.state == RunState.WAITING and not found.has_failed(job):
        return redirect("jobs:progress", found.job_uuid)
    page = paginate(_lines(found, form), request.GET.get("page"), cap=None)
    lists = populations(found)
    context = {
        "dry_run": found,
        "job": job,
        "has_failed": found.has_failed(job),
        "populations": lists,
        "is_any_compared": any(one.is_compared for one in lists),
        "form": form,
        "page": page,
        "rows": listed(page.object_list, require(request, Act.PRONOTE)),
        "query": request.GET.urlencode(),
        "reset": f"{request.path}#lignes" if request.GET else "",
        "formats": EXPORT_FORMATS,
    }
    return render(request, "pronote_bridge/dry_run/run.html", context)


def _lines(dry_run: DryRun, form: LinesForm) -> DryRunLineQuerySet:
    return lines_of(dry_run, kind=form.kind, situation=form.chosen, typed=form.typed)


@require_GET
def absent(request: HttpRequest, run: uuid.UUID, kind: str) -> HttpResponse:
    """The people of the file whom no line of a list is."""
    found = _run(request, run)
    if not found.is_open:
        raise Http404
    source = get_object_or_404(found.lists.filter(state=ListState.COMPARED), kind=kind)
    people = absent_people(source, require(request, Act.PRONOTE))
    page = paginate(people, request.GET.get("page"), cap=None)
    context = {"dry_run": found, "source": source, "page": page}
    return render(request, "pronote_bridge/dry_run/absent.html", context)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def columns(request: HttpRequest, run: uuid.UUID, kind: str) -> HttpResponse:
    """Say what the columns of a list hold; kept for the lists of the same titles."""
    found = _run(request, run)
    source = get_object_or_404(found.lists.exclude(header=[]), kind=kind)
    if found.state == RunState.WAITING:  # being compared: the page of its progress leads back
        return redirect("pronote:dry-run", found.uuid)
    form = ColumnsForm(request.POST if request.method == "POST" else None, source=source)
    if request.method == "POST" and form.is_valid():
        try:
            dry_run = correct_columns(
                source=source,
                columns=form.columns,
                actor=person_of(request),
                at=Origin.of(request),
            )
        except ListsGone:
            messages.error(request, _GONE)
            return redirect("pronote:dry-run", found.uuid)
        return redirect("jobs:progress", dry_run.job_uuid)
    context = {"dry_run": found, "source": source, "form": form}
    return render(request, "pronote_bridge/dry_run/columns.html", context)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def pair(request: HttpRequest, line: uuid.UUID) -> HttpResponse:
    """Choose whom a line is, among the likely ones or by name."""
    actor = require(request, Act.PRONOTE)
    found = get_object_or_404(pairable_lines(actor), uuid=line)
    file = file_of(found)
    if request.method == "POST":
        return _paired(request, found, file)
    typed = request.GET.get("nom", "")
    context = {
        "line": found,
        "likely": likely(found, file, actor),
        "typed": typed,
        "kept": [pair for pair in request.GET.items() if pair[0] != "nom"],
        "found": found_by(typed, found, file, actor),
        "back": _back_to(request, found.source.dry_run),
    }
    return render(request, "pronote_bridge/dry_run/pair.html", context)


def _paired(request: HttpRequest, line: DryRunLine, file: File) -> HttpResponse:
    """Pair the line with the person who was posted: somebody of the file, or nobody."""
    person = person_of_file(request.POST.get("personne", ""), file, require(request, Act.PRONOTE))
    if person is None:
        raise Http404
    try:
        pair_by_hand(line=line, person=person, actor=person_of(request), at=Origin.of(request))
    except PairingRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{line.name} est rapproché de {person.full_name}.")
    return redirect(_back_to(request, line.source.dry_run))


@require_POST
def unpair(request: HttpRequest, pairing: uuid.UUID) -> HttpResponse:
    """Undo a pair made by hand."""
    found = get_object_or_404(removable_pairings(require(request, Act.PRONOTE)), uuid=pairing)
    undo_pairing(pairing=found, actor=person_of(request), at=Origin.of(request))
    messages.success(request, f"Le rapprochement de {found.line_name} est annulé.")
    if "retour" in request.GET:  # from the lines of a dry run
        return redirect(_back_to(request, _run(request, _uuid(request.GET["retour"]))))
    return redirect("pronote:hand-pairings", found.instance.uuid)


@require_GET
def hand_pairings(request: HttpRequest, instance: uuid.UUID) -> HttpResponse:
    """The pairs made by hand that the next dry runs will use."""
    found = _instance(request, instance)
    kept = HandPairing.objects.filter(instance=found).select_related("person")
    page = paginate(kept, request.GET.get("page"), cap=None)
    context = {"instance": found, "page": page}
    return render(request, "pronote_bridge/dry_run/pairings.html", context)


@require_POST
@asks_for_recent_proof
def export(request: HttpRequest, run: uuid.UUID, file_format: str) -> HttpResponse:
    """Save the lines that the page shows; a proof is asked for, since they name people."""
    found = _run(request, run)
    if file_format not in {CSV, XLSX} or not found.is_open:
        raise Http404
    lines = _lines(found, LinesForm(request.GET))
    rows = list(result_rows(lines, require(request, Act.PRONOTE)))
    journal_export(
        dry_run=found,
        count=len(rows),
        file_format=file_format,
        actor=person_of(request),
        at=Origin.of(request),
    )
    name = f"Rapprochement-a-blanc-{found.instance.key_school.uai}"
    return table_response(rows, header=HEADER, name=name, file_format=file_format)


@require_POST
def again(request: HttpRequest, run: uuid.UUID) -> HttpResponse:
    """Compare once more the lists of a dry run whose work stopped."""
    found = _run(request, run)
    try:
        dry_run = try_again(dry_run=found, actor=person_of(request), at=Origin.of(request))
    except ListsGone:
        messages.error(request, _GONE)
        return redirect("pronote:dry-run", found.uuid)
    return redirect("jobs:progress", dry_run.job_uuid)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def delete(request: HttpRequest, run: uuid.UUID) -> HttpResponse:
    """Delete a dry run now, after a page that says what goes and what stays."""
    found = _run(request, run)
    if request.method == "POST":
        delete_dry_run(dry_run=found, actor=person_of(request), at=Origin.of(request))
        messages.success(request, "Les listes et leurs lignes sont effacées.")
        return redirect("pronote:dry-runs", found.instance.uuid)
    return render(request, "pronote_bridge/dry_run/delete.html", {"dry_run": found})


def _back_to(request: HttpRequest, dry_run: DryRun) -> str:
    """Return the page of a dry run under the filters that the address carries."""
    kept = request.GET.copy()
    for name in ("nom", "retour"):
        kept.pop(name, None)
    query = f"?{kept.urlencode()}" if kept else ""
    return f"{reverse('pronote:dry-run', args=[dry_run.uuid])}{query}#lignes"


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None
