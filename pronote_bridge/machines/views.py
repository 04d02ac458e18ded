"""The address for machines: start an export, ask where it is, fetch the file; no session."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Final

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from ent.audit.origin import Origin
from ent.jobs.enums import LIVE_STATES
from ent.jobs.models import Job
from pronote_bridge.enums import ExportState
from pronote_bridge.exports.models import Export
from pronote_bridge.exports.services import request_export_of_machine
from pronote_bridge.machines.callers import CallRefused, caller_of
from pronote_bridge.machines.counting import STARTS_AN_HOUR, is_too_often
from pronote_bridge.machines.files import last_file
from pronote_bridge.machines.making import MAKE_MACHINE_EXPORT
from pronote_bridge.machines.models import MachineFileKey, MachineSecret
from signin.reachable import reachable_during_steps

HOUR: Final = timedelta(hours=1)
_NOT_SEALED: Final = (
    "Ce secret n’ouvre pas le fichier de cet export : il a été créé après. Demandez un nouvel"
    " export."
)
Answer = Callable[..., HttpResponseBase]


def _for_machines(view: Answer) -> Answer:
    """Give the view the caller's secret instead of an instance that may not exist."""

    @wraps(view)
    def called(request: HttpRequest, instance: uuid.UUID, **kwargs: object) -> HttpResponseBase:
        try:
            secret, value = caller_of(request, instance)
            return view(request, secret, value, **kwargs)
        except CallRefused as refused:
            return refused.answer

    return reachable_during_steps(login_not_required(csrf_exempt(called)))


@require_POST
@_for_machines
def start(request: HttpRequest, secret: MachineSecret, value: str) -> HttpResponseBase:
    """Start an export: 202, with the address of its state; 409 says why none can be made."""
    instance = secret.instance
    if is_too_often(f"start:{instance.uuid}", most=STARTS_AN_HOUR, within=HOUR):
        raise CallRefused(429, retry_after=int(HOUR.total_seconds()))
    try:
        export = request_export_of_machine(
            instance=instance, kind=MAKE_MACHINE_EXPORT, at=Origin.of(request)
        )
    except ValidationError as error:
        return JsonResponse({"erreur": " ".join(error.messages)}, status=409)
    state = reverse("pronote:machine-state", args=[instance.uuid, export.uuid])
    response = JsonResponse({"etat": "en-preparation", "suivi": state}, status=202)
    response["Location"] = state
    return response


@require_safe
@_for_machines
def state(
    request: HttpRequest, secret: MachineSecret, value: str, *, export: uuid.UUID
) -> HttpResponseBase:
    """Say where an export of this instance's machine is: ready once this secret opens its file."""
    asked = Export.objects.filter(uuid=export, instance=secret.instance, requested_by__isnull=True)
    # In the reverse of the worker's order, so that a job that ends meanwhile is not missed.
    job = Job.objects.filter(uuid__in=asked.values("job_uuid")).first()
    is_sealed = MachineFileKey.objects.filter(export__in=asked, secret=secret).exists()
    found = asked.first()
    if found is None:
        raise CallRefused(404)
    return _ready(found) if is_sealed else _not_ready(found, job)


def _ready(export: Export) -> JsonResponse:
    """Say where the file is, and what it holds."""
    return JsonResponse(
        {
            "etat": "pret",
            "fichier": reverse("pronote:machine-file", args=[export.instance.uuid]),
            "date": export.exported_at.isoformat() if export.exported_at else "",
            "sha256": export.sha256,
            "octets": export.size,
            "personnes": export.person_count,
        }
    )


def _not_ready(export: Export, job: Job | None) -> JsonResponse:
    """Say what becomes of an export of which no key is sealed to the caller's secret.

    The file is ready before its keys are sealed: a job that is not over still does it.
    """
    if job is not None and job.state in LIVE_STATES:
        return JsonResponse({"etat": "en-preparation"})
    error = job.error if job is not None else ""
    if export.state == ExportState.READY:
        error = error or _NOT_SEALED
    return JsonResponse({"etat": "echec", "erreur": error})


@require_safe
@_for_machines
def file(request: HttpRequest, secret: MachineSecret, value: str) -> HttpResponseBase:
    """Give the last finished file, whole or in part."""
    return last_file(request, secret, value)
