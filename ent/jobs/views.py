"""Following a job: a page that works without JavaScript, and JSON for the script that polls."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.jobs.perms import can_follow_job
from ent.jobs.registry import get_kind
from ent.jobs.services import request_cancel
from ent.web.acts import needs_no_recent_proof
from ent.web.people import person_uuid
from ent.web.polling import asks_by_itself


@asks_by_itself
@never_cache
@require_safe
def job_progress(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show where the job is; a job of someone else does not exist.

    While it runs the page asks again by itself: every two seconds by script, every five without one
    unless `?pause=1`.
    """
    job = _job_of(request, uuid)
    location, words, is_automatic = _next_page(job)
    if request.accepts("text/html"):
        if location and is_automatic:
            return redirect(location)
        context = {
            "job": job,
            "location": location,
            "location_words": words,
            "since": _since(job),
            "is_refreshed": job.is_live and "pause" not in request.GET,
        }
        return render(request, "jobs/progress.html", context)
    state = {
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "step": job.step or job.get_state_display(),
        "words": job.held_words or _since(job),
        "finished": not job.is_live,
        "location": location if is_automatic else "",
    }
    return JsonResponse(state)


@needs_no_recent_proof
@require_POST
def job_cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask the job to stop; what it has not committed leaves no trace."""
    job = _job_of(request, uuid)
    if request_cancel(job=job):
        messages.success(request, "L’annulation est demandée.")
    else:
        messages.info(request, "Ce travail est déjà terminé, il n’y a rien à annuler.")
    return redirect("jobs:progress", job.uuid)


def _job_of(request: HttpRequest, uuid: UUID) -> Job:
    job = Job.objects.filter(uuid=uuid).first()
    if job is None or not can_follow_job(job, person_uuid(request)):
        raise Http404
    return job


def _next_page(job: Job) -> tuple[str, str, bool]:
    """Return where the job leads once it has succeeded, with the words of the link."""
    if job.state != JobState.SUCCEEDED:
        return "", "", False
    kind = get_kind(job.kind)
    if kind.next_page is None:
        return "", "", False
    return kind.next_page(job), kind.next_words, kind.is_next_automatic


def _since(job: Job) -> str:
    """Return « depuis 42 s » while the job runs."""
    if job.state != JobState.RUNNING or job.started_at is None:
        return ""
    seconds = max(0, int((timezone.now() - job.started_at).total_seconds()))
    minutes, seconds = divmod(seconds, 60)
    return f"depuis {minutes} min {seconds:02d} s" if minutes else f"depuis {seconds} s"
