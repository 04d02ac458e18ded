"""« Messagerie »: the list, one message, acts on the ticked ones, downloads."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from directory.rights.actors import actor_of
from ent.files.handoff import request_handoff
from ent.files.models import StoredFile
from ent.files.responses import remember_handoff
from ent.pages.pagination import paginate
from ent.web.acts import needs_no_recent_proof
from messaging.enums import Folder, MailboxAct
from messaging.mailbox.forms import MailboxFilterForm
from messaging.mailbox.models import MailboxEntry, MailboxEntryQuerySet
from messaging.mailbox.services import apply_act, mark_read
from messaging.wording import FILE_GONE, NOT_THERE, NOTHING_TICKED, of_act

_KEPT = ("dossier", "q", "page")
_ACTS = {
    Folder.INBOX: (
        MailboxAct.READ,
        MailboxAct.UNREAD,
        MailboxAct.ARCHIVE,
        MailboxAct.DELETE,
    ),
    Folder.UNREAD: (MailboxAct.READ, MailboxAct.ARCHIVE, MailboxAct.DELETE),
    Folder.ARCHIVED: (MailboxAct.RESTORE, MailboxAct.DELETE),
    Folder.TRASH: (MailboxAct.RESTORE,),
}


def _own(request: HttpRequest) -> MailboxEntryQuerySet:
    """The mailbox of the person who asks; nobody else's is ever looked at."""
    return MailboxEntry.objects.of(actor_of(request).person_id)


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """List a folder, newest first, filtered by words."""
    form = MailboxFilterForm(request.GET)
    found = _own(request).in_folder(form.folder).matching(form.typed).newest_first()
    rows = found.annotate(attachment_count=Count("message__attachments"))
    page = paginate(rows, request.GET.get("page"), cap=None)
    here = reverse("messaging:mailbox")
    context: dict[str, Any] = {
        "form": form,
        "page": page,
        "folder": form.folder,
        "tabs": _tabs(form),
        "acts": [(act.value, act.label) for act in _ACTS[form.folder]],
        "reset": f"{here}?{urlencode({'dossier': form.folder.value})}" if form.typed else "",
        "kept": [(name, request.GET.get(name, "")) for name in _KEPT if request.GET.get(name)],
    }
    return render(request, "messaging/mailbox.html", context)


def _tabs(form: MailboxFilterForm) -> list[dict[str, Any]]:
    """Return the folders as links; the words that are looked for follow."""
    words = {"q": form.typed} if form.typed else {}
    return [
        {
            "label": folder.label,
            "href": f"?{urlencode({'dossier': folder.value, **words})}",
            "is_current": folder == form.folder,
        }
        for folder in Folder
    ]


@require_safe
def message(request: HttpRequest, entry: UUID) -> HttpResponse:
    """Show one message; opening it (not a HEAD) marks it as read."""
    found = get_object_or_404(_own(request).select_related("message__sender"), uuid=entry)
    if request.method == "GET":
        mark_read(entry=found)
    attachments = list(found.message.attachments.all())
    alive = set(
        StoredFile.objects.alive()
        .filter(uuid__in=[attachment.file_uuid for attachment in attachments])
        .values_list("uuid", flat=True)
    )
    context = {
        "entry": found,
        "message": found.message,
        "attachments": [(one, one.file_uuid in alive) for one in attachments],
        "acts": [(act.value, act.label) for act in _ACTS[found.folder] if act != MailboxAct.READ],
        "back": f"{reverse('messaging:mailbox')}?dossier={found.folder.value}",
    }
    return render(request, "messaging/message.html", context)


@needs_no_recent_proof
@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Do one act to the ticked messages, then show the same list again."""
    asked = request.POST.get("acte", "")
    if asked not in MailboxAct.values:
        raise Http404
    ticked = [uuid for uuid in map(_uuid, request.POST.getlist("message")) if uuid is not None]
    wanted = MailboxAct(asked)
    if not ticked:
        messages.warning(request, NOTHING_TICKED)
    else:
        count = apply_act(person_id=actor_of(request).person_id, act=wanted, entries=ticked)
        if count:
            messages.success(request, of_act(wanted, count))
        else:
            messages.warning(request, NOT_THERE)
    return HttpResponseRedirect(_list_again(request), status=303)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _list_again(request: HttpRequest) -> str:
    """The list with its filters: only what the list itself understands is kept."""
    kept = {name: value[:200] for name in _KEPT if (value := request.POST.get(f"liste-{name}", ""))}
    address = reverse("messaging:mailbox")
    return f"{address}?{urlencode(kept)}" if kept else address


@require_POST
def download(request: HttpRequest, entry: UUID, attachment: UUID) -> HttpResponseBase:
    """Ask a worker to hand the file over to this session; the right is checked again there."""
    found = get_object_or_404(_own(request), uuid=entry)
    carried = get_object_or_404(found.message.attachments.all(), uuid=attachment)
    stored = StoredFile.objects.alive().filter(uuid=carried.file_uuid).first()
    if stored is None:
        messages.warning(request, FILE_GONE)
        return redirect("messaging:message", entry=found.uuid)
    ticket = request_handoff(
        file=stored,
        actor=actor_of(request).uuid,
        session_key=request.session.session_key or "",
    )
    response = redirect("jobs:progress", ticket.job.uuid)
    remember_handoff(response, ticket)
    return response
