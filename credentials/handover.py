"""What the lists of files share: asking for a file, and how many are still being made."""

from __future__ import annotations

import uuid
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from credentials.enums import Purpose
from credentials.wording import EXPIRED
from directory.rights.actors import actor_of, require
from directory.rights.acts import Act
from ent.files.handoff import HAND_OVER, request_handoff
from ent.files.models import FileHandoff, StoredFile
from ent.files.responses import remember_handoff
from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.text.numbers import read_number

WAIT_SECONDS = 1
_MOST_FILES = 999_999


def hand_over(request: HttpRequest, stored_uuid: UUID, *, back: str) -> HttpResponse:
    """Ask for a file that the caller found in the actor's perimeter; *back* when it is gone."""
    stored = StoredFile.objects.alive().filter(uuid=stored_uuid).first()
    if stored is None:
        messages.warning(request, EXPIRED)
        return redirect(back)
    ticket = request_handoff(
        file=stored,
        actor=actor_of(request).uuid,
        session_key=request.session.session_key or "",
    )
    response = redirect("credentials:handover", job=ticket.job.uuid)
    remember_handoff(response, ticket)
    return response


@require_GET
def handover(request: HttpRequest, job: uuid.UUID) -> HttpResponse:
    """Wait for the worker, then let the browser fetch the file; works without a script.

    The header ``Refresh`` does the waiting: it is not an element of the page, so nothing moves
    under a screen reader once the file is there.
    """
    # Whoever handles files hands slips over too: the narrower right opens this page.
    asked = Job.objects.asked_by(require(request, Act.SLIPS).uuid).of_kind(HAND_OVER)
    found = get_object_or_404(asked, uuid=job)
    address = reverse("files:download", args=[found.params["handoff"]])
    context = {"job": found, "address": address, "back": _back_from(found)}
    response = render(request, "credentials/handover.html", context)
    if found.is_live:
        response["Refresh"] = str(WAIT_SECONDS)
    elif found.state == JobState.SUCCEEDED:
        response["Refresh"] = f"0; url={address}"
    return response


handover.is_polling = True  # type: ignore[attr-defined]


def _back_from(job: Job) -> str:
    """The list from which the file was asked for."""
    purposes = FileHandoff.objects.filter(uuid=job.params["handoff"])
    purpose = purposes.values_list("file__purpose", flat=True).first()
    return reverse("credentials:slips" if purpose == Purpose.SLIPS else "credentials:files")


def waiting_answer(request: HttpRequest, waiting: int) -> JsonResponse:
    """Say how many of the files that a list saw waiting (``?sur=``) are ready."""
    total = read_number(request.GET.get("sur", ""), most=_MOST_FILES)
    seen = waiting if total is None else max(waiting, total)
    return JsonResponse({"done": seen - waiting, "total": seen, "finished": waiting == 0})
