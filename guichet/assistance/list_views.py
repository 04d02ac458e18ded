"""The helpdesk's page that assigns keys by list."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ent.audit.origin import Origin
from ent.web.acts import asks_for_recent_proof
from guichet.agents.current import agent_of
from guichet.assistance.forms import KeyListForm
from guichet.assistance.key_lists import assign_list, read_key_list
from guichet.assistance.perms import for_helpdesk
from guichet.assistance.services import DeskAct
from guichet.authority.current import current_guichet
from guichet.uploaded_lists import UnreadableList


@asks_for_recent_proof
@never_cache
@for_helpdesk
@require_http_methods(["GET", "HEAD", "POST"])
def assign_by_list(request: HttpRequest) -> HttpResponse:
    """A file of identifiers and serials: every fault by its line, or every key assigned."""
    is_posted = request.method == "POST"
    form = KeyListForm(*((request.POST, request.FILES) if is_posted else ()))
    faults: list[tuple[int, str]] = []
    if form.is_bound and form.is_valid():
        try:
            found = read_key_list(form.cleaned_data["file"])
        except UnreadableList as refused:
            form.add_error("file", str(refused))
        else:
            desk = DeskAct(
                guichet=current_guichet(), actor=agent_of(request), origin=Origin.of(request)
            )
            faults = assign_list(found, desk)
            if not faults:
                count = len(found.lines)
                words = f"{count} clés attribuées" if count > 1 else "1 clé attribuée"
                messages.success(request, f"{words}. Chaque titulaire en est averti.")
                return HttpResponseRedirect(reverse("guichet:assistance"), status=303)
    context = {"form": form, "faults": faults}
    return render(request, "guichet/assistance/assign_list.html", context)
