"""« Courriels de la démonstration »: the only page that exists in the demonstration alone."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from demo.mail import kept_messages


@login_not_required
@never_cache
@require_safe
def messages(request: HttpRequest) -> HttpResponse:
    """Show the messages kept in the folder."""
    return render(request, "demo/mail.html", {"messages_kept": kept_messages()})
