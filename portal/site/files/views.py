"""« Fichiers » of a site's editors, and the address at which a file is read."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ent.pages.pagination import paginate
from ent.web.acts import asks_for_recent_proof
from portal.addresses import is_on_school_host
from portal.chrome import is_signed_in
from portal.enums import FileKind
from portal.models import SiteFile
from portal.site.files.forms import FileForm, UploadForm
from portal.site.files.readers import public_files, readable_files
from portal.site.files.services import add_file, change_file, delete_file
from portal.site.managed import edited, page_context, posted

_ANIMATED: Final = "L’image était animée\u00a0: sa première vue est gardée."


@login_not_required
@require_safe
def serve(request: HttpRequest, file_uuid: UUID) -> HttpResponse:
    """Give a file to whoever may read a text that cites it, judged at each request."""
    tag = f'"{file_uuid.hex}"'
    found = public_files().filter(uuid=file_uuid)
    is_public = found.exists()
    if not is_public:
        if is_on_school_host(request) or not is_signed_in(request):
            raise Http404
        found = readable_files(request).filter(uuid=file_uuid)
    kept = tag in request.META.get("HTTP_IF_NONE_MATCH", "")
    file = found.defer("data").first() if kept else found.first()
    if file is None:
        raise Http404
    response: HttpResponse
    if kept:
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(bytes(file.data), content_type=file.content_type)
    is_document = file.kind == FileKind.DOCUMENT
    disposition = content_disposition_header(is_document, file.name)
    response.headers["Content-Disposition"] = disposition or "attachment"
    response.headers["Cache-Control"] = "public, no-cache" if is_public else "private, no-store"
    if is_public:
        response.headers["ETag"] = tag
    return response


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def files(request: HttpRequest, uai: str) -> HttpResponse:
    """List the files, and add one."""
    by, school = edited(request, uai)
    files_sent = request.FILES if request.method == "POST" else None
    form = UploadForm(posted(request), files_sent)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        file = add_file(
            school=school,
            read=data["file"],
            alternative=data["alternative"],
            is_decorative=data["is_decorative"] and data["file"].kind == FileKind.PICTURE,
            is_listed=data["is_listed"],
            by=by,
        )
        messages.success(request, f"«\u00a0{file.name}\u00a0» est déposé.")
        if data["file"].is_animated:
            messages.info(request, _ANIMATED)
        return redirect("portal:site-files", school.uai)
    found = SiteFile.objects.filter(school=school).defer("data").annotate(uses=Count("citations"))
    found = found.order_by("-created_at", "-pk")
    page = paginate(found, request.GET.get("page"), cap=None)
    return render(request, "portal/site/files.html", page_context(school, form=form, page=page))


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def change(request: HttpRequest, uai: str, file: UUID) -> HttpResponse:
    """Describe a picture, list a document; how a text cites it."""
    by, school = edited(request, uai)
    found = get_object_or_404(SiteFile.objects.defer("data"), school=school, uuid=file)
    initial = {
        "alternative": found.alternative,
        "is_decorative": found.is_decorative,
        "is_listed": found.is_listed,
    }
    form = FileForm(posted(request), file=found, initial=initial)
    if request.method == "POST" and form.is_valid():
        change_file(file=found, changes=form.cleaned_data, by=by)
        messages.success(request, "Le fichier est modifié.")
        return redirect("portal:site-files", school.uai)
    context = page_context(school, form=form, file=found, uses=found.citations.count())
    return render(request, "portal/site/file.html", context)


@require_POST
@asks_for_recent_proof
def delete(request: HttpRequest, uai: str, file: UUID) -> HttpResponse:
    """Delete a file that no text cites."""
    by, school = edited(request, uai)
    found = get_object_or_404(SiteFile.objects.defer("data"), school=school, uuid=file)
    if delete_file(file=found, by=by):
        messages.success(request, "Le fichier est supprimé.")
    else:
        messages.error(request, "Un texte cite encore ce fichier\u00a0: retirez-le d’abord de là.")
    return redirect("portal:site-files", school.uai)
