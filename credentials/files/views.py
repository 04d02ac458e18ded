"""The desk « Fichiers des identifiants »."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    JsonResponse,
    QueryDict,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from credentials.codes.issuing import count_pending
from credentials.enums import FileFormat, FileOrigin
from credentials.files.forms import DeleteFileForm, PerimeterForm, ReissueForm
from credentials.files.listed import count_in_preparation, listed
from credentials.files.models import CredentialFile
from credentials.files.perms import manageable_files
from credentials.files.services import delete_file, request_files, try_again
from credentials.handover import hand_over, waiting_answer
from credentials.perms import schools_with_files_of
from credentials.wording import of_files
from directory.rights.actors import person_of, require
from directory.rights.acts import Act
from ent.audit.origin import Origin
from ent.pages.pagination import paginate
from ent.web.acts import asks_for_recent_proof

MOST_SCHOOLS = 1_000
WAIT_SECONDS = 1


def _posted(request: HttpRequest) -> QueryDict | None:
    """Return what was posted, None for a page that is only read."""
    return request.POST if request.method == "POST" else None


def _file(request: HttpRequest, file: uuid.UUID) -> CredentialFile:
    """Return a file of the actor's schools: any other answers like one that does not exist."""
    return get_object_or_404(manageable_files(require(request, Act.CREDENTIAL_FILES)), uuid=file)


def _files(request: HttpRequest) -> QuerySet[CredentialFile]:
    """Return the actor's files, of one school when the address names it."""
    found = manageable_files(require(request, Act.CREDENTIAL_FILES))
    uai = request.GET.get("etablissement", "")
    return found.filter(school__uai=uai) if uai else found


@require_GET
def files(request: HttpRequest) -> HttpResponse:
    """List the files, newest first; those in preparation are watched."""
    schools = schools_with_files_of(require(request, Act.CREDENTIAL_FILES)).in_name_order()
    found = _files(request)
    page = paginate(found, request.GET.get("page"), cap=None)
    context = {
        "page": page,
        "rows": listed(page.object_list),
        "schools": schools[:MOST_SCHOOLS],
        "uai": request.GET.get("etablissement", ""),
        "reset": reverse("credentials:files") if request.GET.get("etablissement") else "",
        "waiting": count_in_preparation(found),
    }
    return render(request, "credentials/files.html", context)


@require_GET
def progress(request: HttpRequest) -> JsonResponse:
    """Tell the script of the list how many of the files it saw waiting are ready."""
    return waiting_answer(request, count_in_preparation(_files(request)))


progress.is_polling = True  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def regenerate(request: HttpRequest) -> HttpResponse:
    """Print the valid codes again, for whole schools or for the accounts created since a day."""
    schools = schools_with_files_of(require(request, Act.CREDENTIAL_FILES)).in_name_order()
    form = PerimeterForm(_posted(request), schools=schools, initial=_asked_for(request.GET))
    if request.method == "POST" and form.is_valid():
        made = request_files(
            schools=form.chosen_schools,
            since=form.cleaned_data["date"],
            origin=FileOrigin.REGENERATION,
            actor=person_of(request),
            at=Origin.of(request),
        )
        messages.success(request, of_files(len(made)))
        return redirect("credentials:files")
    return render(request, "credentials/regenerate.html", {"form": form})


@require_GET
def reissue(request: HttpRequest) -> HttpResponse:
    """Choose whose codes are to be replaced; what it means is confirmed on the next page."""
    schools = schools_with_files_of(require(request, Act.CREDENTIAL_FILES)).in_name_order()
    form = PerimeterForm(request.GET or None, schools=schools)
    if request.GET and form.is_valid():
        return redirect(f"{reverse('credentials:confirm-reissue')}?{request.GET.urlencode()}")
    return render(request, "credentials/reissue.html", {"form": form})


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def confirm_reissue(request: HttpRequest) -> HttpResponse:
    """Say how many codes die, and replace them when that number has been typed.

    Slips already handed out die for good.
    """
    require(request, Act.CREDENTIAL_FILES)
    return _confirm_reissue(request)


def _confirm_reissue(request: HttpRequest) -> HttpResponse:
    schools = schools_with_files_of(require(request, Act.CREDENTIAL_FILES)).in_name_order()
    chosen = PerimeterForm(request.POST or request.GET, schools=schools)
    if not chosen.is_valid():
        return redirect("credentials:reissue")
    since = chosen.cleaned_data["date"]
    expected = count_pending(schools=chosen.chosen_schools, since=since, now=timezone.now())
    initial = _perimeter(chosen)
    form = ReissueForm(_posted(request), schools=schools, expected=expected, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = request_files(
            schools=form.chosen_schools,
            since=since,
            origin=FileOrigin.REISSUE,
            actor=person_of(request),
            at=Origin.of(request),
        )
        messages.success(request, of_files(len(made)))
        return redirect("credentials:files")
    context = {"form": form, "expected": expected, "schools": chosen.chosen_schools}
    return render(request, "credentials/confirm_reissue.html", {**context, "since": since})


def _asked_for(address: QueryDict) -> dict[str, Any]:
    """Return what a link has filled in: the school and the date of a file to make again."""
    asked = {"perimetre": address.getlist("perimetre"), "date": address.get("date")}
    return {name: value for name, value in asked.items() if value}


def _perimeter(form: PerimeterForm) -> dict[str, Any]:
    return {
        "perimetre": [school.uai for school in form.chosen_schools],
        "date": form.cleaned_data["date"],
    }


@require_POST
def retry(request: HttpRequest, file: uuid.UUID) -> HttpResponse:
    """Make again a file whose making failed."""
    found = _file(request, file)
    try_again(file=found, actor=person_of(request), at=Origin.of(request))
    messages.success(request, of_files(1))
    return redirect("credentials:files")


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def delete(request: HttpRequest, file: uuid.UUID) -> HttpResponse:
    """Delete a file after a page that says what goes and what stays."""
    found = _file(request, file)
    form = DeleteFileForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        deletion = delete_file(
            file=found,
            is_cancelling_codes=form.cleaned_data["annuler_codes"],
            actor=person_of(request),
            at=Origin.of(request),
        )
        messages.success(request, deletion.sentence)
        return redirect("credentials:files")
    return render(request, "credentials/delete.html", {"form": form, "file": found})


@require_POST
def download(request: HttpRequest, file: uuid.UUID, file_format: str) -> HttpResponse:
    """Ask a worker to hand the file over to this session; nothing standing opens it here."""
    found = _file(request, file)
    if file_format not in FileFormat.values:
        raise Http404
    stored_uuid = found.stored_uuid(FileFormat(file_format))
    if stored_uuid is None:
        raise Http404
    return hand_over(request, stored_uuid, back="credentials:files")
