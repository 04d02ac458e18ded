"""« Annuaire > Administration > Imports »: deposit, preview, confirmation, progress, report."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from directory.actors import Actor, require
from directory.acts import Act
from directory.exports import CSV, XLSX, table_response
from directory.imports.deposits import abandon, ask_application, deposit
from directory.imports.enums import OVER, AnomalySeverity, DeliveryState
from directory.imports.forms import ApplicationForm, DepositForm
from directory.imports.models import Delivery
from directory.imports.perms import importable_authorities, visible_deliveries
from directory.imports.preview import (
    anomaly_groups,
    anomaly_rows,
    confirmation_of,
    freshness,
    report_of,
)
from ent.audit.origin import Origin
from ent.jobs.models import Job
from ent.polling import asks_by_itself

PER_PAGE = 20
ANOMALIES_PER_PAGE = 50
APPLICABLE = (DeliveryState.PREVIEWED, DeliveryState.HELD)


def _actor(request: HttpRequest) -> Actor:
    return require(request, Act.IMPORT)


def _delivery(request: HttpRequest, delivery: uuid.UUID) -> Delivery:
    """A delivery of the actor's authorities: any other answers like one that does not exist."""
    return get_object_or_404(visible_deliveries(_actor(request)), uuid=delivery)


def _job(delivery: Delivery) -> Job | None:
    return Job.objects.filter(uuid=delivery.job_uuid).first() if delivery.job_uuid else None


@require_GET
def imports(request: HttpRequest) -> HttpResponse:
    """The ledger: every delivery, and how old the last complete set of each authority is."""
    actor = _actor(request)
    page = Paginator(visible_deliveries(actor), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "freshness": freshness(importable_authorities(actor))}
    return render(request, "directory/imports/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def deposit_files(request: HttpRequest) -> HttpResponse:
    """Receive a delivery and start its preview."""
    actor = _actor(request)
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
    """What the page shows; once applied only upkeep runs, which nobody needs to watch."""
    job = _job(found)
    is_running = job is not None and job.is_live and found.state not in OVER
    if job is not None and is_running:
        found.state = DeliveryState.APPLYING if job.params["apply"] else DeliveryState.PREVIEWING
    return {
        "delivery": found,
        "job": job,
        "since": "",
        "is_running": is_running,
        "is_refreshed": is_running,
        "is_applicable": found.state in APPLICABLE and not is_running and bool(found.uploads),
        "is_held": found.state == DeliveryState.HELD,
        "confirmation": confirmation_of(found, job, reader=_actor(request)),
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
        messages.error(request, "Cette livraison ne peut pas être appliquée maintenant.")
        return redirect("directory:import", found.uuid)
    form = ApplicationForm(
        request.POST, leaving=found.guard.get("leaving", 0), is_held=context["is_held"]
    )
    if not form.is_valid():
        return render(request, "directory/imports/delivery.html", _context(request, found, form))
    ask_application(
        delivery=found,
        actor=_actor(request).uuid,
        token=str(found.guard.get("token", "")) if context["is_held"] else "",
        origin=Origin.of(request),
    )
    messages.success(request, "L’import est lancé.")
    return redirect("directory:import", found.uuid)


@require_POST
def abandon_delivery(request: HttpRequest, delivery: uuid.UUID) -> HttpResponse:
    """Give up a delivery that was only previewed."""
    found = _delivery(request, delivery)
    if not _context(request, found)["is_applicable"]:
        messages.error(request, "Cette livraison n’est plus en attente.")
        return redirect("directory:import", found.uuid)
    abandon(delivery=found, actor=_actor(request).uuid, origin=Origin.of(request))
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
    page = Paginator(listed, ANOMALIES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "delivery": found,
        "page": page,
        "severity": severity,
        "severities": AnomalySeverity.choices,
    }
    return render(request, "directory/imports/anomalies.html", context)


@require_GET
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
