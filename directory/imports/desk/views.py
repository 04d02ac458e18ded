"""« Annuaire > Administration > Imports »: deposit, preview, confirmation, progress, report."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from directory.enums import AnomalySeverity, DeliveryState
from directory.imports.deposits.perms import importable_authorities, visible_deliveries
from directory.imports.deposits.services import (
    NotWaiting,
    abandon,
    ask_application,
    ask_preview_again,
    can_be_applied,
    can_be_previewed_again,
    deposit,
    is_worked_on,
    job_of,
)
from directory.imports.desk.forms import ApplicationForm, DepositForm
from directory.imports.reports.screens import (
    anomaly_groups,
    anomaly_rows,
    confirmation_of,
    freshness,
    report_of,
)
from directory.models.deliveries import Delivery
from directory.rights.actors import require
from directory.rights.acts import Act
from ent.audit.origin import Origin
from ent.pages.pagination import paginate
from ent.tabular.responses import CSV, XLSX, table_response
from ent.web.acts import asks_for_recent_proof
from ent.web.body_size import takes_large_files
from ent.web.polling import asks_by_itself

ANOMALIES_PER_PAGE = 50
TAKEN = "Cette livraison n’attend plus de décision\u00a0: quelqu’un d’autre l’a peut-être prise."


def _delivery(request: HttpRequest, delivery: uuid.UUID) -> Delivery:
    """A delivery of the actor's authorities: any other answers like one that does not exist."""
    return get_object_or_404(visible_deliveries(require(request, Act.IMPORT)), uuid=delivery)


@require_GET
def imports(request: HttpRequest) -> HttpResponse:
    """The ledger: every delivery, and how old the last complete set of each authority is."""
    actor = require(request, Act.IMPORT)
    page = paginate(visible_deliveries(actor), request.GET.get("page"), cap=None)
    context = {"page": page, "freshness": freshness(importable_authorities(actor))}
    return render(request, "directory/imports/list.html", context)


@takes_large_files
@require_http_methods(["GET", "HEAD", "POST"])
@asks_for_recent_proof
def deposit_files(request: HttpRequest) -> HttpResponse:
    """Receive a delivery and start its preview."""
    actor = require(request, Act.IMPORT)
    form = DepositForm(
        request.POST or None, request.FILES or None, authorities=importable_authorities(actor)
    )
    if request.method == "POST" and form.is_valid():
        delivery = deposit(
            authority=form.cleaned_data["autorite"],
            files=form.cleaned_data["fichiers"],
            actor=actor.uuid,
            origin=Origin.of(request),
        )
        messages.success(request, "La livraison est déposée, son aperçu se prépare.")
        return redirect("directory:import", delivery.uuid)
    return render(request, "directory/imports/deposit.html", {"form": form})


@asks_by_itself
@require_GET
def delivery_page(request: HttpRequest, delivery: uuid.UUID) -> HttpResponse:
    """One delivery: progress while a job runs, then preview or report."""
    found = _delivery(request, delivery)
    return render(request, "directory/imports/delivery.html", _context(request, found))


def _context(
    request: HttpRequest, found: Delivery, form: ApplicationForm | None = None
) -> dict[str, Any]:
    """What the page shows."""
    job = job_of(found)
    is_running = is_worked_on(found, job)
    is_applicable = can_be_applied(found, job)
    is_restartable = can_be_previewed_again(found, job)
    if job is not None and is_running:
        found.state = DeliveryState.APPLYING if job.params["apply"] else DeliveryState.PREVIEWING
    return {
        "delivery": found,
        "job": job,
        "since": "",
        "is_running": is_running,
        "is_refreshed": is_running,
        "is_applicable": is_applicable,
        "is_restartable": is_restartable,
        "is_held": found.state == DeliveryState.HELD,
        "confirmation": confirmation_of(found, job, reader=require(request, Act.IMPORT)),
        "report": report_of(found),
        "groups": anomaly_groups(found),
        "form": form
        or ApplicationForm(
            leaving=found.guard.get("leaving", 0), is_held=found.state == DeliveryState.HELD
        ),
    }


@require_POST
def apply_delivery(request: HttpRequest, delivery: uuid.UUID) -> HttpResponse:
    """Start the application of a previewed delivery; held departures need their number."""
    found = _delivery(request, delivery)
    context = _context(request, found)
    if not context["is_applicable"]:
        return _decided_already(request, found)
    form = ApplicationForm(
        request.POST, leaving=found.guard.get("leaving", 0), is_held=context["is_held"]
    )
    if not form.is_valid():
        return render(request, "directory/imports/delivery.html", _context(request, found, form))
    token = str(found.guard.get("token", "")) if context["is_held"] else ""
    try:
        ask_application(
            delivery=found,
            actor=require(request, Act.IMPORT).uuid,
            token=token,
            origin=Origin.of(request),
        )
    except NotWaiting:
        return _decided_already(request, found)
    messages.success(request, "L’import est lancé.")
    return redirect("directory:import", found.uuid)


def _decided_already(request: HttpRequest, found: Delivery) -> HttpResponse:
    """Say what was decided before: by oneself, with the other of two clicks, it is no error."""
    found.refresh_from_db()
    job = job_of(found)
    actor = require(request, Act.IMPORT).uuid
    if found.state == DeliveryState.ABANDONED:
        messages.info(request, "Cette livraison est abandonnée, ses fichiers sont détruits.")
        return redirect("directory:imports")
    is_own = job is not None and job.actor == actor
    if is_own and found.state == DeliveryState.APPLIED:
        messages.info(request, "Vous avez déjà lancé cet import\u00a0: il est fait.")
    elif job is not None and is_own and is_worked_on(found, job):
        what = "lancé cet import" if job.params["apply"] else "demandé cet aperçu"
        messages.info(request, f"Vous avez déjà {what}\u00a0: le voici.")
    else:
        messages.error(request, TAKEN)
    return redirect("directory:import", found.uuid)


@require_POST
def restart_delivery(request: HttpRequest, delivery: uuid.UUID) -> HttpResponse:
    """Preview again the files of a delivery whose job stopped."""
    found = _delivery(request, delivery)
    try:
        ask_preview_again(
            delivery=found, actor=require(request, Act.IMPORT).uuid, origin=Origin.of(request)
        )
    except NotWaiting:
        return _decided_already(request, found)
    messages.success(request, "L’aperçu se prépare de nouveau.")
    return redirect("directory:import", found.uuid)


@require_POST
def abandon_delivery(request: HttpRequest, delivery: uuid.UUID) -> HttpResponse:
    """Give up a delivery that nobody is applying."""
    found = _delivery(request, delivery)
    try:
        abandon(delivery=found, actor=require(request, Act.IMPORT).uuid, origin=Origin.of(request))
    except NotWaiting:
        return _decided_already(request, found)
    messages.success(request, "La livraison est abandonnée, ses fichiers sont détruits.")
    return redirect("directory:imports")


@require_GET
def anomalies(request: HttpRequest, delivery: uuid.UUID) -> HttpResponse:
    """Every anomaly, filtered by severity, fifty a page."""
    found = _delivery(request, delivery)
    severity = request.GET.get("gravite", "")
    listed = found.anomalies.all()
    if severity in AnomalySeverity.values:
        listed = listed.filter(severity=severity)
    page = paginate(listed, request.GET.get("page"), size=ANOMALIES_PER_PAGE, cap=None)
    context = {
        "delivery": found,
        "page": page,
        "severity": severity,
        "severities": AnomalySeverity.choices,
    }
    return render(request, "directory/imports/anomalies.html", context)


@require_GET
@asks_for_recent_proof
def export_anomalies(request: HttpRequest, delivery: uuid.UUID, file_format: str) -> HttpResponse:
    """All the anomalies as a spreadsheet: file, line, object, reason."""
    found = _delivery(request, delivery)
    if file_format not in (CSV, XLSX):
        raise Http404("no such format")
    day = timezone.localtime(found.created_at).strftime("%Y-%m-%d")
    return table_response(
        anomaly_rows(found),
        header=("Gravité", "Fichier", "Ligne", "Objet", "UAI", "Explication", "Code"),
        name=f"Anomalies {found.authority.code} {day}",
        file_format=file_format,
    )
