"""« Courriels de la démonstration »: the only page that exists in the demonstration alone."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.demo.mail import kept_messages


@login_not_required
@never_cache
@require_safe
def messages(request: HttpRequest) -> HttpResponse:
    """Show the messages kept in the folder; elsewhere the page does not exist."""
    if not settings.DEMO:
        raise Http404
    return render(request, "portal/demo_mail.html", {"messages_kept": kept_messages()})
